//! How values read on the screen: every time and address is turned into text here and only here, numbers and durations in `words`.

mod fit;
pub mod happening;
pub mod maintenance;

pub use crate::domain::Zone;
pub use crate::words::{count, coverage, full, latency, period, plural, share, short, uptime, uptime_in_words};
pub use fit::{address, clip, name, pad_left, pad_right, width, wrap};
