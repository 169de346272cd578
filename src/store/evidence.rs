//! The checks around outages stay as they are when the checks beside them go, or become coarse.

use super::chunk::{Packer, Precision};
use super::key::Series;
use super::ledger::Ledger;
use super::unpack::{Head, unpack};
use crate::domain::{Outage, Span, TargetId, Wall};
use crate::window::spans;
use std::time::Duration;

/// Checks from so long before to so long after an outage live as long as the outage.
const AROUND: Duration = Duration::from_mins(10);
/// Of an outage that lasts longer than twice this, so much at its beginning and at its end: a target
/// that nobody repairs for a year must not keep a year of checks that all say the same.
const EACH_END: Duration = Duration::from_hours(24);

/// What is left of a chunk.
pub(super) enum Left {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// This chunk, under the same key: its checks are some of those that were there.
    Some(Vec<u8>),
}

impl Ledger {
    /// The time whose checks are evidence of an outage of this target.
    pub(super) fn evidence_of(&self, target: TargetId) -> Vec<Span> {
        let mut evidence = Vec::new();
        for outage in self.outages_of(target) {
            for span in around(outage) {
                spans::insert(&mut evidence, span);
            }
        }
        evidence
    }
}

fn around(outage: &Outage) -> [Span; 2] {
    let from = outage.started_at - AROUND;
    let first = Span { from, to: outage.started_at + EACH_END };
    match outage.ended_at() {
        None => [first, first],
        Some(end) => {
            let whole = Span { from, to: end + AROUND };
            let last = Span { from: end - EACH_END, to: end + AROUND };
            [first.overlap(whole).unwrap_or(whole), last.overlap(whole).unwrap_or(whole)]
        }
    }
}

/// What of a chunk is evidence. A chunk that cannot be read stays as it is.
pub(super) fn reduce(of: Series, head: Head, chunk: &[u8], evidence: &[Span]) -> Left {
    let near = evidence.partition_point(|span| span.to <= head.first);
    if evidence.get(near).is_none_or(|span| span.from > head.last) {
        return Left::Nothing;
    }
    let mut checks = Vec::new();
    let Some(turns) = unpack(of, chunk, &mut checks) else { return Left::All };
    let mut packer = Packer::default();
    for (check, precision) in checks.iter().zip(turns.each()) {
        if is_evidence(evidence, check.at) {
            packer.push_as(check, precision);
        }
    }
    match packer.count() {
        0 => Left::Nothing,
        left if left == head.count => Left::All,
        _ => Left::Some(packer.bytes_sealed()),
    }
}

/// A chunk whose checks are coarse but for evidence; `None` if it is to stay as it is, because it was made
/// coarse before, is evidence through and through, or cannot be read.
pub(super) fn coarsen(of: Series, head: Head, chunk: &[u8], evidence: &[Span]) -> Option<Vec<u8>> {
    let near = evidence.get(evidence.partition_point(|span| span.to <= head.first));
    let is_all = near.is_some_and(|span| span.contains(head.first) && span.contains(head.last));
    if head.coarse > 0 || is_all {
        return None;
    }
    let mut checks = Vec::new();
    unpack(of, chunk, &mut checks)?;
    let mut packer = Packer::default();
    for check in &checks {
        let precision = if is_evidence(evidence, check.at) { Precision::Exact } else { Precision::Coarse };
        packer.push_as(check, precision);
    }
    packer.has_coarse().then(|| packer.bytes_sealed())
}

fn is_evidence(evidence: &[Span], at: Wall) -> bool {
    let near = evidence.partition_point(|span| span.to <= at);
    evidence.get(near).is_some_and(|span| span.contains(at))
}
