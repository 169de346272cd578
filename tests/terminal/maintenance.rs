//! Somebody works on a target: nobody is called meanwhile, and what lasts is announced at the end.

use super::home::{BRISK, Home};
use super::quit;
use std::net::TcpListener;

/// What makes a terminal ring; nothing else that is written has it.
const BELL: u8 = 7;

#[test]
fn an_outage_in_maintenance_is_silent_until_the_maintenance_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let home = Home::with(&format!("{BRISK}[[target]]\nname = \"till_1\"\naddress = \"{address}\"\n"));
    let mut pty = home.start(&[]);
    pty.wait("the target up", |screen| screen.contains(&address) && screen.contains("● UP"));
    pty.send("w");
    pty.wait("the question", |screen| screen.contains("maintenance of till_1") && screen.contains("for: 30m"));
    pty.send(" new disk\r");
    pty.wait("the maintenance", |screen| screen.contains("◇ MAINT") && screen.contains("new disk until"));

    drop(listener);
    pty.wait("the refusal", |screen| screen.contains("◇ MAINT") && screen.contains(" refused "));
    pty.send("2");
    pty.wait("an outage", |screen| screen.contains("1 ongoing") && screen.contains("till_1"));
    pty.send("1");
    pty.wait("nothing to worry about", |screen| screen.contains("◇1") && !screen.contains("DOWN"));
    assert!(!pty.bytes.contains(&BELL), "it rang in maintenance: {}", pty.contents());

    pty.send("w");
    pty.wait("what lasts", |screen| screen.contains("▼ DOWN") && screen.contains("▼1 down"));
    pty.wait_for("ended the maintenance of till_1  (u undoes)");
    assert!(pty.bytes.contains(&BELL), "nobody was called: {}", pty.contents());
    pty.send("4");
    pty.wait_for("still DOWN after its maintenance");
    pty.send("1u");
    pty.wait("the maintenance again", |screen| screen.contains("undone:") && screen.contains("◇ MAINT"));

    // The outage was found in the maintenance, which goes on.
    pty.send("\r");
    pty.wait("the detail", |screen| {
        screen.contains("MAINTENANCE  new disk until") && screen.contains("in maintenance:")
    });
    quit(&mut pty);
}
