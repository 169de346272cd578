//! The metrics of portpulse itself.

use super::super::Standing;
use super::page::{Kind, Page};
use crate::domain::Fault;
use crate::engine::tally::Counts;
use crate::monitor::{Recording, Sight, Snapshot};

/// How it fares.
pub(super) fn write(page: &mut Page, picture: &Snapshot, standing: Standing, size: Option<u64>) {
    let version = env!("CARGO_PKG_VERSION");
    page.family("portpulse_build_info", Kind::Gauge, "Which portpulse this is.").sample(&[("version", version)], 1);
    let is_owner = matches!(standing, Standing::Owner { .. });
    let help = "1 if this process makes the checks, 0 if another one does; counters are told by the one that does.";
    page.gauge("portpulse_makes_checks", help, u8::from(is_owner));
    if let Standing::Owner { attached } = standing {
        page.gauge("portpulse_attached_clients", "Screens and services that are attached.", attached);
    }
    page.gauge("portpulse_targets", "Targets, paused ones included.", picture.targets.len());
    let help = "Checks a second that the configuration asks for.";
    page.gauge("portpulse_wanted_checks_per_second", help, picture.checks_per_second);
    page.gauge("portpulse_checks_in_flight", "Connections being attempted.", picture.prober.in_flight);
    let help = "Connections that may be attempted at once.";
    page.gauge("portpulse_checks_in_flight_limit", help, picture.prober.in_flight_max);
    page.gauge("portpulse_checks_waiting", "Checks that are due and wait for their turn.", picture.prober.waiting);
    let help = "The longest delay of the prober's own thread in the last second.";
    page.gauge("portpulse_scheduler_lag_seconds", help, picture.prober.lag.as_secs_f64());
    let help = "Turns that were skipped because the check before was still running.";
    page.counter("portpulse_skipped_turns_total", help, picture.skipped_turns);
    let help = "1 while portpulse itself cannot see: states are those that were last seen.";
    page.gauge("portpulse_blind", help, u8::from(picture.sight != Sight::Clear));
    let (recording, waiting, lost) = match &picture.recording {
        Recording::Recording => (1, 0, 0),
        Recording::Temporary => (0, 0, 0),
        Recording::Failing { waiting, lost, .. } => (0, *waiting, *lost),
    };
    page.gauge("portpulse_recording", "1 while history is being written to the disk.", recording);
    page.gauge("portpulse_unsaved_checks", "Checks that wait for a disk that fails.", waiting);
    let help = "Checks that were lost since the disk began to fail, because too many waited.";
    page.gauge("portpulse_lost_checks", help, lost);
    let help = "1 while the configuration file on the disk is right; if it is wrong, the old settings stay.";
    page.gauge("portpulse_configuration_valid", help, u8::from(picture.configuration_error.is_none()));
    if let Some(size) = size {
        page.gauge("portpulse_store_size_bytes", "Files of the history.", size);
    }
}

/// What was counted of its own faults.
pub(super) fn counted(page: &mut Page, counts: &Counts) {
    let begun = counts.begun.0 as f64 / 1e3;
    page.gauge("portpulse_counting_start_timestamp_seconds", "When counting began.", begun);
    let help = "Checks that said nothing about their target, by the fault on this side; told once it was met.";
    let mut faults = page.family("portpulse_inconclusive_checks_total", Kind::Counter, help);
    for (fault, count) in &counts.faults {
        if let Some(label) = label(*fault) {
            faults.sample(&[("fault", label)], count);
        }
    }
}

/// The last three are said of rounds only, which are no checks.
const fn label(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::Script | Fault::Maintenance | Fault::Undecided => None,
        met => Some(met.label()),
    }
}
