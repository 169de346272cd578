//! How numbers are coded that are mostly what was expected.

mod bits;
mod rhythm;
mod scale;
mod trend;

pub(super) use bits::{BitReader, BitWriter};
pub(super) use rhythm::Rhythm;
pub(super) use trend::Trend;
