//! What a check says about time and about nothing else: all that uptimes are made of.

use super::check::{Check, Path};
use super::{VantageId, Wall};

/// What a check saw of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saw {
    /// It was open.
    Open,
    /// It failed.
    Failure,
    /// Nothing: the fault was ours.
    Nothing,
}

/// A check without its figures: a day of them takes a few kilobytes and microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// When it started.
    pub at: Wall,
    /// From where.
    pub vantage: VantageId,
    /// The way that it took, `None` if it never set out.
    pub path: Option<Path>,
    /// What it saw.
    pub saw: Saw,
}

impl From<&Check> for Glance {
    fn from(check: &Check) -> Self {
        let saw = match check.outcome {
            outcome if !outcome.is_conclusive() => Saw::Nothing,
            outcome if outcome.is_open() => Saw::Open,
            _ => Saw::Failure,
        };
        Self { at: check.at, vantage: check.vantage, path: check.path(), saw }
    }
}
