//! How values read on the screen: every number, time and address is turned into text here and only here.

mod duration;
mod fit;
pub mod happening;
mod number;

pub use crate::domain::Zone;
pub use duration::{full, latency, period, short};
pub use fit::{address, clip, name, pad_left, pad_right, width, wrap};
pub use number::{count, coverage, plural, share, uptime, uptime_in_words};
