//! The checks around outages stay when the checks beside them go.

use super::chunk::Packer;
use super::key::Series;
use super::ledger::Ledger;
use super::unpack::{Head, unpack};
use crate::domain::{Outage, Span, TargetId};
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
    if unpack(of, chunk, &mut checks).is_none() {
        return Left::All;
    }
    let count = checks.len();
    checks.retain(|check| {
        let near = evidence.partition_point(|span| span.to <= check.at);
        evidence.get(near).is_some_and(|span| span.contains(check.at))
    });
    match checks.len() {
        0 => Left::Nothing,
        left if left == count => Left::All,
        _ => {
            let mut packer = Packer::default();
            for check in &checks {
                packer.push(check);
            }
            Left::Some(packer.bytes_sealed())
        }
    }
}
