//! Arithmetic on time: what was observed, what of it was up, and the figures over a span.

mod days;
mod figures;
mod hours;
mod ledger;
mod sketch;
pub mod spans;
mod uptime;

pub use days::{UptimeHour, strip_of_hours, uptime_of_hours};
pub use figures::{Column, Percentiles, Source, Summary, columns, summary};
pub use hours::{HOUR, Hour, columns_of_hours, hour_of, hours_of, summary_of_hours, whole_hour_from};
pub use ledger::{Apart, Ledger, is_hidden, merged, open_ended, outage_span};
pub use sketch::{Sketch, bin_of};
pub use uptime::{Cell, Strip, Uptime};

use crate::domain::{Glance, Saw, Span, Wall};
use std::time::Duration;

/// How long a check speaks for: until the next one, and at most for one and a half intervals.
pub fn owned(interval: Duration) -> Duration {
    interval + interval / 2
}

/// Whether the check saw the target fail.
pub fn saw_failure(check: impl Into<Glance>) -> bool {
    check.into().saw == Saw::Failure
}

/// The time that a check which started at `at` speaks for, if the next one started at `next` and nothing is cut out.
pub fn spoken_for(at: Wall, next: Wall, interval: Duration) -> Span {
    Span { from: at, to: next.min(at + owned(interval)) }
}
