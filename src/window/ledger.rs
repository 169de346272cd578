//! What is known about the time of one target: observed, down, set apart; and the uptime that follows.

use super::{Cell, Strip, Uptime, saw_failure, spans, spoken_for};
use crate::domain::{Gap, Glance, Maintenance, Outage, Saw, Span, Wall};
use std::time::Duration;

/// The time of one target.
///
/// * A check speaks for the time until the next one, at most for one and a half intervals. That
///   time is *observed*, unless the check was our own fault, started inside a gap, or a gap cuts
///   into it. Between the end of what one check speaks for and the next check there is *no data*.
/// * Observed time inside a confirmed outage is *down*; the rest of it is *up*. So a stretch of an
///   outage that nobody observed is neither, and failures that made no outage lower nothing: they
///   are counted apart as *blips*.
/// * Time that is set [`Apart`] is neither, whatever was seen in it. Expected is the window without it and without
///   the time before the target existed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// Observed time, sorted.
    pub observed: Vec<Span>,
    /// Confirmed outages, sorted; an open one ends at the end of time.
    pub outages: Vec<Span>,
    /// Time that counts neither as up nor as down.
    pub apart: Apart,
    /// The starts of failing checks, sorted.
    pub failures: Vec<Wall>,
    /// When the target began to be watched.
    pub since: Wall,
}

/// Time that is set apart: neither up nor down, and not expected to be either.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Apart {
    /// Paused time, sorted; a pause that goes on ends at the end of time.
    pub paused: Vec<Span>,
    /// Time of maintenance, sorted.
    pub maintenance: Vec<Span>,
}

impl Apart {
    /// Nothing but pauses, in any order.
    pub fn paused(pauses: &[Span]) -> Self {
        let mut apart = Self::default();
        for &span in pauses {
            spans::insert(&mut apart.paused, span);
        }
        apart
    }

    /// The same with these maintenances beside.
    #[must_use]
    pub fn with_maintenance<'m>(mut self, all: impl IntoIterator<Item = &'m Maintenance>) -> Self {
        all.into_iter().for_each(|maintenance| spans::insert(&mut self.maintenance, maintenance.span));
        self
    }

    /// What is left of these spans without it.
    fn without(&self, mut spans: Vec<Span>) -> Vec<Span> {
        for apart in [&self.paused, &self.maintenance].into_iter().filter(|apart| !apart.is_empty()) {
            spans = spans::difference(&spans, apart);
        }
        spans
    }
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
        let apart = Apart { paused: Vec::new(), maintenance: Vec::new() };
        Self { observed: Vec::new(), outages: Vec::new(), apart, failures: Vec::new(), since }
    }

    /// Reads history: checks sorted by time, and everything that reaches into their time. The
    /// newest check speaks until `now` at most.
    pub fn read(
        checks: impl IntoIterator<Item: Into<Glance>>,
        outages: &[Outage],
        gaps: &[Gap],
        apart: Apart,
        interval: Duration,
        since: Wall,
        now: Wall,
    ) -> Self {
        let mut ledger = Self { apart, ..Self::new(since) };
        let mut coming = merged(gaps.to_vec()).into_iter().peekable();
        // The gaps that reach into the time of the check at hand: there are many gaps, but few at once.
        let mut near: Vec<Gap> = Vec::new();
        let mut checks = checks.into_iter().map(Into::<Glance>::into).peekable();
        while let Some(check) = checks.next() {
            let next = checks.peek().map_or(now, |next| next.at);
            let until = spoken_for(check.at, next, interval).to;
            near.retain(|gap| gap.to > check.at);
            while let Some(gap) = coming.next_if(|gap| gap.from < until || gap.from <= check.at) {
                near.extend((gap.to > check.at).then_some(gap));
            }
            ledger.observe(check, next, interval, &near);
            if saw_failure(check) && !is_hidden(check, &near) {
                ledger.failures.push(check.at);
            }
        }
        for outage in outages {
            spans::insert(&mut ledger.outages, outage_span(outage));
        }
        ledger
    }

    /// Adds the time that a check speaks for, given the start of the next check.
    pub fn observe(&mut self, check: impl Into<Glance>, next: Wall, interval: Duration, gaps: &[Gap]) {
        let check = check.into();
        if check.saw == Saw::Nothing || is_hidden(check, gaps) {
            return;
        }
        let spoken = spoken_for(check.at, next, interval);
        if gaps.is_empty() {
            return spans::insert(&mut self.observed, spoken);
        }
        let mut seen = vec![spoken];
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
        spans::forget_before(&mut self.apart.paused, moment);
        spans::forget_before(&mut self.apart.maintenance, moment);
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
        // A clock that was put back shows observations from before the beginning.
        let since = self.observed.first().map_or(self.since, |first| first.from.min(self.since));
        let expected = Span { from: window.from.max(since), to: window.to };
        let down = spans::total(&down);
        Uptime {
            up: spans::total(&observed).saturating_sub(down),
            down,
            expected: spans::total(&self.apart.without(vec![expected])),
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
        let past = Span { from: window.from, to: window.to.min(now) };
        pour(&spans::clip(&self.apart.maintenance, past), window, &mut strip.cells, |cell| &mut cell.maintenance);
        strip.uptime = self.uptime(Span { from: window.from, to: window.to.min(now) });
        strip
    }

    /// Observed and not set apart.
    fn seen(&self, window: Span) -> Vec<Span> {
        self.apart.without(spans::clip(&self.observed, window))
    }

    fn blips(&self, window: Span) -> u32 {
        let first = self.failures.partition_point(|&at| at < window.from);
        let inside = self.failures[first..].iter().take_while(|&&at| at < window.to);
        let is_in = |spans: &[Span], at: Wall| {
            let after = spans.partition_point(|span| span.to <= at);
            spans.get(after).is_some_and(|span| span.contains(at))
        };
        let blips = inside.filter(|&&at| !is_in(&self.outages, at) && !is_in(&self.apart.maintenance, at));
        u32::try_from(blips.count()).unwrap_or(u32::MAX)
    }
}

