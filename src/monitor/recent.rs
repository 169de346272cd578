//! The last day of one target in memory: enough for its strips and its sparkline without asking the store.

use super::maintenance::Works;
use super::snapshot::{DAY_CELLS, HOUR_CELLS, Mark, RECENT_MARKS};
use crate::domain::record::Seen;
use crate::domain::{Check, Gap, Maintenance, Outage, Outcome, Span, Wall};
use crate::window::{Apart, Ledger, Strip, owned, saw_failure, spans};
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How much is remembered: the day of the strip, and the cell that it has begun.
const REMEMBERED: Duration = Duration::from_mins(24 * 60 + 30);
const DAY: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);

/// Time is added to the ledger when the next check tells how long the one before spoke.
#[derive(Debug)]
pub(super) struct Recent {
    ledger: Ledger,
    interval: Duration,
    newest: Option<Check>,
    /// The first check in memory: what the store recalls counts only up to it.
    oldest: Option<Wall>,
    /// Gaps that may concern the newest check or later ones.
    gaps: Vec<Gap>,
    works: Works,
    marks: VecDeque<Mark>,
    /// The moment that the strips show.
    drawn_at: Wall,
    drawn: OnceLock<Drawn>,
}

/// What a view shares until something changes.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) hour: Arc<Strip>,
    pub(super) day: Arc<Strip>,
    pub(super) marks: Arc<[Mark]>,
}

impl Recent {
    pub(super) fn new(since: Wall, interval: Duration, now: Wall) -> Self {
        Self {
            ledger: Ledger::new(since),
            interval,
            newest: None,
            oldest: None,
            gaps: Vec::new(),
            works: Works::default(),
            marks: VecDeque::with_capacity(RECENT_MARKS),
            drawn_at: now,
            drawn: OnceLock::new(),
        }
    }

    pub(super) fn newest(&self) -> Option<&Check> {
        self.newest.as_ref()
    }

    pub(super) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// Takes in a finished check.
    pub(super) fn take(&mut self, check: &Check) {
        if let Some(before) = self.newest.take() {
            self.ledger.observe(&before, check.at, self.interval, &self.gaps);
            if check.at.since(before.at) > owned(self.interval) {
                self.mark(Mark::Gap);
            }
            self.gaps.retain(|gap| gap.to > check.at);
        }
        if saw_failure(check) && !self.hides(check) {
            self.ledger.failures.push(check.at);
        }
        self.mark(mark_of(check));
        self.oldest.get_or_insert(check.at);
        self.ledger.forget_before(check.at - REMEMBERED);
        self.newest = Some(check.clone());
        self.draw(check.at);
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks.len() == RECENT_MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back(mark);
    }

    /// Says that nobody observes it now; only a look back can know that.
    pub(super) fn leave_unobserved(&mut self) {
        self.mark(Mark::Gap);
    }

    fn hides(&self, check: &Check) -> bool {
        self.gaps.iter().any(|gap| gap.span().contains(check.at) && gap.concerns(check))
    }

    /// Takes in history that was read back, oldest first.
    pub(super) fn recall(&mut self, checks: &[Check], gaps: &[Gap], now: Wall) {
        let until = self.oldest.unwrap_or(now);
        let known = checks.partition_point(|check| check.at < until);
        let Some(first) = checks.first().filter(|_| known > 0) else { return };
        let past = Ledger::read(&checks[..known], &[], gaps, Apart::default(), self.interval, self.ledger.since, until);
        self.oldest = Some(first.at);
        let past = Seen { observed: past.observed, failures: past.failures };
        self.recall_seen(past, now);
    }

    /// It was expected to be seen since then already.
    pub(super) fn begin(&mut self, since: Wall) {
        self.ledger.since = self.ledger.since.min(since);
    }

    /// Takes in what older checks say, gaps taken out.
    pub(super) fn recall_seen(&mut self, seen: Seen, now: Wall) {
        seen.observed.into_iter().for_each(|span| spans::insert(&mut self.ledger.observed, span));
        self.ledger.failures.splice(0..0, seen.failures);
        self.ledger.failures.sort_unstable();
        self.ledger.forget_before(now - REMEMBERED);
        self.draw(now);
    }

    /// Nobody observed anything, or it turned out that nothing could be seen through a path. A gap
    /// that is still open ends at the end of time.
    pub(super) fn gap(&mut self, gap: Gap, now: Wall) {
        self.gaps.retain(|known| (known.from, known.cause, known.path) != (gap.from, gap.cause, gap.path));
        if self.newest.as_ref().is_some_and(|newest| gap.concerns(newest)) {
            spans::remove(&mut self.ledger.observed, gap.span());
            self.ledger.failures.retain(|&at| !gap.span().contains(at));
        }
        self.gaps.push(gap);
        self.draw(now);
    }

