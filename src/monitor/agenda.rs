//! Whose turn it is, and when the next one comes.

use crate::domain::{Definition, Mono, TargetId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Turns fall on multiples of this, so that one wake-up serves many targets.
const SLOT: Duration = Duration::from_millis(50);
/// Regular turns, which nobody waits for, begin on multiples of this: waking up costs more than a check.
const PHASE: Duration = Duration::from_millis(200);
/// Prompt first checks of many targets are spread over at most this long.
const PROMPT_SPREAD_MAX: Duration = Duration::from_secs(5);

/// When a target wants to be checked.
///
/// Turns come at a fixed rate: at `phase + k × interval` of monotonic time, whatever the checks
/// take, so that nothing drifts. The phase follows from the target's id alone: targets spread over
/// the interval by themselves, a fifth of a second apart, in the same way after every start. Turns
/// are rounded up to slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cadence {
    interval: Duration,
    retry_interval: Duration,
    phase: Duration,
}

impl Cadence {
    pub(super) fn of(id: TargetId, definition: &Definition) -> Self {
        let interval = definition.interval.max(SLOT);
        let phases = u32::try_from(interval.as_millis() / PHASE.as_millis()).unwrap_or(u32::MAX).max(1);
        let place = u32::try_from(scatter(id) % u64::from(phases)).unwrap_or(0);
        Self { interval, retry_interval: definition.retry_interval.min(interval), phase: PHASE * place }
    }

    pub(super) const fn interval(&self) -> Duration {
        self.interval
    }

    /// The first regular turn later than `moment`.
    pub(super) fn turn_after(&self, moment: Mono) -> Mono {
        let interval = u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX);
        let phase = u64::try_from(self.phase.as_millis()).unwrap_or(0);
        let mut turns = moment.0.saturating_sub(phase) / interval;
        loop {
            let turn = slot_from(Mono(turns.saturating_mul(interval).saturating_add(phase)));
            if turn > moment {
                return turn;
            }
            turns += 1;
        }
    }

    /// The first regular turn after a check that started at `start`, unless that would follow it
    /// closer than a quarter of the interval: so a prompt check is not repeated at once.
    pub(super) fn turn_following(&self, start: Mono) -> Mono {
        self.turn_after(start + self.interval / 4)
    }

    /// The turn after a check that started at `start` while the target fails or recovers.
    pub(super) fn retry_following(&self, start: Mono) -> Mono {
        slot_from(start + self.retry_interval).min(self.turn_following(start))
    }
}

/// The first slot at or after a moment.
pub(super) fn slot_from(moment: Mono) -> Mono {
    let slot = u64::try_from(SLOT.as_millis()).unwrap_or(1);
    Mono(moment.0.div_ceil(slot).saturating_mul(slot))
}

/// The slots in which `count` targets get a prompt check: one slot each as long as that takes no
/// longer than [`PROMPT_SPREAD_MAX`], then several in each.
pub(super) fn prompt_slots(now: Mono, count: usize) -> impl Iterator<Item = Mono> {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    let spread = SLOT.saturating_mul(count).min(PROMPT_SPREAD_MAX);
    (0..count).map(move |place| {
        let slots = (spread.as_millis() * u128::from(place)) / u128::from(count) / SLOT.as_millis();
        slot_from(now) + SLOT * u32::try_from(slots).unwrap_or(u32::MAX)
    })
}

/// The finaliser of splitmix64: neighbouring ids land far apart.
fn scatter(id: TargetId) -> u64 {
    let mut z = u64::from(id.0).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The next turn of every target that is being watched.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    turns: BTreeSet<(Mono, TargetId)>,
    due: BTreeMap<TargetId, Mono>,
}

impl Agenda {
    /// Sets the target's next turn, whatever it was.
    pub(super) fn plan(&mut self, id: TargetId, at: Mono) {
        if let Some(before) = self.due.insert(id, at) {
            self.turns.remove(&(before, id));
        }
        self.turns.insert((at, id));
    }

    /// Brings the target's next turn forward; an earlier one stays.
    pub(super) fn hasten(&mut self, id: TargetId, at: Mono) {
        if self.due.get(&id).is_none_or(|&due| at < due) {
            self.plan(id, at);
        }
    }

    pub(super) fn forget(&mut self, id: TargetId) {
        if let Some(due) = self.due.remove(&id) {
            self.turns.remove(&(due, id));
        }
    }

    /// The earliest turn of all.
    pub(super) fn first(&self) -> Option<Mono> {
        self.turns.first().map(|&(due, _)| due)
    }

