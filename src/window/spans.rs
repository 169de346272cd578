//! Sets of moments as sorted lists of spans that neither overlap nor touch.

use crate::domain::{Span, Wall};
use std::time::Duration;

/// Adds a span, merging what it overlaps or touches.
pub fn insert(spans: &mut Vec<Span>, span: Span) {
    if span.to <= span.from {
        return;
    }
    match spans.last_mut() {
        // Most spans come in their order, each where the one before ends.
        Some(newest) if newest.from <= span.from && span.from <= newest.to => {
            newest.to = newest.to.max(span.to);
            return;
        }
        Some(newest) if newest.to < span.from => return spans.push(span),
        _ => {}
    }
    let first = spans.partition_point(|known| known.to < span.from);
    let last = spans.partition_point(|known| known.from <= span.to);
    let merged = spans[first..last]
        .iter()
        .fold(span, |sum, known| Span { from: sum.from.min(known.from), to: sum.to.max(known.to) });
    spans.splice(first..last, [merged]);
}

/// Takes a span out.
pub fn remove(spans: &mut Vec<Span>, span: Span) {
    if span.to <= span.from {
        return;
    }
    let first = spans.partition_point(|known| known.to <= span.from);
    let last = spans.partition_point(|known| known.from < span.to);
    if first >= last {
        return;
    }
    let head = Span { from: spans[first].from, to: span.from };
    let tail = Span { from: span.to, to: spans[last - 1].to };
    spans.splice(first..last, [head, tail].into_iter().filter(|rest| rest.from < rest.to));
}

/// What lies in both sets.
pub fn intersection(left: &[Span], right: &[Span]) -> Vec<Span> {
    let mut both = Vec::new();
    let (mut l, mut r) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(&&a), Some(&&b)) = (l.peek(), r.peek()) {
        both.extend(a.overlap(b));
        if a.to <= b.to {
            l.next();
        } else {
            r.next();
        }
    }
    both
}

/// What lies in the first set and not in the second.
pub fn difference(left: &[Span], right: &[Span]) -> Vec<Span> {
    let mut rest = Vec::with_capacity(left.len());
    let mut r = right;
    for &span in left {
        let mut from = span.from;
        while let Some(hole) = r.first().filter(|hole| hole.from < span.to) {
            if from < hole.from {
                rest.push(Span { from, to: hole.from });
            }
            from = from.max(hole.to);
            if hole.to > span.to {
                break;
            }
            r = &r[1..];
        }
        if from < span.to {
            rest.push(Span { from, to: span.to });
        }
    }
    rest
}

/// The part of a set inside a span.
pub fn clip(spans: &[Span], span: Span) -> Vec<Span> {
    spans.iter().filter_map(|known| known.overlap(span)).collect()
}

/// Forgets everything before a moment.
pub fn forget_before(spans: &mut Vec<Span>, moment: Wall) {
    let stale = spans.partition_point(|known| known.to <= moment);
    spans.drain(..stale);
}

/// The time in a set.
pub fn total(spans: &[Span]) -> Duration {
    spans.iter().map(|span| span.length()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws a set on a line: `"..##.#"` is 2 to 4 and 5 to 6.
    fn read(picture: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        for (place, mark) in picture.bytes().enumerate() {
            let from = Wall(i64::try_from(place).expect("small"));
            if mark == b'#' {
                insert(&mut spans, Span { from, to: Wall(from.0 + 1) });
            }
        }
        spans
    }

    fn draw(spans: &[Span]) -> String {
        assert!(spans.is_sorted_by(|a, b| a.to <= b.from) && spans.iter().all(|s| s.from < s.to), "{spans:?}");
        (0..8).map(|place| if spans.iter().any(|span| span.contains(Wall(place))) { '#' } else { '.' }).collect()
    }

    /// Every pair of sets over eight moments, compared with one bit a moment.
    #[test]
    fn sets_of_spans_behave_like_sets_of_moments() {
        let pictures: Vec<String> = (0..256u32)
            .map(|bits| (0..8).map(|place| if bits >> place & 1 == 1 { '#' } else { '.' }).collect())
            .collect();
        let by_moment = |a: &str, b: &str, keep: fn(bool, bool) -> bool| -> String {
            a.bytes().zip(b.bytes()).map(|(a, b)| if keep(a == b'#', b == b'#') { '#' } else { '.' }).collect()
        };
        for a in &pictures {
            for b in &pictures {
                let (left, right) = (read(a), read(b));
                assert_eq!(draw(&intersection(&left, &right)), by_moment(a, b, |a, b| a && b));
                assert_eq!(draw(&difference(&left, &right)), by_moment(a, b, |a, b| a && !b), "{a} {b}");
                let mut less = left.clone();
                for &span in &right {
                    remove(&mut less, span);
                }
                assert_eq!(draw(&less), by_moment(a, b, |a, b| a && !b), "{a} {b}");
                let mut more = left.clone();
                for &span in &right {
                    insert(&mut more, span);
                }
                assert_eq!(draw(&more), by_moment(a, b, |a, b| a || b), "{a} {b}");
            }
        }
    }

    #[test]
    fn spans_that_touch_become_one() {
        assert_eq!(read(".####.#.").len(), 2);
    }
}
