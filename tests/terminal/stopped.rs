//! A program that is stopped for a while: it was not looking, and blames nobody for that.

use super::home::{BRISK, Home};
use super::quit;
use rustix::process::Signal;
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn a_program_that_is_stopped_has_a_gap_and_no_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let home = Home::with(&format!("{BRISK}\n[[target]]\nname = \"orders\"\naddress = \"{address}\"\n"));
    let mut pty = home.start(&[]);
    pty.wait_for("● UP");
    for stopped_for in [2, 8] {
        pty.signal(Signal::STOP);
        // So long it stands still: nothing can happen that could be waited for.
        std::thread::sleep(Duration::from_secs(stopped_for));
        pty.signal(Signal::CONT);
        pty.wait_for("● UP");
    }
    pty.send("4");
    pty.wait_for("nobody watched for");
    assert!(!pty.contents().contains("failed") && !pty.contents().contains("blind"), "{}", pty.contents());
    pty.send("2");
    pty.wait_for("No outage in the last 24h");
    quit(&mut pty);
    drop(listener);
}

#[test]
fn a_program_that_is_killed_goes_on_with_the_same_outage_whenever_that_happens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let home = Home::with(&format!("{BRISK}\n[[target]]\nname = \"orders\"\naddress = \"{address}\"\n"));
    let mut pty = home.start(&[]);
    pty.wait_for("▼ DOWN");
    // What is not on disk after a second and a half would not be there after a power cut either.
    pty.read_for(Duration::from_millis(1_500));
    pty.send("2");
    pty.wait_for("1 ongoing");
    let started = started_at(&pty.contents());
    for delay in [0, 130, 450, 800, 1_300] {
        pty.read_for(Duration::from_millis(delay));
        pty.signal(Signal::KILL);
        pty.wait_for_end(super::DEADLINE);
        pty = home.start(&[]);
        pty.wait_for("▼ DOWN");
        pty.send("2");
        pty.wait_for("1 ongoing");
        assert_eq!(started_at(&pty.contents()), started, "{}", pty.contents());
        assert!(!pty.contents().contains("recovered"), "{}", pty.contents());
    }
    quit(&mut pty);
}

/// The row of the outage without what grows: its first clock time.
fn started_at(screen: &str) -> String {
    let row = screen.lines().find(|line| line.contains("orders") && line.contains("refused"));
    let row = row.unwrap_or_else(|| panic!("no outage in {screen}"));
    row.split_whitespace().find(|word| word.matches(':').count() == 2).expect("a start").to_owned()
}
