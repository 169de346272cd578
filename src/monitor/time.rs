//! The monitor's sense of time: steps of the wall clock, stalls, proof of life.

use super::moment::Moment;
use super::watch::Watch;
use super::{Monitor, agenda};
use crate::domain::{Gap, GapCause, Happening, Now, Record, TargetId, VantageId};
use std::time::Duration;

/// The longest time between two wake-ups while anything is watched: a stall shows itself by a
/// wake-up that comes late.
pub(super) const PULSE: Duration = Duration::from_secs(1);
/// Nothing happened for this long, although something should have: we stood still.
const STALL: Duration = Duration::from_secs(5);
/// A proof of life is saved this often.
const ALIVE_EVERY: Duration = Duration::from_secs(10);
/// A difference between the two clocks that is no mere drift.
const STEP_MILLISECONDS: u64 = 1_000;
/// The slow sweep passes over all targets in this many seconds.
const SWEEP_PARTS: usize = 30;
/// How far back gaps are remembered: the day of the strips and what reaches into it.
const GAPS_REMEMBERED: Duration = Duration::from_hours(25);

impl Monitor {
    /// Notices what the clocks say about the time since anything happened last.
    pub(super) fn keep_time(&mut self, now: Now) {
        let heard = self.heard;
        let now = Now { mono: now.mono.max(heard.mono), ..now };
        let passed = now.mono.since(heard.mono);
        let expected = heard.wall + passed;
        let step = now.wall.0.saturating_sub(expected.0);
        if step.unsigned_abs() >= STEP_MILLISECONDS {
            self.clock_stepped(now, step);
        }
        if passed > STALL && !self.agenda.is_empty() {
            self.stalled(heard, now);
        }
        self.heard = now;
    }

    fn clock_stepped(&mut self, now: Now, milliseconds: i64) {
        self.journal.tell(now.wall, None, Happening::ClockStepped { milliseconds });
        self.version += 1;
        if milliseconds > 0 {
            self.retention.leapt(now.mono, Duration::from_millis(milliseconds.unsigned_abs()));
            return;
        }
        for watch in self.watches.values_mut() {
            watch.recent.put_back(now.wall);
            watch.changed();
        }
        for recent in self.shelf.values_mut() {
            recent.put_back(now.wall);
        }
    }

    /// We stood still. What fails after having been under way meanwhile says nothing; turns that
    /// were missed are dropped and the phase is kept.
    fn stalled(&mut self, heard: Now, now: Now) {
        let lasted = now.mono.since(heard.mono);
        let from = (heard.wall + Duration::from_millis(1)).min(now.wall);
        let gap = Gap { vantage: VantageId::HERE, from, to: now.wall, cause: GapCause::Stalled, path: None };
        self.journal.save(Record::Gap(gap));
        self.journal.tell(now.wall, None, Happening::Gap { lasted });
        self.remember_gap(gap);
        let (start, end) = (Moment::at(heard), Moment::at(now));
        for watch in self.watches.values_mut() {
            watch.recent.gap(gap, now.wall);
            watch.health.gap(start, end);
            if let Some(running) = &mut watch.running {
                running.standing = super::round::Standing::Stalled;
            }
            watch.changed();
        }
        for sight in &mut self.sights {
            sight.drop_look();
        }
        let missed: Vec<TargetId> = std::iter::from_fn(|| self.agenda.take_due(now.mono)).collect();
        for id in missed {
            if let Some(watch) = self.watches.get(id) {
                self.agenda.plan(id, watch.cadence.turn_after(now.mono));
            }
        }
        self.version += 1;
    }

    /// Keeps a gap for what the store recalls; blindness that lasts replaces itself.
    pub(super) fn remember_gap(&mut self, gap: Gap) {
        self.gaps.retain(|known| {
            (known.from, known.cause, known.path) != (gap.from, gap.cause, gap.path)
                && gap.to.since(known.to) < GAPS_REMEMBERED
        });
        self.gaps.push(gap);
    }

    pub(super) fn prove_life(&mut self, now: Now) {
        if now.mono < self.alive_at {
            return;
        }
        self.alive_at = agenda::slot_from(now.mono + ALIVE_EVERY);
        self.journal.save(Record::Alive(now.wall));
        self.save_blindness(now.wall);
    }

    /// Lets the strips of targets that are seldom checked move on with time, a part of them each second.
    pub(super) fn sweep(&mut self, now: Now) {
        if now.mono < self.sweep_at {
            return;
        }
        self.sweep_at = now.mono + PULSE;
        let count = self.watches.len();
        let part = count.div_ceil(SWEEP_PARTS).min(count);
        for _ in 0..part {
            self.swept = if self.swept + 1 < count { self.swept + 1 } else { 0 };
            let Some(id) = self.watches.in_place(self.swept) else { continue };
            let is_stale = |watch: &Watch| watch.recent.is_stale(now.wall);
            if self.watches.get(id).is_some_and(is_stale)
                && let Some(watch) = self.watches.get_mut(id)
            {
                watch.recent.draw(now.wall);
                watch.changed();
                self.version += 1;
            }
        }
    }
}
