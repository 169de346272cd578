//! What thresholds make of the checks of one target over time: states, streaks and outages.

mod pace;
mod streak;
#[cfg(test)]
mod transcripts;
mod verdict;

pub(super) use pace::{ROUNDS, settles};
pub(super) use verdict::{Change, Paths, Verdict, grade};

use super::moment::Moment;
use super::snapshot::{Soft, State};
use crate::domain::{Closing, Definition, Grade, Outage, OutageId, Path, Reason, TargetId, Wall};
use crate::window::owned;
use pace::{Pace, Turn};
use std::time::Duration;
use streak::{Recovery, Strike, Unseen};

/// A streak survives a stretch without a conclusive check of at most this many intervals.
const BRIDGED_INTERVALS: u32 = 10;
/// How many failures beyond the last strike are kept while it waits for evidence; then the newest
/// one takes the place of the one before.
const WAITING_STRIKES_MAX: usize = 64;

#[derive(Debug)]
enum Standing {
    Pending,
    Up,
    Down(Box<Outage>),
}

/// The state machine of one target.
///
/// * Nothing conclusive yet is *pending*. The first success makes it *up*.
/// * Failures in a row are strikes. As many as `down_after` ask for an outage; it opens when
///   somebody shows that we can see ([`Health::confirm`]), and is dated from the first strike.
///   A success before that ends the streak: the strikes were blips.
/// * An inconclusive check neither adds to a streak nor ends it.
/// * A stretch of at most ten intervals without a conclusive check is bridged, and counted inside
///   the outage as not observed; a longer one starts the streak anew.
/// * An outage ends at the first of `up_after` successes in a row; a failure between them puts the
///   successes inside the outage. If nobody looked between the last failure and that first success
///   for longer than a check speaks for, the end was not seen.
/// * An outage once opened goes on over any stretch, blindness and restart.
/// * Open rounds slower than the limit, or graded so by their evaluation: 3 of the last 5 make it *degraded*,
///   5 of 5 good ones undo it.
#[derive(Debug)]
pub(super) struct Health {
    interval: Duration,
    down_after: u8,
    up_after: u8,
    degraded_above: Option<Duration>,
    standing: Standing,
    strikes: Vec<Strike>,
    recovery: Option<Recovery>,
    pace: Pace,
    /// The newest conclusive checks that are no strikes of the present streak, newest first.
    settled: [Option<Moment>; 4],
    /// Where what the newest conclusive check speaks for is cut short.
    cut: Option<Moment>,
    /// A failure that broke a recovery, and how things stood before it: should it turn out that
    /// nothing could be seen at that moment, the recovery goes on.
    broken: Option<(Moment, Recovery, Box<Outage>)>,
    /// Gaps since the newest conclusive check.
    gaps: Vec<(Moment, Moment)>,
    /// Inconclusive checks since the newest conclusive one.
    inconclusive: u32,
}

impl Health {
    pub(super) fn new(definition: &Definition) -> Self {
        let mut health = Self {
            interval: definition.pace(),
            down_after: 1,
            up_after: 1,
            degraded_above: None,
            standing: Standing::Pending,
            strikes: Vec::new(),
            recovery: None,
            pace: Pace::default(),
            settled: [None; 4],
            cut: None,
            broken: None,
            gaps: Vec::new(),
            inconclusive: 0,
        };
        health.revise(definition);
        health
    }

    /// Takes over changed thresholds; they apply from the next check on.
    pub(super) fn revise(&mut self, definition: &Definition) {
        self.interval = definition.pace();
        self.down_after = definition.down_after.get();
        self.up_after = definition.up_after.get();
        self.degraded_above = definition.degraded_above;
        if self.degraded_above.is_none() && definition.is_plain() {
            self.pace = Pace::default();
        }
    }

    /// Goes on with an outage of the run before; `last_failure` is its newest failure.
    pub(super) fn resume(&mut self, outage: Outage, last_failure: Moment) {
        self.standing = Standing::Down(Box::new(outage));
        self.settle(last_failure);
    }

    /// Gives up a last strike that nobody judged before the run ended: a fresh check decides.
    pub(super) fn give_up_last_strike(&mut self) {
        self.strikes.truncate(usize::from(self.down_after) - 1);
    }

    /// Takes notice of one check that started at `at`.
    pub(super) fn take(&mut self, at: Moment, verdict: Verdict) -> Change {
        if verdict == Verdict::Inconclusive {
            self.inconclusive = self.inconclusive.saturating_add(1);
            self.cut_short(at);
            return Change::None;
        }
        let silence = self.last().map(|last| at.since(last)).unwrap_or_default();
        let is_broken = silence > self.interval * BRIDGED_INTERVALS;
        let before = self.conclude(at);
        match (verdict, self.is_down()) {
            (Verdict::Inconclusive, _) => Change::None,
            (Verdict::Failed(reason, _), true) => self.fail_on(at, reason, before),
            (Verdict::Open(latency, grade), true) => {
                if is_broken {
                    self.break_recovery();
                }
                self.recover(at, self.grade(latency, grade), silence > owned(self.interval), before)
            }
            (Verdict::Failed(reason, paths), false) => {
                if is_broken {
                    self.settle_strikes();
                }
                self.strike(Strike { at, reason, paths, before })
            }
            (Verdict::Open(latency, grade), false) => self.succeed(at, self.grade(latency, grade)),
        }
    }

