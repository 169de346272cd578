//! `:export` and `:backup`: which rows of whose history are meant, and what is said when they are written.

use super::dashboard;
use super::session::Session;
use portpulse::domain::TargetId;
use portpulse::exchange::Format;
use portpulse::exchange::export::{Export, Exported};
use portpulse::tui::message::{Exporting, Written};
use portpulse::tui::{Intent, Msg};
use std::path::Path;
use std::time::Duration;

fn export(session: &Session) -> (&Path, &Export) {
    match session.wanted.as_slice() {
        [Intent::Export { path, export }] => (path, export),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_shown_goes_into_a_file() {
    const DAY: u64 = 24;
    for (keys, what, format, hours, targets) in [
        (":export<space>a.csv<enter>", Exported::Summary, Format::Csv, DAY, None),
        (":export<space>json<space>a.csv<enter>", Exported::Summary, Format::Json, DAY, None),
        ("t:export<space>checks<space>a.JSON<enter>", Exported::Checks, Format::Json, 7 * DAY, None),
        ("<space>j<space>:export<space>a.csv<enter>", Exported::Summary, Format::Csv, DAY, Some(2)),
        ("<enter>:export<space>a.csv<enter>", Exported::Checks, Format::Csv, DAY, Some(1)),
        ("<enter>:export<space>outages<space>a.csv<enter>", Exported::Outages, Format::Csv, DAY, Some(1)),
    ] {
        let mut session = dashboard(80, 24);
        session.press(keys);
        let (path, export) = export(&session);
        assert_eq!((export.what, export.format, export.step), (what, format, None), "{keys}");
        assert!(path.to_string_lossy().eq_ignore_ascii_case("a.csv") || format == Format::Json, "{keys}");
        let length = export.span.length();
        assert!(length.abs_diff(Duration::from_hours(hours)) <= Duration::from_millis(1), "{keys}: {length:?}");
        let count = export.targets.len();
        assert!(targets.map_or(count > 2, |targets| count == targets), "{keys}: {count}");
    }
}

#[test]
fn a_summary_has_a_row_for_each_step() {
    let mut session = dashboard(80, 24);
    session.press(":export<space>summary<space>1h<space>a.csv<enter>");
    let (path, export) = export(&session);
    assert_eq!(
        (path, export.what, export.step),
        (Path::new("a.csv"), Exported::Summary, Some(Duration::from_hours(1)))
    );
    let mut session = dashboard(80, 24);
    session.press(":export<space>checks<space>1h<space>a.csv<enter>").shows("a step is for summary");
    session.press(":export<space>outages<space>2026<space>a.csv<enter>");
    assert_eq!(self::export(&session).0, Path::new("2026 a.csv"), "a number without a unit is a name");
}

#[test]
fn what_cannot_be_written_is_said_and_so_is_what_was() {
    let mut session = dashboard(80, 24);
    session.press(":export<enter>").shows("write the name of a new file");
    session.press(":export<space>checks<space>a.txt<enter>").shows("such as night.csv");
    session.press(":backup<enter>").shows("such as month.bak");
    assert!(session.wanted.is_empty(), "{:?}", session.wanted);
    session.press(":backup<space>b.bak<enter>").shows("copying the history to b.bak");
    assert_eq!(session.wanted, [Intent::BackUp("b.bak".into())]);
    let written = |rows| Msg::Exported(Ok(Written { path: "/a.csv".into(), rows, bytes: 12_345 }));
    session.happens(written(Some(99))).shows("wrote /a.csv: 99 rows, 12 345 bytes");
    session.happens(written(None)).shows("wrote /a.csv: 12 345 bytes");
    session.happens(Msg::Exported(Err("/a.csv: the disk is full".to_owned()))).shows("the disk is full");
}

#[test]
fn how_far_a_file_is_is_said_where_nothing_else_is() {
    let mut session = dashboard(80, 24);
    session.press(":export<space>a.csv<enter>").shows("writing a.csv of ");
    let targets = export(&session).1.targets.len();
    let how_far = |rows| Msg::Exporting(Exporting { path: "a.csv".into(), targets, done: 2, rows });
    session.happens(how_far(99)).shows(": 2 done, 99 rows; :export stop ends it");
    session.happens(how_far(12_345)).shows(": 2 done, 12 345 rows");
    session.press(":backup<enter>").shows("such as month.bak");
    session.happens(how_far(20_000)).shows("such as month.bak");
    session.wanted.clear();
    session.press(":export<space>stop<enter>").shows("ends here");
    assert_eq!(session.wanted, [Intent::StopExports]);
}

#[test]
fn outages_of_targets_that_are_not_watched_any_more_go_into_the_file_as_well() {
    let mut session = dashboard(80, 24);
    session.press("2").shows("git-ssh");
    session.press(":export<space>a.csv<enter>");
    assert!(export(&session).1.targets.contains(&TargetId(900)));
}