/// Whether a check started inside a gap that concerns it: then it saw nothing.
pub fn is_hidden(check: impl Into<Glance>, gaps: &[Gap]) -> bool {
    let check = check.into();
    gaps.iter().any(|gap| gap.span().contains(check.at) && gap.concerns(check))
}

/// Gaps as they are once: blindness is saved again and again while it lasts, each time a bit longer.
pub fn merged(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by_key(|gap| (gap.from, gap.to));
    gaps.dedup_by(|later, known| {
        let is_same = (later.from, later.cause, later.path, later.vantage)
            == (known.from, known.cause, known.path, known.vantage);
        if is_same {
            known.to = later.to;
        }
        is_same
    });
    gaps
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Check, Clocked, Closing, EndpointId, Failure, Fault, GapCause, OutageId, Outcome, Path, Place, Reason,
        TargetId, Timing, VantageId,
    };
    use proptest::prelude::*;

    fn minute(n: i64) -> Wall {
        Wall(n * 60_000)
    }

    /// One character a minute: `.` open, `x` failed, `?` inconclusive, space no check.
    fn checks(picture: &str) -> Vec<Check> {
        let mut checks = Vec::new();
        for (place, mark) in (0i64..).zip(picture.chars()) {
            let connect = Duration::from_millis(3);
            let failure = Failure {
                reason: Reason::Refused,
                place: Place::Later,
                errno: None,
                name: None,
                after: Duration::ZERO,
                syn_lost: 0,
            };
            let outcome = match mark {
                '.' => Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 }),
                'x' => Outcome::Failed(failure),
                '?' => Outcome::Inconclusive(Fault::Memory),
                _ => continue,
            };
            checks.push(Check {
                endpoint: EndpointId(1),
                vantage: VantageId::HERE,
                at: minute(place),
                outcome,
                dns: None,
                address: Some([192, 0, 2, 1].into()),
                tried: 1,
                answered: 0,
            });
        }
        checks
    }

    fn outage(from: i64, to: Option<i64>) -> Outage {
        let recovered = |to: i64| Closing::Recovered { ended_at: minute(to), confirmed_at: minute(to) };
        Outage {
            id: OutageId(1),
            target: TargetId(1),
            name: String::new(),
            started_at: minute(from),
            detected_at: minute(from),
            last_failure_at: minute(from),
            closing: to.map(recovered),
            reason: Reason::Refused,
            failures: [0; crate::domain::REASONS],
            inconclusive: 0,
            unobserved: Duration::ZERO,
        }
    }

    fn gap(from: i64, to: i64, path: Option<Path>) -> Gap {
        Gap { vantage: VantageId::HERE, from: minute(from), to: minute(to), cause: GapCause::Stalled, path }
    }

    /// Half minutes as `up/down/expected` and blips, over the length of the picture.
    fn uptime(picture: &str, outages: &[Outage], gaps: &[Gap], paused: &[Span]) -> String {
        let end = minute(i64::try_from(picture.len()).expect("short"));
        let interval = Duration::from_mins(1);
        let ledger = Ledger::read(&checks(picture), outages, gaps, Apart::paused(paused), interval, minute(0), end);
        let window = Span { from: minute(0), to: end };
        let Uptime { up, down, expected, blips } = ledger.uptime(window);
        let strip = ledger.strip(window, picture.len(), end);
        let cells = |part: fn(&Cell) -> Duration| strip.cells.iter().map(part).sum::<Duration>();
        assert_eq!((cells(|cell| cell.up), cells(|cell| cell.down)), (up, down), "cells add up to the whole");
        let half = |duration: Duration| duration.as_secs() / 30;
        format!("{}/{}/{} {blips}", half(up), half(down), half(expected))
    }

    #[test]
    fn a_check_speaks_until_the_next_and_for_one_and_a_half_intervals_at_most() {
        assert_eq!(uptime("....", &[], &[], &[]), "8/0/8 0");
        assert_eq!(uptime(".   ", &[], &[], &[]), "3/0/8 0");
        assert_eq!(uptime(".  .", &[], &[], &[]), "5/0/8 0");
        assert_eq!(uptime(".?? ", &[], &[], &[]), "2/0/8 0", "a fault of ours says nothing");
        assert_eq!(uptime("    ", &[], &[], &[]), "0/0/8 0");
    }

    #[test]
    fn only_confirmed_outages_count_down_and_only_where_somebody_looked() {
        assert_eq!(uptime(".xx.", &[], &[], &[]), "8/0/8 2");
        assert_eq!(uptime(".xxx.", &[outage(1, Some(4))], &[], &[]), "4/6/10 0");
        assert_eq!(uptime(".xxx", &[outage(1, None)], &[], &[]), "2/6/8 0");
        assert_eq!(uptime(".x   x", &[outage(1, None)], &[], &[]), "2/5/12 0");
        assert_eq!(uptime(".x.x", &[outage(3, None)], &[], &[]), "6/2/8 1");
    }

    #[test]
    fn gaps_and_pauses_are_outside() {
        assert_eq!(uptime("......", &[], &[gap(2, 4, None)], &[]), "8/0/12 0");
        assert_eq!(uptime("......", &[], &[gap(2, 4, Some(Path::Ipv6))], &[]), "12/0/12 0", "another path");
        assert_eq!(uptime(".xx...", &[], &[gap(1, 3, Some(Path::Ipv4))], &[]), "8/0/12 0", "blind blips are none");
        let paused = [Span { from: minute(2), to: minute(4) }];
        assert_eq!(uptime("......", &[], &[], &paused), "8/0/8 0");
    }

    proptest! {
        #[test]
        fn many_gaps_hide_what_each_of_them_hides(
            picture in "[.x? ]{40}",
            gaps in proptest::collection::vec((0..40_i64, 0..9_i64, any::<bool>()), 0..12),
        ) {
            let path = |is_ours: bool| if is_ours { None } else { Some(Path::Ipv6) };
            let gaps: Vec<Gap> = gaps.into_iter().map(|(from, length, all)| gap(from, from + length, path(all))).collect();
            let (checks, interval) = (checks(&picture), Duration::from_mins(3));
            let swept = Ledger::read(&checks, &[], &gaps, Apart::default(), interval, minute(0), minute(40));
            let mut plain = Ledger::new(minute(0));
            for (place, check) in checks.iter().enumerate() {
                let next = checks.get(place + 1).map_or(minute(40), |next| next.at);
                plain.observe(check, next, interval, &gaps);
                let is_seen = saw_failure(check) && !is_hidden(check, &gaps);
                plain.failures.extend(is_seen.then_some(check.at));
            }
            prop_assert_eq!(swept, plain);
        }
    }

    #[test]
    fn a_gap_that_grew_is_one_gap() {
        let grown = [gap(2, 3, None), gap(2, 5, None), gap(1, 2, None), gap(2, 4, None)];
        assert_eq!(merged(grown.to_vec()), [gap(1, 2, None), gap(2, 5, None)]);
    }

    #[test]
    fn what_was_put_back_is_forgotten() {
        let mut ledger =
            Ledger::read(&checks("....x"), &[], &[], Apart::default(), Duration::from_mins(1), minute(0), minute(5));
        ledger.forget_after(minute(2));
        assert_eq!(ledger.observed, [Span { from: minute(0), to: minute(2) }]);
        assert_eq!(ledger.failures, []);
        ledger.forget_before(minute(2));
        assert_eq!(ledger.observed, []);
    }
}