    /// An outage was confirmed or has ended.
    pub(super) fn outage(&mut self, outage: &Outage, now: Wall) {
        let span = crate::window::outage_span(outage);
        spans::remove(&mut self.ledger.outages, crate::window::open_ended(outage.started_at));
        spans::insert(&mut self.ledger.outages, span);
        self.draw(now);
    }

    /// An outage of the past.
    pub(super) fn past_outage(&mut self, outage: &Outage) {
        spans::insert(&mut self.ledger.outages, crate::window::outage_span(outage));
    }

    /// Time that the target was or is paused.
    pub(super) fn pause(&mut self, span: Span) {
        spans::insert(&mut self.ledger.apart.paused, span);
        self.drawn = OnceLock::new();
    }

    /// The pause ends.
    pub(super) fn resume(&mut self, now: Wall) {
        spans::remove(&mut self.ledger.apart.paused, crate::window::open_ended(now));
        self.draw(now);
    }

    /// Its maintenance.
    pub(super) const fn works(&self) -> &Works {
        &self.works
    }

    /// Takes in a maintenance, or another end of one that is known.
    pub(super) fn maintain(&mut self, maintenance: Arc<Maintenance>, now: Wall) {
        self.works.put(maintenance);
        self.set_apart(now);
    }

    /// Takes in all the maintenance that somebody knows.
    pub(super) fn learn_works(&mut self, works: &Works, now: Wall) {
        self.works.learn(works);
        self.set_apart(now);
    }

    fn set_apart(&mut self, now: Wall) {
        self.works.forget_before(now - REMEMBERED);
        let paused = std::mem::take(&mut self.ledger.apart.paused);
        self.ledger.apart =
            Apart { paused, ..Apart::default() }.with_maintenance(self.works.all().map(|known| &**known));
        self.draw(now);
    }

    /// The wall clock was put back to `now`: what seems to lie in the future is forgotten.
    pub(super) fn put_back(&mut self, now: Wall) {
        self.ledger.forget_after(now);
        self.newest = None;
        self.gaps.clear();
        self.drawn_at = now;
        self.draw(now);
    }

    /// Whether the strips show an older cell than the one that `now` is in.
    pub(super) fn is_stale(&self, now: Wall) -> bool {
        let minute = 60_000;
        self.drawn_at.0.div_euclid(minute) != now.0.div_euclid(minute)
    }

    /// Lets the strips show this moment.
    pub(super) fn draw(&mut self, now: Wall) {
        self.drawn_at = self.drawn_at.max(now);
        self.drawn = OnceLock::new();
    }

    pub(super) fn drawn(&self) -> &Drawn {
        self.drawn.get_or_init(|| {
            let (now, mut ledger) = (self.drawn_at, std::borrow::Cow::Borrowed(&self.ledger));
            if let Some(newest) = &self.newest {
                ledger.to_mut().observe(newest, now, self.interval, &self.gaps);
            }
            let strip = |length: Duration, cells| {
                let window = cells_until(now, length, cells);
                let mut strip = ledger.strip(window, cells, now);
                strip.uptime = ledger.uptime(Span::before(now, length));
                Arc::new(strip)
            };
            Drawn {
                hour: strip(HOUR, HOUR_CELLS),
                day: strip(DAY, DAY_CELLS),
                marks: self.marks.iter().copied().collect(),
            }
        })
    }
}

/// How a check is drawn in a sparkline.
pub(super) fn mark_of(check: &Check) -> Mark {
    match check.outcome {
        Outcome::Open(_) => Mark::Open(check.latency().unwrap_or_default()),
        Outcome::Failed(failure) if check.outcome.is_conclusive() => Mark::Failed(failure.reason),
        Outcome::Failed(_) | Outcome::Inconclusive(_) => Mark::Inconclusive,
    }
}

/// The window of whole cells that ends with the cell that `now` is in; at the border of two it is the one that
/// is over, because of the next nothing can have been seen yet.
fn cells_until(now: Wall, length: Duration, cells: usize) -> Span {
    let millis = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let cell = millis / i64::try_from(cells).unwrap_or(1).max(1);
    let end = now.0.saturating_sub(1).div_euclid(cell).saturating_add(1).saturating_mul(cell);
    Span::before(Wall(end), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_border_of_two_cells_the_newest_one_is_the_one_that_is_over() {
        let half_hour = 30 * 60_000;
        for (now, end) in [(0, 0), (1, 1), (half_hour - 1, 1), (half_hour, 1), (half_hour + 1, 2), (-1, 0)] {
            let window = cells_until(Wall(now), DAY, DAY_CELLS);
            assert_eq!((window.to, window.length()), (Wall(end * half_hour), DAY), "{now}");
        }
    }
}