    /// The newest conclusive check.
    fn last(&self) -> Option<Moment> {
        self.strikes.last().map(|strike| strike.at).max(self.settled[0])
    }

    fn settle(&mut self, at: Moment) {
        self.settled.rotate_right(1);
        self.settled[0] = Some(at);
    }

    fn cut_short(&mut self, at: Moment) {
        self.cut = Some(self.cut.map_or(at, |cut| cut.min(at)));
    }

    /// What nobody saw before the conclusive check at `at`.
    fn conclude(&mut self, at: Moment) -> Unseen {
        let (cut, checks) = (self.cut.take(), std::mem::take(&mut self.inconclusive));
        let gaps = std::mem::take(&mut self.gaps);
        let Some(last) = self.last() else { return Unseen { time: Duration::ZERO, checks } };
        let spoken = last.after(owned(self.interval));
        let spoken = cut.map_or(spoken, |cut| spoken.min(cut.max(last))).min(at);
        let lost = gaps.into_iter().map(|(from, to)| to.min(spoken).since(from.max(last)));
        Unseen { time: at.since(spoken) + lost.sum::<Duration>(), checks }
    }

    fn strike(&mut self, strike: Strike) -> Change {
        if self.strikes.len() >= usize::from(self.down_after) + WAITING_STRIKES_MAX {
            self.strikes.pop();
        }
        self.strikes.push(strike);
        if self.strikes.len() > usize::from(self.down_after) {
            // The last strike waits for evidence, and that it does was told.
            return Change::None;
        }
        Change::Failing { count: self.strike_count(), of: self.down_after, reason: strike.reason }
    }

    fn strike_count(&self) -> u8 {
        u8::try_from(self.strikes.len()).unwrap_or(u8::MAX).min(self.down_after)
    }

    fn settle_strikes(&mut self) {
        for strike in std::mem::take(&mut self.strikes) {
            self.settle(strike.at);
        }
    }

    fn grade(&self, latency: Duration, grade: Grade) -> Grade {
        verdict::limited(grade, latency, self.degraded_above)
    }

    fn succeed(&mut self, at: Moment, grade: Grade) -> Change {
        let failures = self.strike_count();
        self.strikes.clear();
        self.settle(at);
        let first = matches!(self.standing, Standing::Pending);
        self.standing = Standing::Up;
        match (failures, self.pace.take(grade)) {
            _ if first => Change::FirstUp,
            (0, Turn::None) => Change::None,
            (0, Turn::Degraded) => Change::Degraded,
            (0, Turn::NoLongerDegraded) => Change::NoLongerDegraded,
            (failures, _) => Change::Blip { failures },
        }
    }

    fn fail_on(&mut self, at: Moment, reason: Reason, before: Unseen) -> Change {
        if let (Some(recovery), Standing::Down(outage)) = (self.recovery, &self.standing) {
            self.broken = Some((at, recovery, outage.clone()));
        }
        self.break_recovery();
        self.settle(at);
        if let Standing::Down(outage) = &mut self.standing {
            outage.failures[reason.index()] = outage.failures[reason.index()].saturating_add(1);
            outage.last_failure_at = at.wall.max(outage.last_failure_at);
            before.add_to(outage);
        }
        Change::None
    }

    /// Puts the successes so far inside the outage.
    fn break_recovery(&mut self) {
        if let (Some(recovery), Standing::Down(outage)) = (self.recovery.take(), &mut self.standing) {
            recovery.unseen.add_to(outage);
        }
    }

    fn recover(&mut self, at: Moment, grade: Grade, not_seen: bool, before: Unseen) -> Change {
        self.settle(at);
        self.broken = None;
        let Standing::Down(outage) = &mut self.standing else { return Change::None };
        let recovery = if let Some(recovery) = self.recovery {
            recovery.go_on(before)
        } else {
            before.add_to(outage);
            Recovery::begin(at, not_seen.then_some(outage.last_failure_at))
        };
        self.recovery = Some(recovery);
        if recovery.count < self.up_after {
            return Change::None;
        }
        let ended_at = recovery.first.wall.max(outage.started_at);
        let confirmed_at = at.wall.max(ended_at);
        let closing = match recovery.not_seen_since {
            Some(earliest) => Closing::EndNotSeen { earliest: earliest.min(ended_at), ended_at, confirmed_at },
            None => Closing::Recovered { ended_at, confirmed_at },
        };
        let ended = self.end(closing);
        self.standing = Standing::Up;
        self.pace.take(grade);
        ended.map_or(Change::None, |outage| Change::Ended(Box::new(outage)))
    }

