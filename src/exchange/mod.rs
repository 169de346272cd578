//! What goes out of portpulse, in formats that others read.

pub mod file;
mod markdown;
pub mod report;
