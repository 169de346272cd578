//! A panic, and a terminal that vanishes while everything hangs, in a small program that uses the same guard.

use super::assert_given_back;
use super::pty::{DEADLINE, Pty};
use portable_pty::CommandBuilder;
use portpulse::tui::shell::{Terminal, guard, watchdog};
use std::sync::Arc;
use std::time::Duration;

/// Set in a copy of this test program that plays the part of a full-screen program.
const PART: &str = "PORTPULSE_TEST_PART";
/// The name of the test that plays it.
const PLAYER: &str = "panic::full_screen_program";

/// Starts this test program again on a terminal, deaf to SIGHUP, in the part of [`full_screen_program`].
fn play(part: &str) -> Pty {
    let program = std::env::current_exe().expect("this program");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" --exact \"$1\" --nocapture --test-threads=1"]);
    command.args([program.as_os_str(), PLAYER.as_ref()]);
    command.env(PART, part);
    command.env("TERM", "xterm-256color");
    command.env("RUST_BACKTRACE", "0");
    Pty::start(command, 80, 24)
}

/// Not a test of its own: what [`play`] starts.
#[test]
fn full_screen_program() {
    let Ok(part) = std::env::var(PART) else { return };
    guard::install_panic_hook(Terminal::Full, || false);
    guard::enter(Terminal::Full).expect("a terminal");
    match part.as_str() {
        "panic here" => panic!("the screen fell over"),
        "panic elsewhere" => {
            let worker = std::thread::spawn(|| panic!("a worker fell over"));
            assert!(worker.join().is_err() && guard::is_entered(), "the screen is still ours");
            guard::leave(Terminal::Full);
            guard::leave(Terminal::Full);
            assert!(guard::panics()[0].contains("a worker fell over"));
        }
        "hang" => {
            watchdog::start(Arc::default()).expect("a thread");
            loop {
                std::thread::park();
            }
        }
        other => panic!("no such part: {other}"),
    }
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

#[test]
fn a_program_that_hangs_and_hears_no_signal_ends_within_a_second_of_its_terminal() {
    let mut pty = play("hang");
    pty.wait_until_screen("the alternate screen", vt100::Screen::alternate_screen);
    pty.hang_up();
    assert_eq!(pty.wait_for_end(Duration::from_secs(1)), 129);
}
