//! What happened, told in sentences.

pub use crate::words::cause;

use super::{count, full, latency, maintenance, plural};
use crate::domain::{Event, Happening, Wall};
use crate::tui::{text::Zone, theme::Role};
use std::time::Duration;

/// What an event did to its subject, for the sign in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It is down.
    Down,
    /// It fails, or something is the matter with us.
    Trouble,
    /// It is slow.
    Slow,
    /// It is up (again).
    Up,
    /// It is paused.
    Paused,
    /// Somebody works on it, or is done.
    Maintenance,
    /// Nothing for better or worse.
    Neutral,
}

impl Tone {
    /// Of an event.
    pub const fn of(what: &Happening) -> Self {
        match what {
            Happening::Down { .. } | Happening::StillDown { .. } => Self::Down,
            Happening::Failing { .. }
            | Happening::LocalFault(_)
            | Happening::Blind { .. }
            | Happening::NotRecording { .. }
            | Happening::ConfigurationRefused { .. } => Self::Trouble,
            Happening::Slow { .. } | Happening::Degraded { .. } => Self::Slow,
            Happening::Up { .. }
            | Happening::FirstUp
            | Happening::Blip { .. }
            | Happening::NoLongerSlow
            | Happening::NoLongerDegraded
            | Happening::SightRestored { .. }
            | Happening::RecordingAgain { .. } => Self::Up,
            Happening::Paused => Self::Paused,
            Happening::MaintenanceBegan { .. }
            | Happening::MaintenanceEnded { .. }
            | Happening::MaintenanceDeclared { .. }
            | Happening::MaintenanceWithdrawn { .. } => Self::Maintenance,
            Happening::Started { .. }
            | Happening::Stopped
            | Happening::Added
            | Happening::Edited
            | Happening::Removed
            | Happening::Restored
            | Happening::Resumed
            | Happening::Gap { .. }
            | Happening::ClockStepped { .. }
            | Happening::ConfigurationRead { .. }
            | Happening::Note(_)
            | Happening::Remarked { .. }
            | Happening::RemarkWithdrawn { .. } => Self::Neutral,
        }
    }

    /// The role of its sign.
    pub const fn role(self) -> Role {
        match self {
            Self::Down => Role::Failed,
            Self::Trouble => Role::Failing,
            Self::Slow => Role::Slow,
            Self::Up => Role::Up,
            Self::Paused | Self::Maintenance | Self::Neutral => Role::Muted,
        }
    }
}

/// Whom an event is about.
pub fn subject(event: &Event) -> &str {
    let everything = match event.what {
        Happening::Remarked { .. } | Happening::RemarkWithdrawn { .. } => "all targets",
        Happening::MaintenanceBegan { .. }
        | Happening::MaintenanceEnded { .. }
        | Happening::MaintenanceDeclared { .. }
        | Happening::MaintenanceWithdrawn { .. } => "maintenance",
        _ => "portpulse",
    };
    event.target.as_ref().map_or(everything, |(_, name)| name)
}

/// What happened, without the subject.
pub fn sentence(event: &Event, zone: Zone) -> String {
    match &event.what {
        Happening::Started { targets, away } => started(*targets, *away),
        Happening::Stopped => "stopped on request; nothing is checked from here on".to_owned(),
        Happening::Added => "added; the first check runs at once".to_owned(),
        Happening::Edited => "its definition was changed".to_owned(),
        Happening::Removed => "removed; its history is kept for a day".to_owned(),
        Happening::Restored => "brought back with its history".to_owned(),
        Happening::Paused => "paused by hand; this time counts neither as up nor as down".to_owned(),
        Happening::Resumed => "resumed".to_owned(),
        Happening::FirstUp => "UP: the first check found the port open".to_owned(),
        Happening::Failing { count, of, reason } => format!("failed check {count} of {of}: {}", cause(*reason)),
        Happening::Blip { failures } => {
            format!("answers again after {}; too few for an outage", plural(u64::from(*failures), "failed check"))
        }
        Happening::Down { reason, since, .. } => {
            format!("DOWN since {}: {}", zone.nearby(*since, event.at), cause(*reason))
        }
        Happening::Up { lasted, .. } => format!("UP again after {} down", full(*lasted)),
        Happening::Slow { latency: taken, limit } => {
            format!("SLOW: {}, over its limit of {}", latency(*taken), latency(*limit))
        }
        Happening::NoLongerSlow => "no longer slow: within its limit".to_owned(),
        Happening::Degraded { fine, of } => format!("DEGRADED: {fine} of {of} are fine"),
        Happening::NoLongerDegraded => "no longer degraded".to_owned(),
        Happening::Remarked { about, text } => remarked("note", *about, text, event.at, zone),
        Happening::RemarkWithdrawn { about, text } => remarked("took back the note", *about, text, event.at, zone),
        what => maintenance::sentence(what, event.at, zone).unwrap_or_else(|| about_us(what)),
    }
}

