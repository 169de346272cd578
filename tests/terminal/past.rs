//! The whole table as it was, on the history of the demo, in the real program.

use super::home::Home;
use super::pty::{DEADLINE, Pty};

#[test]
fn the_demo_shows_its_own_past_and_comes_back() {
    let home = Home::with("");
    let mut pty = Pty::start(home.command(env!("CARGO_BIN_EXE_portpulse"), &["demo"]), 120, 35);
    pty.wait_for("radio link");
    pty.send("[");
    pty.wait_for("AS IT WAS at");
    pty.wait_for(" PAST ");
    pty.send(":at -10d\r");
    let is_there = |screen: &str| screen.contains("7 targets") && !screen.contains("worker");
    pty.wait("ten days ago nobody watched the worker", is_there);
    pty.send("d");
    pty.wait_for("this is the past, nothing was changed");
    pty.send("}");
    pty.wait("the first change after that moment", |screen| screen.contains("1 DOWN"));
    pty.send("}");
    pty.wait("and the one after it", |screen| !screen.contains("1 DOWN"));
    pty.send(":at -50d\r");
    pty.wait_for("no history of");
    pty.send("\x1b");
    pty.wait("the present is back", |screen| !screen.contains("AS IT WAS") && screen.contains("worker"));
    pty.send(":q!\r");
    assert_eq!(pty.wait_for_end(DEADLINE), 0, "{}", pty.contents());
}
