//! The real program on a real terminal: what people see, and that they get their terminal back.

mod support {
    pub mod pty;
}

use portable_pty::CommandBuilder;
use portpulse::tui::shell::{Terminal, guard};
use support::pty::{DEADLINE, Pty, same_modes};

/// Set in a copy of this test program that plays the part of a full-screen program.
const PART: &str = "PORTPULSE_TEST_PART";

/// Starts this test program again on a terminal, in the part of [`full_screen_program`].
fn play(part: &str) -> Pty {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "full_screen_program", "--nocapture", "--test-threads=1"]);
    command.env(PART, part);
    command.env("TERM", "xterm-256color");
    command.env("RUST_BACKTRACE", "0");
    Pty::start(command, 80, 24)
}

/// Not a test of its own: what [`play`] starts.
#[test]
fn full_screen_program() {
    let Ok(part) = std::env::var(PART) else { return };
    guard::install_panic_hook(Terminal::Full);
    guard::enter(Terminal::Full).expect("a terminal");
    match part.as_str() {
        "panic here" => panic!("the screen fell over"),
        "panic elsewhere" => {
            let worker = std::thread::spawn(|| panic!("a worker fell over"));
            assert!(worker.join().is_err() && guard::is_entered(), "the screen is still ours");
            guard::leave(Terminal::Full);
            guard::leave(Terminal::Full);
        }
        other => panic!("no such part: {other}"),
    }
}

#[track_caller]
fn assert_given_back(pty: &Pty) {
    assert!(!pty.screen().alternate_screen(), "the alternate screen was left");
    assert!(!pty.screen().hide_cursor(), "the cursor is back");
    assert!(!pty.screen().bracketed_paste(), "bracketed paste is off");
    assert!(same_modes(&pty.modes, &pty.modes_now()), "the modes are as before: {:?}", pty.modes_now());
}

#[test]
fn a_panic_of_the_screen_gives_the_terminal_back_before_it_is_told() {
    let mut pty = play("panic here");
    let code = pty.wait_for_end(DEADLINE);
    assert_ne!(code, 0);
    assert_given_back(&pty);
    assert!(pty.contents().contains("the screen fell over"), "{}", pty.contents());
}

#[test]
fn a_panic_elsewhere_leaves_the_screen_alone() {
    let mut pty = play("panic elsewhere");
    let code = pty.wait_for_end(DEADLINE);
    assert_eq!(code, 0, "{}", pty.contents());
    assert_given_back(&pty);
    assert!(!pty.contents().contains("fell over"), "{}", pty.contents());
    let leavings = String::from_utf8_lossy(&pty.bytes).matches("\u{1b}[?1049l").count();
    assert_eq!(leavings, 1, "given back once");
}
