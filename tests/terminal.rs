//! The real program on a real terminal: what people see, and that they get their terminal back.

#[path = "terminal/absent.rs"]
mod absent;
#[path = "terminal/detail.rs"]
mod detail;
#[path = "terminal/edits.rs"]
mod edits;
#[path = "terminal/ends.rs"]
mod ends;
#[path = "terminal/group.rs"]
mod group;
#[path = "support/home.rs"]
mod home;
#[path = "terminal/load.rs"]
mod load;
#[path = "terminal/main_job.rs"]
mod main_job;
#[path = "terminal/maintenance.rs"]
mod maintenance;
#[path = "terminal/outages.rs"]
mod outages;
#[path = "terminal/panic.rs"]
mod panic;
#[path = "terminal/past.rs"]
mod past;
#[path = "support/pty.rs"]
mod pty;
#[path = "terminal/start.rs"]
mod start;
#[path = "terminal/stopped.rs"]
mod stopped;
#[path = "terminal/temporary.rs"]
mod temporary;

use pty::{DEADLINE, Pty, same_modes};

/// What an empty configuration shows.
const EMPTY: &str = "Nothing is being watched yet";

/// The screen of the shell, its cursor and its modes are as they were.
#[track_caller]
fn assert_given_back(pty: &Pty) {
    assert!(!pty.screen().alternate_screen(), "the alternate screen was left");
    assert!(!pty.screen().hide_cursor(), "the cursor is back");
    assert!(!pty.screen().bracketed_paste(), "bracketed paste is off");
    assert!(same_modes(&pty.modes, &pty.modes_now()), "the modes are as before: {:?}", pty.modes_now());
}

/// Quits as a user does, and looks that all is well.
#[track_caller]
fn quit(pty: &mut Pty) {
    pty.send("1q");
    pty.wait_for("Quit?");
    pty.send("y");
    assert_eq!(pty.wait_for_end(DEADLINE), 0, "{}", pty.contents());
    assert_given_back(pty);
}
