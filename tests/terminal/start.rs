//! The first moments: what is refused and why, what is sent to a terminal, and what is left alone.

use super::home::{BRISK, Home};
use super::pty::{DEADLINE, Pty};
use super::{EMPTY, assert_given_back, quit};
use std::process::{Command, Stdio};

/// Questions that a terminal would answer, into whatever reads its input: cursor position, status,
/// attributes, modes, keyboard protocol, colours, capabilities.
const QUERIES: &[&str] = &[
    "[6n", "[?6n", "[5n", "[c", "[0c", "[>c", "[>0c", "[=c", "$p", "[?u", "]10;?", "]11;?", "]4;", "[14t", "[18t",
    "P+q", "P$q",
];

#[test]
fn nothing_is_asked_of_the_terminal() {
    let home = Home::with("");
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    let bytes = String::from_utf8_lossy(&pty.bytes).into_owned();
    for query in QUERIES {
        assert!(!bytes.contains(&format!("\u{1b}{query}")), "ESC {query} in {bytes:?}");
    }
    assert!(pty.screen().alternate_screen() && pty.screen().hide_cursor() && pty.screen().bracketed_paste());
    quit(&mut pty);
    let end = String::from_utf8_lossy(&pty.bytes).into_owned();
    assert!(end.ends_with("\u{1b}[?1049l\u{1b}[?25h"), "{end:?}");
}

#[test]
fn without_colours_the_selection_can_still_be_seen() {
    let home = Home::with("[[target]]\naddress = \"127.0.0.1:9\"\n");
    let mut command = home.command("portpulse", &[]);
    command.env("NO_COLOR", "1");
    let mut pty = Pty::start(command, 80, 24);
    pty.wait_for("127.0.0.1:9");
    let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
    let cells: Vec<_> = cells.filter_map(|(row, column)| pty.screen().cell(row, column)).collect();
    assert!(
        cells.iter().all(|cell| cell.fgcolor() == vt100::Color::Default && cell.bgcolor() == vt100::Color::Default)
    );
    assert!(cells.iter().any(|cell| cell.inverse() || cell.bold()), "{}", pty.contents());
    quit(&mut pty);
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let home = Home::with("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.env_clear().envs(home.environment()).stdin(Stdio::null());
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(64));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("terminal") && told.contains("portpulse check"), "{told}");
}

#[track_caller]
fn assert_refused(mut pty: Pty, code: u32, words: &[&str]) {
    assert_eq!(pty.wait_for_end(DEADLINE), code, "{}", pty.contents());
    let told = pty.contents().replace('\n', "");
    for word in words {
        assert!(told.contains(word), "{word:?} in {told:?}");
    }
    assert_given_back(&pty);
    assert!(!String::from_utf8_lossy(&pty.bytes).contains("\u{1b}[?1049h"), "the screen was not touched");
}

#[test]
fn a_terminal_that_cannot_show_a_screen_is_refused() {
    let home = Home::with("");
    let mut command = home.command("portpulse", &[]);
    command.env("TERM", "dumb");
    assert_refused(Pty::start(command, 80, 24), 64, &["dumb", "portpulse check"]);
    let mut command = home.command("portpulse", &[]);
    command.env_remove("TERM");
    assert_refused(Pty::start(command, 80, 24), 64, &["TERM is not set"]);
}

#[test]
fn a_wrong_configuration_is_told_with_its_place() {
    let home = Home::with("[defaults]\nintervall = \"1m\"\n");
    assert_refused(home.start(&[]), 78, &["portpulse.toml:2:1", "intervall", "interval"]);
}

#[test]
fn a_second_one_attaches_to_the_first_and_says_so() {
    let home = Home::with("");
    let mut first = home.start(&[]);
    first.wait_for(EMPTY);
    let process = first.pid().as_raw_nonzero().to_string();
    let mut second = home.start(&[]);
    second.wait("whom it is attached to", |screen| screen.contains(EMPTY) && screen.contains(&format!("@{process}")));
    second.send("q");
    assert_eq!(second.wait_for_end(DEADLINE), 0, "{}", second.contents());
    quit(&mut first);
    let mut next = home.start(&[]);
    next.wait_for(EMPTY);
    quit(&mut next);
}

#[test]
fn targets_of_the_command_line_leave_nothing_behind() {
    let home = Home::with(BRISK);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let mut pty = home.start(&[&address]);
    pty.wait("the target up", |screen| screen.contains(&address) && screen.contains("UP"));
    quit(&mut pty);
    assert_eq!(std::fs::read_dir(home.temporary()).expect("a folder").count(), 0);
    assert!(!home.path().join("data").exists());
    assert_eq!(std::fs::read_to_string(home.configuration()).expect("a file"), BRISK);
}
