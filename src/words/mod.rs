//! How values read, on the screen and in files: numbers, stretches of time and reasons are turned into text here and only here.

mod duration;
mod number;

pub use duration::{full, latency, period, short};
pub use number::{count, coverage, plural, share, uptime, uptime_in_words};

use crate::domain::Reason;

/// A reason inside of a sentence.
pub fn cause(reason: Reason) -> String {
    match reason {
        Reason::DnsFailed => reason.sentence().to_owned(),
        Reason::HostUnreachable => "no route to host".to_owned(),
        _ => reason.sentence().to_lowercase(),
    }
}