    /// Takes out one target whose turn has come.
    pub(super) fn take_due(&mut self, now: Mono) -> Option<TargetId> {
        let &(due, id) = self.turns.first()?;
        if due > now {
            return None;
        }
        self.forget(id);
        Some(id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Endpoint;

    fn cadence(id: u32, interval: u64, retry: u64) -> Cadence {
        let endpoint = Endpoint {
            family: crate::domain::endpoint::Family::Auto,
            timeout: Duration::from_secs(10),
            handshake: crate::domain::endpoint::Handshake::Silent,
            ..Endpoint::new("db1:5432".parse().expect("an address"))
        };
        let mut definition = Definition::new("db1".to_owned(), endpoint);
        definition.interval = Duration::from_millis(interval);
        definition.retry_interval = Duration::from_millis(retry);
        Cadence::of(TargetId(id), &definition)
    }

    #[test]
    fn turns_come_at_a_fixed_rate_and_never_drift() {
        let cadence = cadence(7, 60_000, 10_000);
        let first = cadence.turn_after(Mono(0));
        let mut turn = first;
        for k in 0..44_640u64 {
            assert_eq!(turn.0, first.0 + k * 60_000);
            turn = cadence.turn_after(Mono(turn.0 + 731));
        }
    }

    #[test]
    fn ids_spread_over_the_interval() {
        let mut tenths = [0u32; 10];
        for id in 0..10_000 {
            let turn = cadence(id, 60_000, 10_000).turn_after(Mono(600_000));
            tenths[usize::try_from((turn.0 - 600_001) / 6_000).expect("small")] += 1;
        }
        assert!(tenths.iter().all(|&n| (900..1100).contains(&n)), "{tenths:?}");
    }

    #[test]
    fn regular_turns_come_five_times_a_second_together() {
        let turns: BTreeSet<u64> = (0..10_000).map(|id| cadence(id, 60_000, 10_000).turn_after(Mono(0)).0).collect();
        assert!(turns.iter().all(|turn| turn % 200 == 0));
        assert_eq!(turns.len(), 300, "every fifth of a second of the minute");
        let second: BTreeSet<u64> = (0..100).map(|id| cadence(id, 1_000, 1_000).turn_after(Mono(0)).0).collect();
        assert_eq!(second, BTreeSet::from([200, 400, 600, 800, 1_000]));
    }

    #[test]
    fn an_interval_that_is_no_multiple_of_a_slot_keeps_its_rate() {
        let cadence = cadence(3, 1_010, 500);
        let turns: Vec<u64> =
            std::iter::successors(Some(cadence.turn_after(Mono(0))), |&turn| Some(cadence.turn_after(turn)))
                .take(1_001)
                .map(|turn| turn.0)
                .collect();
        assert!(turns.iter().all(|turn| turn % 50 == 0));
        assert_eq!(turns[1_000] - turns[0], 1_010_000);
    }

    #[test]
    fn a_retry_is_never_later_than_the_regular_turn() {
        let slow = cadence(1, 10_000, 60_000);
        let start = slow.turn_after(Mono(0));
        assert_eq!(slow.retry_following(start), slow.turn_following(start));
        let fast = cadence(1, 60_000, 10_000);
        let start = fast.turn_after(Mono(0));
        assert_eq!(fast.retry_following(start).0, start.0 + 10_000);
    }

    #[test]
    fn prompt_checks_take_a_slot_each_and_ten_thousand_take_five_seconds() {
        let few: Vec<u64> = prompt_slots(Mono(1_010), 3).map(|slot| slot.0).collect();
        assert_eq!(few, [1_050, 1_100, 1_150]);
        let many: Vec<u64> = prompt_slots(Mono(0), 10_000).map(|slot| slot.0).collect();
        assert_eq!((many[0], many[9_999], many.len()), (0, 4_950, 10_000));
        assert!(many.chunk_by(|a, b| a == b).all(|slot| slot.len() == 100));
    }

    #[test]
    fn the_earliest_turn_is_taken_first_and_only_when_due() {
        let mut agenda = Agenda::default();
        agenda.plan(TargetId(1), Mono(300));
        agenda.plan(TargetId(2), Mono(100));
        agenda.hasten(TargetId(1), Mono(200));
        agenda.hasten(TargetId(1), Mono(250));
        assert_eq!(agenda.first(), Some(Mono(100)));
        assert_eq!(agenda.take_due(Mono(99)), None);
        assert_eq!(agenda.take_due(Mono(200)), Some(TargetId(2)));
        assert_eq!(agenda.take_due(Mono(200)), Some(TargetId(1)));
        assert!(agenda.is_empty());
    }
}
