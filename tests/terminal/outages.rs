//! An outage that really happens: opened, written about, reported, over.

use super::home::{BRISK, Home};
use super::quit;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

#[test]
fn an_outage_is_opened_written_about_and_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let home = Home::with(&format!("{BRISK}[[target]]\nname = \"till_1\"\naddress = \"{address}\"\n"));
    let mut pty = home.start(&[]);
    pty.wait("the target up", |screen| screen.contains(&address) && screen.contains("● UP"));
    drop(listener);
    pty.wait_for("▼ DOWN");
    pty.send("2\r");
    pty.wait("the evidence", |screen| {
        screen.contains("outage of till_1") && screen.contains("1st failure") && screen.contains("● open")
    });
    pty.send(":note switched it *off*\r");
    pty.wait_for("note: switched it *off*");
    pty.send(":report night.md\r");
    pty.wait_for("wrote ");
    let path = home.path().join("night.md");
    let report = std::fs::read_to_string(&path).expect("a report");
    assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    for told in
        ["1 of 1 watched target failed", "till_1", &address, "switched it \\*off\\*", "goes on", "connection refused"]
    {
        assert!(report.contains(told), "{told:?} is not in\n{report}");
    }
    pty.send(":report night.md\r");
    pty.wait_for("there is such a file already");
    assert_eq!(std::fs::read_to_string(&path).expect("a report"), report);
    let _listener = TcpListener::bind(&address).expect("the port is free");
    pty.wait("the end of it", |screen| screen.contains("over") && screen.contains("1st success"));
    quit(&mut pty);
}