/// What happened to portpulse itself.
fn about_us(what: &Happening) -> String {
    match what {
        Happening::LocalFault(fault) => format!("a check says nothing about its target: {}", fault.sentence()),
        Happening::Blind { why } => format!("cannot see: {why}; no target is called down meanwhile"),
        Happening::SightRestored { after } => format!("sees again after {}", full(*after)),
        Happening::Gap { lasted } => format!("nobody watched for {}: stopped, suspended or stalled", full(*lasted)),
        Happening::ClockStepped { milliseconds } => {
            let way = if *milliseconds < 0 { "back" } else { "forward" };
            format!("the clock was set {way} by {}", latency(Duration::from_millis(milliseconds.unsigned_abs())))
        }
        Happening::NotRecording { why } => format!("history is not being recorded: {why}"),
        Happening::RecordingAgain { lost: 0 } => "history is recorded again; no check was lost".to_owned(),
        Happening::RecordingAgain { lost } => {
            format!("history is recorded again; {} lost", plural(*lost, "check"))
        }
        Happening::ConfigurationRead { added, changed, removed } => format!(
            "configuration read again: {} added, {} changed, {} removed",
            count((*added).into()),
            count((*changed).into()),
            count((*removed).into())
        ),
        Happening::ConfigurationRefused { why } => format!("the configuration was not taken over: {why}"),
        Happening::Note(words) => words.clone(),
        _ => String::new(),
    }
}

/// A remark that was written later than what it is about says so.
fn remarked(what: &str, about: Wall, text: &str, at: Wall, zone: Zone) -> String {
    if about == at { format!("{what}: {text}") } else { format!("{what} about {}: {text}", zone.nearby(about, at)) }
}

