//! How numbers are coded that are mostly what was expected.

mod bits;
mod rhythm;
mod scale;
mod steps;
mod trend;

pub(super) use bits::{BitReader, BitWriter};
pub(super) use rhythm::Rhythm;
pub(super) use steps::{middle_of, step_of};
pub(super) use trend::Trend;
