//! The one place that reads clocks: both of them, for the engine and for the screen.

use crate::domain::{Mono, Now, Wall};
use rustix::time::{ClockId, clock_gettime};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the moment; a test hands in its own.
pub type Clock = fn() -> Now;

/// The moment on the clocks of this machine: `CLOCK_BOOTTIME`, which goes on during a suspend,
/// since the first call, and the wall clock, which anybody may step.
pub fn system() -> Now {
    static START: OnceLock<i64> = OnceLock::new();
    let boot = since_boot();
    let start = *START.get_or_init(|| boot);
    let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    Now { mono: Mono(u64::try_from(boot - start).unwrap_or(0)), wall: Wall(wall) }
}

/// Whole milliseconds since the machine was started.
fn since_boot() -> i64 {
    let time = clock_gettime(ClockId::Boottime);
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_go_forward_from_where_they_stand() {
        let first = system();
        let second = system();
        assert!(second.mono >= first.mono);
        assert!(first.wall > Wall(1_700_000_000_000), "the wall clock is that of the machine: {:?}", first.wall);
    }
}
