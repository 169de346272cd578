//! More than a terminal usually bears: resize storms, huge pastes, and nobody who reads.

use super::home::{BRISK, Home};
use super::pty::{DEADLINE, Pty};
use super::{EMPTY, quit};
use rustix::process::Signal;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[test]
fn after_a_storm_of_sizes_the_last_one_counts() {
    let home = Home::with(BRISK);
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    let mut random = fastrand::Rng::with_seed(9);
    for round in 0..1_000 {
        let (columns, rows) = if round % 97 == 0 { (0, 0) } else { (random.u16(1..=300), random.u16(1..=100)) };
        pty.resize(columns, rows);
        pty.send(["\u{1b}[A", "\u{1b}[B", "\u{1b}[5~", "\u{1b}[6~"][random.usize(0..4)]);
    }
    pty.resize(80, 24);
    pty.wait_for(EMPTY);
    pty.resize(120, 35);
    pty.wait(EMPTY, |screen| screen.contains(EMPTY) && screen.lines().count() == 35);
    quit(&mut pty);
}

#[test]
fn a_paste_of_a_megabyte_is_text_and_no_command() {
    let home = Home::with("");
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    let text = "q\ny\n\u{3}dy".repeat(150_000);
    pty.send(format!("\u{1b}[200~{text}\u{1b}[201~"));
    pty.wait("what became of it", |screen| screen.contains("names no host:port") && screen.contains(EMPTY));
    quit(&mut pty);
}

#[test]
fn a_paste_that_is_not_marked_as_one_is_text_all_the_same() {
    let home = Home::with("");
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    pty.send("q\ry\r\u{3}\u{3}".repeat(20_000));
    pty.wait("what became of it", |screen| screen.contains("names no host:port") && screen.contains(EMPTY));
    quit(&mut pty);
}

#[test]
fn a_flood_of_keys_ends_in_a_screen_that_answers() {
    let home = Home::with("");
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    pty.send("\u{1b}[A\u{1b}[B".repeat(20_000));
    pty.send("?");
    pty.wait_for("suspend");
    pty.send("\u{1b}");
    pty.wait_for(EMPTY);
    quit(&mut pty);
}

/// A port that tells when it was connected to.
fn counted() -> (u16, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, times) = channel();
    std::thread::spawn(move || while listener.accept().is_ok() && sender.send(Instant::now()).is_ok() {});
    (port, times)
}

/// Starts with a target that makes whole connections every second, then fills the terminal.
fn unread(home: &Home) -> Pty {
    let mut pty = home.start(&[]);
    pty.wait_for("● UP");
    for _ in 0..60 {
        for key in ["?", "\u{1b}"] {
            pty.send_unread(key);
            // An Esc that others follow at once would be the beginning of a key; and nobody reads what is drawn.
            std::thread::sleep(Duration::from_millis(40));
        }
    }
    pty
}

fn with_counted(port: u16) -> Home {
    Home::with(&format!(
        "{BRISK}handshake = \"full\"\n\n[[target]]\nname = \"counted\"\naddress = \"127.0.0.1:{port}\"\n"
    ))
}

#[test]
fn a_terminal_that_nobody_reads_delays_no_check() {
    let (port, times) = counted();
    let home = with_counted(port);
    let mut pty = unread(&home);
    let start = Instant::now();
    while times.try_recv().is_ok() {}
    let seen: Vec<Instant> = std::iter::from_fn(|| {
        let left = Duration::from_secs(6).checked_sub(start.elapsed())?;
        times.recv_timeout(left).ok()
    })
    .collect();
    assert!(pty.has_unread(), "nobody has read meanwhile");
    assert!((5..=7).contains(&seen.len()), "{} checks in six seconds", seen.len());
    pty.wait_for("● UP");
    pty.send("\u{1b}");
    quit(&mut pty);
}

#[test]
fn a_terminal_that_nobody_reads_does_not_hold_up_the_end() {
    let (port, _times) = counted();
    let home = with_counted(port);
    let mut pty = unread(&home);
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait_for_end_unread(DEADLINE), 143);
}