fn started(targets: u32, away: Option<Duration>) -> String {
    let watching = format!("started, watching {}", plural(targets.into(), "target"));
    match away {
        Some(away) => format!("{watching}; was off for {}", full(away)),
        None => watching,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fault, OutageId, Reason, Span, TargetId};

    #[test]
    #[rustfmt::skip]
    fn every_happening_has_its_words() {
        let second = Duration::from_secs;
        let told = [
            (Happening::Started { targets: 1, away: None }, "started, watching 1 target"),
            (Happening::Started { targets: 61, away: Some(second(720)) }, "started, watching 61 targets; was off for 12m00s"),
            (Happening::Stopped, "stopped on request; nothing is checked from here on"),
            (Happening::Added, "added; the first check runs at once"),
            (Happening::Edited, "its definition was changed"),
            (Happening::Removed, "removed; its history is kept for a day"),
            (Happening::Restored, "brought back with its history"),
            (Happening::Paused, "paused by hand; this time counts neither as up nor as down"),
            (Happening::Resumed, "resumed"),
            (Happening::FirstUp, "UP: the first check found the port open"),
            (Happening::Failing { count: 1, of: 3, reason: Reason::TimedOut }, "failed check 1 of 3: connection timed out"),
            (Happening::Blip { failures: 2 }, "answers again after 2 failed checks; too few for an outage"),
            (Happening::Down { outage: OutageId(1), reason: Reason::Refused, since: Wall(0) }, "DOWN since 00:00:00: connection refused"),
            (Happening::Up { outage: OutageId(1), lasted: second(334) }, "UP again after 5m34s down"),
            (Happening::Slow { latency: Duration::from_millis(412), limit: Duration::from_millis(250) }, "SLOW: 412ms, over its limit of 250ms"),
            (Happening::NoLongerSlow, "no longer slow: within its limit"),
            (Happening::Degraded { fine: 2, of: 3 }, "DEGRADED: 2 of 3 are fine"),
            (Happening::NoLongerDegraded, "no longer degraded"),
            (Happening::LocalFault(Fault::Descriptors), "a check says nothing about its target: out of file descriptors here"),
            (Happening::Blind { why: "no route through IPv4".to_owned() }, "cannot see: no route through IPv4; no target is called down meanwhile"),
            (Happening::SightRestored { after: second(130) }, "sees again after 2m10s"),
            (Happening::Gap { lasted: second(7_380) }, "nobody watched for 2h03m: stopped, suspended or stalled"),
            (Happening::ClockStepped { milliseconds: -3_200 }, "the clock was set back by 3.2s"),
            (Happening::NotRecording { why: "no space left on device".to_owned() }, "history is not being recorded: no space left on device"),
            (Happening::RecordingAgain { lost: 0 }, "history is recorded again; no check was lost"),
            (Happening::RecordingAgain { lost: 1_200 }, "history is recorded again; 1 200 checks lost"),
            (Happening::ConfigurationRead { added: 2, changed: 1, removed: 0 }, "configuration read again: 2 added, 1 changed, 0 removed"),
            (Happening::ConfigurationRefused { why: "line 7: unknown key `intervall`".to_owned() }, "the configuration was not taken over: line 7: unknown key `intervall`"),
            (Happening::Remarked { about: Wall(60_000), text: "deploy".to_owned() }, "note: deploy"),
            (Happening::RemarkWithdrawn { about: Wall(0), text: "deploy".to_owned() }, "took back the note about 00:00:00: deploy"),
            (Happening::MaintenanceBegan { title: "patches".to_owned(), targets: 1, until: Wall(90_000) }, "maintenance until 00:01:30: patches"),
            (Happening::MaintenanceBegan { title: String::new(), targets: 1_200, until: Wall(90_000) }, "maintenance on 1 200 targets until 00:01:30"),
            (Happening::MaintenanceEnded { title: "patches".to_owned(), targets: 2 }, "maintenance on 2 targets is over: patches"),
            (Happening::MaintenanceDeclared { title: String::new(), targets: 1, span: Span { from: Wall(0), to: Wall(60_000) } }, "maintenance declared, 00:00:00 to 00:01:00"),
            (Happening::MaintenanceWithdrawn { title: String::new(), targets: 1, span: Span { from: Wall(0), to: Wall(60_000) } }, "took back the maintenance, 00:00:00 to 00:01:00"),
            (Happening::StillDown { outage: OutageId(1), reason: Reason::Refused, since: Wall(0) }, "still DOWN after its maintenance, since 00:00:00: connection refused"),
            (Happening::Note("the store was moved aside".to_owned()), "the store was moved aside"),
        ];
        for (what, words) in told {
            assert_eq!(sentence(&Event { at: Wall(60_000), target: None, what }, Zone::Utc), words);
        }
    }

    #[test]
    fn the_subject_is_the_target_or_portpulse_itself() {
        let about_us = Event { at: Wall(0), target: None, what: Happening::Stopped };
        assert_eq!(subject(&about_us), "portpulse");
        let about_it = Event { target: Some((TargetId(1), "db".to_owned())), ..about_us };
        assert_eq!(subject(&about_it), "db");
        let about_all =
            Event { target: None, what: Happening::Remarked { about: Wall(0), text: String::new() }, ..about_it };
        assert_eq!(subject(&about_all), "all targets");
    }
}
