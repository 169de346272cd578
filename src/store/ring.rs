//! Records that wait for the disk: bounded, and the least worth is dropped first.

use super::chunk::exact;
use crate::domain::{CatalogEntry, Check, Former, MaintenanceOf, Outage, OutageId, Record, TargetId};
use std::collections::{HashSet, VecDeque};

/// Records that become true together.
pub(super) type Batch = Vec<Record>;

/// Waiting batches, oldest first.
///
/// At most `limit` records wait. When there are more, the oldest checks go first, a tenth of the
/// limit at a time; if that is not enough, everything that a later record replaces goes, and then
/// the oldest lines of the log. Targets and outages are never dropped for their age.
#[derive(Debug)]
pub(super) struct Ring {
    batches: VecDeque<Batch>,
    records: usize,
    limit: usize,
    lost: u64,
}

impl Ring {
    pub fn new(limit: usize) -> Self {
        Self { batches: VecDeque::new(), records: 0, limit: limit.max(16), lost: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many records wait.
    pub const fn records(&self) -> usize {
        self.records
    }

    /// How many records were dropped since this was last asked.
    pub fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// Appends a batch.
    pub fn push(&mut self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let batch: Batch = batch
            .into_iter()
            .map(|record| match record {
                Record::Check(check) => Record::Check(exact(check)),
                other => other,
            })
            .collect();
        self.records += batch.len();
        self.batches.push_back(batch);
        self.shrink();
    }

    /// Puts batches back in front of all others.
    pub fn push_front(&mut self, batches: Vec<Batch>) {
        for batch in batches.into_iter().rev().filter(|batch| !batch.is_empty()) {
            self.records += batch.len();
            self.batches.push_front(batch);
        }
        self.shrink();
    }

    /// Takes everything out, oldest first.
    pub fn take(&mut self) -> Vec<Batch> {
        self.records = 0;
        std::mem::take(&mut self.batches).into()
    }

    /// Appends everything that waits in another ring.
    pub fn append(&mut self, other: &mut Self) {
        self.lost += other.take_lost();
        self.records += std::mem::take(&mut other.records);
        self.batches.append(&mut other.batches);
        self.shrink();
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.batches.iter().flatten()
    }

    /// The checks among them.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.iter().filter_map(|record| match record {
            Record::Check(check) => Some(check),
            _ => None,
        })
    }

    /// The outages among them, in the order of arrival; a later one replaces an earlier one.
    pub fn outages(&self) -> impl Iterator<Item = &Outage> {
        self.iter().filter_map(|record| match record {
            Record::Outage(outage) => Some(outage),
            _ => None,
        })
    }

    /// The targets among them, likewise.
    pub fn targets(&self) -> impl DoubleEndedIterator<Item = &CatalogEntry> {
        self.iter().filter_map(|record| match record {
            Record::Target(entry) => Some(entry),
            _ => None,
        })
    }

    /// What targets were before, among them.
    pub fn formers(&self) -> impl Iterator<Item = &Former> {
        self.iter().filter_map(|record| match record {
            Record::Former(former) => Some(former),
            _ => None,
        })
    }

    /// What was said of maintenance, among them.
    pub fn maintenance(&self) -> impl Iterator<Item = &MaintenanceOf> {
        self.iter().filter_map(|record| match record {
            Record::Maintenance(said) => Some(said),
            _ => None,
        })
    }

    fn shrink(&mut self) {
        if self.records <= self.limit {
            return;
        }
        let aim = self.limit - self.limit / 10;
        self.drop_oldest(aim, |record| matches!(record, Record::Check(_)));
        if self.records > self.limit {
            self.drop_replaced();
            self.drop_oldest(aim, |record| {
                !matches!(
                    record,
                    Record::Target(_)
                        | Record::Former(_)
                        | Record::Maintenance(_)
                        | Record::Outage(_)
                        | Record::AdHocCleared
                )
            });
        }
    }

    fn drop_oldest(&mut self, aim: usize, may_go: impl Fn(&Record) -> bool) {
        let mut excess = self.records.saturating_sub(aim);
        for batch in &mut self.batches {
            if excess == 0 {
                break;
            }
            batch.retain(|record| {
                let goes = excess > 0 && may_go(record);
                excess -= usize::from(goes);
                self.lost += u64::from(goes);
                !goes
            });
        }
        self.tidy();
    }

    /// Of each target and outage, and of the proofs of life, only the newest matters.
    fn drop_replaced(&mut self) {
        let mut targets: HashSet<TargetId> = HashSet::new();
        let mut outages: HashSet<OutageId> = HashSet::new();
        let mut is_alive_seen = false;
        for batch in self.batches.iter_mut().rev() {
            let mut newest_first: Batch = batch.drain(..).rev().collect();
            newest_first.retain(|record| match record {
                Record::Target(entry) => targets.insert(entry.target.id),
                Record::Outage(outage) => outages.insert(outage.id),
                Record::Alive(_) => !std::mem::replace(&mut is_alive_seen, true),
                _ => true,
            });
            batch.extend(newest_first.into_iter().rev());
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        self.batches.retain(|batch| !batch.is_empty());
        self.records = self.batches.iter().map(Vec::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::maintenance::Origin;
    use crate::domain::{
        Closing, EndpointId, Event, Fault, Happening, Maintenance, Outcome, Reason, Span, VantageId, Wall,
    };
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn check(at: i64) -> Record {
        Record::Check(Check {
            endpoint: EndpointId(1),
            vantage: VantageId::HERE,
            at: Wall(at),
            outcome: Outcome::Inconclusive(Fault::Stalled),
            dns: None,
            address: None,
            tried: 0,
            answered: 0,
        })
    }

    fn outage(id: u64, closing: Option<Closing>) -> Record {
        Record::Outage(Outage {
            id: OutageId(id),
            target: TargetId(1),
            name: "db1".to_owned(),
            started_at: Wall(0),
            detected_at: Wall(0),
            last_failure_at: Wall(0),
            closing,
            reason: Reason::Refused,
            failures: [0; crate::domain::REASONS],
            inconclusive: 0,
            unobserved: Duration::ZERO,
        })
    }

    fn event(at: i64) -> Record {
        Record::Event(Event { at: Wall(at), target: None, what: Happening::Added })
    }

    #[test]
    fn the_oldest_checks_go_before_anything_else() {
        let mut ring = Ring::new(20);
        ring.push(vec![event(0), outage(1, None), check(0)]);
        (1..=30).for_each(|at| ring.push(vec![check(at)]));
        let kept: Vec<i64> = ring.checks().map(|check| check.at.0).collect();
        assert!(ring.records() <= 20 && kept.last() == Some(&30) && kept.is_sorted());
        assert_eq!(ring.take_lost() as usize + kept.len(), 31);
        let batches = ring.take();
        assert_eq!(batches.first(), Some(&vec![event(0), outage(1, None)]));
    }

    #[test]
    fn what_was_said_of_maintenance_is_never_dropped() {
        let said = |from: i64| {
            let span = Span { from: Wall(from), to: Wall(from) };
            let maintenance = Maintenance { span, title: String::new(), origin: Origin::Declared };
            MaintenanceOf { targets: vec![TargetId(1)], maintenance }
        };
        let mut ring = Ring::new(20);
        (0..15).for_each(|from| ring.push(vec![Record::Maintenance(said(from)), event(from)]));
        (0..40).for_each(|at| ring.push(vec![check(at)]));
        assert!(ring.maintenance().eq(&(0..15).map(said).collect::<Vec<_>>()));
        assert!(ring.records() <= 20, "{}", ring.records());
    }

    #[test]
    fn without_checks_what_was_replaced_goes_and_no_outage_is_forgotten() {
        let mut ring = Ring::new(20);
        let ended = Some(Closing::Paused(Wall(9)));
        for id in 0..15 {
            ring.push(vec![outage(id, None), event(id.cast_signed())]);
            ring.push(vec![outage(id, ended), Record::Alive(Wall(id.cast_signed()))]);
        }
        let newest: BTreeMap<_, _> = ring.outages().map(|outage| (outage.id.0, outage.closing)).collect();
        assert_eq!(newest, (0..15).map(|id| (id, ended)).collect());
        assert!(ring.records() <= 20, "{}", ring.records());
    }
}