    fn end(&mut self, closing: Closing) -> Option<Outage> {
        self.recovery = None;
        self.broken = None;
        self.strikes.clear();
        self.pace = Pace::default();
        match std::mem::replace(&mut self.standing, Standing::Pending) {
            Standing::Down(mut outage) => {
                outage.closing = Some(closing);
                outage.unobserved = outage.unobserved.min(closing.ended_at().since(outage.started_at));
                Some(*outage)
            }
            Standing::Pending | Standing::Up => None,
        }
    }

    /// Stops judging for a reason that says nothing about the target: the open outage is closed
    /// with it, and the next check starts from nothing.
    pub(super) fn abandon(&mut self, at: Moment, closing: fn(Wall) -> Closing) -> Option<Outage> {
        let before = self.conclude(at);
        self.break_recovery();
        let started_at = match &mut self.standing {
            Standing::Down(outage) => {
                before.add_to(outage);
                outage.started_at
            }
            Standing::Pending | Standing::Up => at.wall,
        };
        let closed = self.end(closing(at.wall.max(started_at)));
        self.settled = [None; 4];
        self.inconclusive = 0;
        closed
    }

    /// The last strike, if it waits for evidence that we can see: when it started, which ways it went.
    pub(super) fn pending(&self) -> Option<(Moment, Paths)> {
        let place = usize::from(self.down_after) - 1;
        let last = if self.is_down() { None } else { self.strikes.get(place) };
        last.map(|strike| (strike.at, strike.paths))
    }

    /// Opens the outage that the last strike asks for.
    pub(super) fn confirm(&mut self, now: Wall, id: OutageId, target: TargetId, name: &str) -> Option<&Outage> {
        self.pending()?;
        let (first, last) = (*self.strikes.first()?, *self.strikes.last()?);
        let started_at = first.at.wall;
        let mut outage = Outage {
            id,
            target,
            name: name.to_owned(),
            started_at,
            detected_at: now.max(started_at),
            last_failure_at: last.at.wall.max(started_at),
            closing: None,
            reason: last.reason,
            failures: [0; crate::domain::REASONS],
            inconclusive: 0,
            unobserved: Duration::ZERO,
        };
        for (place, strike) in self.strikes.iter().enumerate() {
            outage.failures[strike.reason.index()] += 1;
            if place > 0 {
                strike.before.add_to(&mut outage);
            }
        }
        self.settle_strikes();
        self.pace = Pace::default();
        self.standing = Standing::Down(Box::new(outage));
        self.outage()
    }

    /// Nobody observed anything from one moment to the other.
    pub(super) fn gap(&mut self, from: Moment, to: Moment) {
        self.gaps.push((from, to));
    }

    /// It turned out that nothing could be seen since `from`: failures after it say nothing about
    /// an open outage, and the time until the next conclusive check counts as not observed.
    pub(super) fn blind_since(&mut self, from: Moment) {
        self.cut_short(from);
        let Standing::Down(outage) = &mut self.standing else { return };
        for settled in &mut self.settled {
            settled.take_if(|at| *at >= from);
        }
        self.settled.sort_unstable_by(|a, b| b.cmp(a));
        if let Some((_, recovery, before)) = self.broken.take_if(|(at, ..)| *at >= from) {
            self.recovery = Some(recovery);
            *outage = before;
        }
        if outage.last_failure_at >= from.wall {
            let seen = self.settled[0].map_or(from.wall, |at| at.wall);
            outage.last_failure_at = seen.max(outage.started_at);
        }
    }

    /// Takes back the strikes that went a way which was blind from one moment to the other. Returns
    /// whether there were any.
    pub(super) fn void(&mut self, path: Path, from: Moment, to: Moment) -> bool {
        let before = self.strikes.len();
        self.strikes.retain(|strike| strike.at < from || strike.at >= to || !strike.paths.contains(path));
        let is_changed = before != self.strikes.len();
        if is_changed {
            self.cut_short(from);
        }
        is_changed
    }

    pub(super) fn is_down(&self) -> bool {
        matches!(self.standing, Standing::Down(_))
    }

    /// The open outage.
    pub(super) fn outage(&self) -> Option<&Outage> {
        match &self.standing {
            Standing::Down(outage) => Some(outage),
            Standing::Pending | Standing::Up => None,
        }
    }

    pub(super) fn state(&self) -> State {
        match self.standing {
            Standing::Pending => State::Pending,
            Standing::Up if self.pace.is_degraded() => State::Degraded,
            Standing::Up => State::Up,
            Standing::Down(_) => State::Down,
        }
    }

    /// What is being counted towards another state.
    pub(super) fn soft(&self) -> Soft {
        match (&self.standing, self.recovery, self.strikes.first().zip(self.strikes.last())) {
            (Standing::Down(_), Some(recovery), _) => Soft::Recovering { count: recovery.count, of: self.up_after },
            (Standing::Pending | Standing::Up, _, Some((first, last))) => Soft::Failing {
                count: self.strike_count(),
                of: self.down_after,
                reason: last.reason,
                since: first.at.wall,
            },
            _ => Soft::Steady,
        }
    }
}
