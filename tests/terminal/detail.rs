//! The time of a target in the real program: a month of made-up history, stepped through, zoomed into and read.

use super::home::Home;
use super::pty::{DEADLINE, Pty};

/// The span in the title of the chart, while it shows the past.
fn past(pty: &Pty) -> String {
    let screen = pty.contents();
    let title = screen.lines().find(|line| line.contains("LATENCY")).unwrap_or_default();
    title.split_once(" long").map_or_else(String::new, |(title, _)| title.trim().to_owned())
}

#[test]
fn a_month_is_stepped_through_zoomed_into_and_read() {
    let home = Home::with("");
    let mut pty = home.start(&["demo"]);
    pty.wait_for("mail");
    pty.send("/mail\r");
    pty.wait_for("1-1 of 1");
    pty.send("\r");
    pty.wait_for("portpulse › mail");
    pty.wait_for("OUTAGES 2");
    pty.send("tt");
    pty.wait_for(" 31d  p50");
    pty.wait("a month of checks", |screen| screen.lines().any(|line| line.contains("max") && line.contains("44 ")));

    // The older outage in full, then around it, with the cursor on its start.
    pty.send("\t\tj");
    pty.wait_for("lasted 22m00s");
    pty.send("\r");
    pty.wait_for("failed, the last one: refused");
    pty.wait_for("in the outage since");
    pty.wait_for("24 failed (");
    let around = past(&pty);
    assert!(around.contains(" to "), "{}", pty.contents());

    // Half of it further back, and forward again to the same.
    pty.send("[");
    pty.wait("an earlier span", |screen| screen.contains(" long") && !screen.contains(&around));
    pty.send("]");
    pty.wait("the same span", |screen| screen.contains(&around));

    // Closer, by a mark: from the cursor nine columns on.
    pty.send(" llllllllll");
    pty.wait_for(" marked");
    pty.send("\r");
    pty.wait("a part of it", |screen| screen.contains(" long") && !screen.contains(&around));
    let closer = past(&pty);
    pty.send("h");
    pty.wait_for("failed: refused");
    assert_eq!(past(&pty), closer, "the picture stands still");

    // Each way out undoes one level: both spans, then the cursor, then the view.
    pty.send("\x1b");
    pty.wait("the span before", |screen| screen.contains(&around));
    pty.send("\x1b");
    pty.wait_for("[31d]");
    pty.send("\x1b");
    pty.wait("the keys of the target", |screen| !screen.contains("Space mark"));
    pty.send("\x1b");
    pty.wait_for("1-1 of 1");
    pty.send(":q!\r");
    assert_eq!(pty.wait_for_end(DEADLINE), 0, "{}", pty.contents());
}
