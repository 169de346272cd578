//! What is told of maintenance, in sentences.

use super::count;
use super::happening::cause;
use crate::domain::{Happening, Wall};
use crate::tui::text::Zone;

/// A line of the log about maintenance, without its subject; `None` for any other line.
pub(super) fn sentence(what: &Happening, at: Wall, zone: Zone) -> Option<String> {
    Some(match what {
        Happening::MaintenanceBegan { title, targets, until } => {
            named(format!("maintenance{} until {}", on(*targets), zone.nearby(*until, at)), title)
        }
        Happening::MaintenanceEnded { title, targets } => named(format!("maintenance{} is over", on(*targets)), title),
        Happening::MaintenanceDeclared { title, targets, span } => {
            named(format!("maintenance{} declared, {}", on(*targets), zone.span(*span, at)), title)
        }
        Happening::MaintenanceWithdrawn { title, targets, span } => {
            named(format!("took back the maintenance{}, {}", on(*targets), zone.span(*span, at)), title)
        }
        Happening::StillDown { reason, since, .. } => {
            format!("still DOWN after its maintenance, since {}: {}", zone.nearby(*since, at), cause(*reason))
        }
        _ => return None,
    })
}

/// One target is the subject of its line.
fn on(targets: u32) -> String {
    if targets == 1 { String::new() } else { format!(" on {} targets", count(targets.into())) }
}

fn named(what: String, title: &str) -> String {
    if title.is_empty() { what } else { format!("{what}: {title}") }
}
