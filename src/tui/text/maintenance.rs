//! What is told of maintenance: in the log, and of a target that is in it.

use super::happening::cause;
use super::{Zone, clip, count, short, width};
use crate::domain::maintenance::Origin;
use crate::domain::{Happening, Maintenance, Wall};
use crate::tui::widget::foreign;

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

/// When it ends, to the minute; with the day unless that is today.
pub fn until(end: Wall, now: Wall, zone: Zone) -> String {
    format!("until {}", if zone.same_day(end, now) { zone.minute(end) } else { zone.day_minute(end) })
}

/// What is being done and until when, in at most so many columns where the title can give way: `patches until 04:00`.
pub fn titled(maintenance: &Maintenance, columns: usize, ellipsis: &str, now: Wall, zone: Zone) -> String {
    let end = until(maintenance.span.to, now, zone);
    if maintenance.title.is_empty() {
        return end;
    }
    let title = clip(&foreign(&maintenance.title), columns.saturating_sub(width(&end) + 1), ellipsis);
    format!("{title} {end}").trim_start().to_owned()
}

/// The same with how much of it is left and where it comes from.
pub fn in_full(maintenance: &Maintenance, now: Wall, zone: Zone) -> String {
    let what = titled(maintenance, usize::MAX, "", now, zone);
    let origin = match maintenance.origin {
        Origin::Scheduled => "scheduled",
        Origin::Declared => "declared",
    };
    format!("{what} ({} left), {origin}", left(maintenance, now))
}

/// When one that is to come begins and ends.
pub fn next(maintenance: &Maintenance, now: Wall, zone: Zone) -> String {
    format!("next {}", zone.span(maintenance.span, now))
}

/// How much of it is left; in whole minutes where there are any, because every change is sent to the terminal.
fn left(maintenance: &Maintenance, now: Wall) -> String {
    let left = maintenance.span.to.since(now);
    match left.as_secs() {
        0..60 => "<1m".to_owned(),
        60..3_600 => format!("{}m", left.as_secs() / 60),
        seconds => short(std::time::Duration::from_secs(seconds / 60 * 60)),
    }
}

/// One target is the subject of its line.
fn on(targets: u32) -> String {
    if targets == 1 { String::new() } else { format!(" on {} targets", count(targets.into())) }
}

fn named(what: String, title: &str) -> String {
    if title.is_empty() { what } else { format!("{what}: {title}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    const HOUR: i64 = 3_600_000;

    fn maintenance(title: &str, hours: i64) -> Maintenance {
        let span = Span { from: Wall(0), to: Wall(hours * HOUR) };
        Maintenance { span, title: title.to_owned(), origin: Origin::Declared }
    }

    #[test]
    fn the_title_gives_way_and_the_end_stays() {
        let told = |title, hours, columns| titled(&maintenance(title, hours), columns, "…", Wall(0), Zone::Utc);
        assert_eq!(told("patches", 4, 22), "patches until 04:00");
        assert_eq!(told("kernel and firmware", 4, 22), "kernel an… until 04:00");
        assert_eq!(told("patches", 28, 22), "pa… until 02 Jan 04:00");
        assert_eq!(told("", 4, 22), "until 04:00");
        assert_eq!(told("patches", 4, 8), "until 04:00", "who asks cuts it off");
    }

    #[test]
    fn what_is_left_is_told_in_minutes() {
        let told = |at| in_full(&maintenance("patches", 4), Wall(at), Zone::Utc);
        assert_eq!(told(0), "patches until 04:00 (4h00m left), declared");
        assert_eq!(told(4 * HOUR - 23 * 60_000), "patches until 04:00 (23m left), declared");
        assert_eq!(told(4 * HOUR - 1), "patches until 04:00 (<1m left), declared");
    }
}
