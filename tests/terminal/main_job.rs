//! The main job from end to end: watch a port, see it go down and come back, find it all again.

use super::home::{BRISK, Home};
use super::{EMPTY, quit};
use chrono::{DateTime, TimeDelta, Utc};
use socket2::{Domain, Socket, Type};
use std::net::{SocketAddr, TcpListener};

/// Listens on a port that was listened on a moment ago.
fn listen_again(address: SocketAddr) -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_reuse_address(true).expect("an option");
    socket.bind(&address.into()).expect("the port is free");
    socket.listen(8).expect("it listens");
    socket.into()
}

/// The clock times, to the second, from one moment to two and a half seconds later: a check a
/// second finds an outage in that time on a busy machine.
fn soon_after(moment: DateTime<Utc>) -> Vec<String> {
    (0..=3).map(|second| (moment + TimeDelta::seconds(second)).format("%H:%M:%S").to_string()).collect()
}

#[test]
fn a_port_goes_down_and_comes_back_and_the_next_run_knows() {
    let home = Home::with(BRISK);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");

    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    pty.send("a");
    pty.wait_for("Add target");
    pty.send(address.to_string());
    pty.wait_for(&format!("port {}", address.port()));
    pty.send("\r");
    pty.wait("the target up", |screen| screen.contains(&address.to_string()) && screen.contains("● UP"));

    let closed_at = Utc::now();
    drop(listener);
    pty.wait("the outage with its reason", |screen| screen.contains("▼ DOWN") && screen.contains("refused"));
    pty.send("2");
    pty.wait("its start", |screen| {
        screen.contains("connection refused") && soon_after(closed_at).iter().any(|start| screen.contains(start))
    });
    pty.wait_for("1 ongoing");

    let listener = listen_again(address);
    pty.wait("its end", |screen| screen.contains("1 in 24h") && !screen.contains("ongoing"));
    pty.send("1");
    pty.wait_for("● UP");
    quit(&mut pty);

    let file = std::fs::read_to_string(home.configuration()).expect("a file");
    assert!(file.starts_with(BRISK) && file.contains(&address.to_string()), "{file}");
    let mut pty = home.start(&[]);
    pty.wait("the target of the last run", |screen| screen.contains(&address.to_string()) && screen.contains("● UP"));
    pty.send("2");
    pty.wait("the outage of the last run", |screen| {
        screen.contains("1 in 24h") && soon_after(closed_at).iter().any(|start| screen.contains(start))
    });
    quit(&mut pty);
    drop(listener);
}

#[test]
fn an_outage_goes_on_over_a_restart_from_its_first_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let home = Home::with(&format!("{BRISK}\n[[target]]\nname = \"orders\"\naddress = \"{address}\"\n"));

    let started_at = Utc::now();
    let mut pty = home.start(&[]);
    pty.wait_for("▼ DOWN");
    quit(&mut pty);
    let mut pty = home.start(&[]);
    pty.wait_for("▼ DOWN");
    pty.send("2");
    pty.wait("the same start", |screen| soon_after(started_at).iter().any(|start| screen.contains(start)));
    let listener = listen_again(address);
    pty.wait("its end", |screen| screen.contains("1 in 24h") && !screen.contains("ongoing"));
    quit(&mut pty);
    drop(listener);
}

#[test]
fn an_edit_by_hand_is_picked_up_and_a_bad_one_is_told() {
    let home = Home::with(BRISK);
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    let good = format!("{BRISK}\n[[target]]\nname = \"by hand\"\naddress = \"127.0.0.1:9\"\n");
    std::fs::write(home.configuration(), &good).expect("a file");
    pty.wait_for("by hand");
    std::fs::write(home.configuration(), format!("{good}colour = \"red\"\n")).expect("a file");
    pty.wait("the place of the mistake", |screen| screen.contains("portpulse.toml:9") && screen.contains("by hand"));
    std::fs::write(home.configuration(), &good).expect("a file");
    pty.wait("no mistake any more", |screen| !screen.contains("portpulse.toml:9") && screen.contains("by hand"));
    quit(&mut pty);
}
