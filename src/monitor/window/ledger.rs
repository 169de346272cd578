//! What is known about the time of one target: observed, down, paused; and the uptime that follows.

use super::{saw_something, spans, spoken_for};
use crate::domain::{Check, Gap, Outage, Span, Wall};
use crate::monitor::snapshot::{Cell, Strip, Uptime};
use std::time::Duration;

/// The time of one target.
///
/// * A check speaks for the time until the next one, at most for one and a half intervals. That
///   time is *observed*, unless the check was our own fault, started inside a gap, or a gap cuts
///   into it. Between the end of what one check speaks for and the next check there is *no data*.
/// * Observed time inside a confirmed outage is *down*; the rest of it is *up*. So a stretch of an
///   outage that nobody observed is neither, and failures that made no outage lower nothing: they
///   are counted apart as *blips*.
/// * Expected is the window without paused time and without the time before the target existed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// Observed time, sorted.
    pub observed: Vec<Span>,
    /// Confirmed outages, sorted; an open one ends at the end of time.
    pub outages: Vec<Span>,
    /// Paused time, sorted; a pause that goes on ends at the end of time.
    pub paused: Vec<Span>,
    /// The starts of failing checks, sorted.
    pub failures: Vec<Wall>,
    /// When the target began to be watched.
    pub since: Wall,
}

/// A span without an end.
pub const fn open_ended(from: Wall) -> Span {
    Span { from, to: Wall(i64::MAX) }
}

/// The time that an outage covers; an open one has no end.
pub fn outage_span(outage: &Outage) -> Span {
    outage.ended_at().map_or(open_ended(outage.started_at), |to| Span { from: outage.started_at, to })
}

impl Ledger {
    /// A target that began to be watched at this moment.
    pub const fn new(since: Wall) -> Self {
        Self { observed: Vec::new(), outages: Vec::new(), paused: Vec::new(), failures: Vec::new(), since }
    }

    /// Reads history: checks sorted by time, and everything that reaches into their time. The
    /// newest check speaks until `now` at most.
    pub fn read(
        checks: &[Check],
        outages: &[Outage],
        gaps: &[Gap],
        paused: &[Span],
        interval: Duration,
        since: Wall,
        now: Wall,
    ) -> Self {
        let mut ledger = Self::new(since);
        for (place, check) in checks.iter().enumerate() {
            let next = checks.get(place + 1).map_or(now, |next| next.at);
            ledger.observe(check, next, interval, gaps);
            if check.outcome.reason().is_some() && !is_hidden(check, gaps) {
                ledger.failures.push(check.at);
            }
        }
        for outage in outages {
            spans::insert(&mut ledger.outages, outage_span(outage));
        }
        for &span in paused {
            spans::insert(&mut ledger.paused, span);
        }
        ledger
    }

    /// Adds the time that a check speaks for, given the start of the next check.
    pub fn observe(&mut self, check: &Check, next: Wall, interval: Duration, gaps: &[Gap]) {
        if !saw_something(check) || is_hidden(check, gaps) {
            return;
        }
        let mut seen = vec![spoken_for(check, next, interval)];
        for gap in gaps.iter().filter(|gap| gap.concerns(check)) {
            spans::remove(&mut seen, gap.span());
        }
        for span in seen {
            spans::insert(&mut self.observed, span);
        }
    }

    /// Forgets what ended before a moment.
    pub fn forget_before(&mut self, moment: Wall) {
        spans::forget_before(&mut self.observed, moment);
        spans::forget_before(&mut self.outages, moment);
        spans::forget_before(&mut self.paused, moment);
        let stale = self.failures.partition_point(|&at| at < moment);
        self.failures.drain(..stale);
    }

    /// Forgets what lies after a moment: the wall clock was put back, and that time comes again.
    pub fn forget_after(&mut self, moment: Wall) {
        let future = open_ended(moment);
        spans::remove(&mut self.observed, future);
        self.failures.retain(|&at| at <= moment);
    }

    /// What the window says.
    pub fn uptime(&self, window: Span) -> Uptime {
        let observed = self.seen(window);
        let down = spans::intersection(&observed, &self.outages);
        let expected = Span { from: window.from.max(self.since), to: window.to };
        let paused = spans::total(&spans::clip(&self.paused, expected));
        let down = spans::total(&down);
        Uptime {
            up: spans::total(&observed).saturating_sub(down),
            down,
            expected: expected.length().saturating_sub(paused),
            blips: self.blips(window),
        }
    }

    /// The window in cells of equal length. `now` bounds what can have been expected so far.
    pub fn strip(&self, window: Span, cells: usize, now: Wall) -> Strip {
        let observed = self.seen(window);
        let down = spans::intersection(&observed, &self.outages);
        let up = spans::difference(&observed, &self.outages);
        let mut strip = Strip { cells: vec![Cell::default(); cells], uptime: Uptime::default() };
        pour(&up, window, &mut strip.cells, |cell| &mut cell.up);
        pour(&down, window, &mut strip.cells, |cell| &mut cell.down);
        strip.uptime = self.uptime(Span { from: window.from, to: window.to.min(now) });
        strip
    }

    /// Observed and not paused.
    fn seen(&self, window: Span) -> Vec<Span> {
        let observed = spans::clip(&self.observed, window);
        if self.paused.is_empty() { observed } else { spans::difference(&observed, &self.paused) }
    }

    fn blips(&self, window: Span) -> u32 {
        let first = self.failures.partition_point(|&at| at < window.from);
        let inside = self.failures[first..].iter().take_while(|&&at| at < window.to);
        let blips = inside.filter(|&&at| !self.outages.iter().any(|outage| outage.contains(at)));
        u32::try_from(blips.count()).unwrap_or(u32::MAX)
    }
}

/// Whether a check started inside a gap that concerns it: then it saw nothing.
pub fn is_hidden(check: &Check, gaps: &[Gap]) -> bool {
    gaps.iter().any(|gap| gap.span().contains(check.at) && gap.concerns(check))
}

/// Spreads spans over the cells that they reach into.
fn pour(spans: &[Span], window: Span, cells: &mut [Cell], part: fn(&mut Cell) -> &mut Duration) {
    let Ok(count) = i64::try_from(cells.len()) else { return };
    let Ok(length) = i64::try_from(window.length().as_millis()) else { return };
    if count == 0 || length == 0 {
        return;
    }
    let border = |place: i64| Wall(window.from.0 + (i128::from(place) * i128::from(length) / i128::from(count)) as i64);
    for span in spans.iter().filter_map(|span| span.overlap(window)) {
        let mut place = (i128::from(span.from.0 - window.from.0) * i128::from(count) / i128::from(length)) as i64;
        while place < count && border(place) < span.to {
            let cell = Span { from: border(place), to: border(place + 1) };
            let inside = usize::try_from(place).ok().and_then(|place| cells.get_mut(place));
            if let (Some(both), Some(inside)) = (cell.overlap(span), inside) {
                *part(inside) += both.length();
            }
            place += 1;
        }
    }
}
