//! A line of the log, for people and for programs.

use crate::cli::terminal::Paint;
use crate::domain::text::clean;
use crate::domain::{Event, Happening, OutageId, Reason, Zone};
use crate::exchange::words::failure_word;
use crate::tui::standing::Standing;
use crate::tui::text::happening::{Tone, sentence, subject};
use serde_json::json;

/// How much of a line is told, in characters.
const LINE_MAX: usize = 2_000;

/// For people: when, whom it is about, and what happened.
pub(super) fn text(event: &Event, zone: Zone, paint: Paint) -> String {
    let told = clean(&sentence(event, zone), LINE_MAX);
    let told = match Tone::of(&event.what) {
        Tone::Down => paint.word(Standing::Down, &told),
        Tone::Trouble => paint.word(Standing::Failing, &told),
        Tone::Slow => paint.word(Standing::Slow, &told),
        Tone::Up => paint.word(Standing::Up, &told),
        Tone::Paused | Tone::Maintenance | Tone::Neutral => told,
    };
    format!("{}  {}  {told}", zone.date_clock(event.at), subject(event))
}

/// For programs. The names are promised: new ones may come.
pub(super) fn json(event: &Event) -> String {
    let (outage, reason) = details(&event.what);
    json!({
        "at": Zone::Utc.rfc3339_millis(event.at),
        "target": event.target.as_ref().map(|(_, name)| name),
        "event": word(&event.what),
        "outage": outage.map(|outage| outage.0),
        "reason": reason.map(failure_word),
        "text": sentence(event, Zone::Utc),
    })
    .to_string()
}

/// Which outage it is about, and why something failed.
const fn details(what: &Happening) -> (Option<OutageId>, Option<Reason>) {
    match what {
        Happening::Failing { reason, .. } => (None, Some(*reason)),
        Happening::Down { outage, reason, .. } | Happening::StillDown { outage, reason, .. } => {
            (Some(*outage), Some(*reason))
        }
        Happening::Up { outage, .. } => (Some(*outage), None),
        _ => (None, None),
    }
}

const fn word(what: &Happening) -> &'static str {
    match what {
        Happening::Started { .. } => "started",
        Happening::Stopped => "stopped",
        Happening::Added => "added",
        Happening::Edited => "edited",
        Happening::Removed => "removed",
        Happening::Restored => "restored",
        Happening::Paused => "paused",
        Happening::Resumed => "resumed",
        Happening::FirstUp => "first_up",
        Happening::Failing { .. } => "failing",
        Happening::Blip { .. } => "blip",
        Happening::Down { .. } => "down",
        Happening::Up { .. } => "up",
        Happening::Slow { .. } => "slow",
        Happening::NoLongerSlow => "no_longer_slow",
        Happening::LocalFault(_) => "local_fault",
        Happening::Blind { .. } => "blind",
        Happening::SightRestored { .. } => "sight_restored",
        Happening::Gap { .. } => "gap",
        Happening::ClockStepped { .. } => "clock_stepped",
        Happening::NotRecording { .. } => "not_recording",
        Happening::RecordingAgain { .. } => "recording_again",
        Happening::ConfigurationRead { .. } => "configuration_read",
        Happening::ConfigurationRefused { .. } => "configuration_refused",
        Happening::Note(_) => "note",
        Happening::Remarked { .. } => "remarked",
        Happening::RemarkWithdrawn { .. } => "remark_withdrawn",
        Happening::Degraded { .. } => "degraded",
        Happening::NoLongerDegraded => "no_longer_degraded",
        Happening::MaintenanceBegan { .. } => "maintenance_began",
        Happening::MaintenanceEnded { .. } => "maintenance_ended",
        Happening::MaintenanceDeclared { .. } => "maintenance_declared",
        Happening::MaintenanceWithdrawn { .. } => "maintenance_withdrawn",
        Happening::StillDown { .. } => "still_down",
    }
}
