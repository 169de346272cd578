//! Every way out, and the way out and back in: signals, a vanished terminal, Ctrl-Z.

use super::home::{BRISK, Home};
use super::pty::{DEADLINE, Pty};
use super::{EMPTY, assert_given_back, quit};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::time::Duration;

#[test]
fn each_signal_gives_the_terminal_back_and_is_told_by_the_exit_code() {
    let home = Home::with("");
    let ends = [
        (Signal::TERM, 143),
        (Signal::INT, 130),
        (Signal::HUP, 129),
        (Signal::QUIT, 131),
        (Signal::USR1, 138),
        (Signal::USR2, 140),
    ];
    for (signal, code) in ends {
        let mut pty = home.start(&[]);
        pty.wait_for(EMPTY);
        pty.signal(signal);
        assert_eq!(pty.wait_for_end(DEADLINE), code, "{signal:?}: {}", pty.contents());
        assert_given_back(&pty);
    }
    let mut pty = home.start(&[]);
    pty.wait_for(EMPTY);
    quit(&mut pty);
}

#[test]
fn it_ends_within_a_second_of_its_terminal_and_keeps_what_it_saw() {
    let home = Home::with(&format!("{BRISK}\n[[target]]\nname = \"orders\"\naddress = \"127.0.0.1:9\"\n"));
    for shell in ["exec portpulse", "trap '' HUP; exec portpulse", "trap '' HUP; portpulse; exit $?"] {
        let mut pty = Pty::start(home.command("sh", &["-c", shell]), 80, 24);
        pty.wait_for("▼ DOWN");
        pty.hang_up();
        assert_eq!(pty.wait_for_end(Duration::from_secs(1)), 129, "{shell}");
    }
    let mut pty = home.start(&[]);
    pty.wait_for("▼ DOWN");
    pty.send("2");
    pty.wait("one outage over all runs", |screen| screen.contains("1 in 24h") && screen.contains("1 ongoing"));
    quit(&mut pty);
}

/// A shell with job control in which portpulse was started by hand.
fn under_a_shell(home: &Home) -> Pty {
    let mut pty = Pty::start(home.command("bash", &["--noprofile", "--norc", "-i"]), 80, 24);
    pty.wait_for("$ ");
    pty.send("portpulse\r");
    pty.wait_for(EMPTY);
    pty
}

#[track_caller]
fn assert_stopped(pty: &mut Pty) {
    pty.wait_for("Stopped");
    // Bracketed paste is on again: the shell reads a line.
    assert!(!pty.screen().alternate_screen() && !pty.screen().hide_cursor());
}

#[track_caller]
fn go_on_and_quit(mut pty: Pty) {
    pty.send("fg\r");
    pty.wait_for(EMPTY);
    assert!(pty.screen().alternate_screen() && pty.screen().hide_cursor());
    pty.send("?");
    pty.wait_for("suspend");
    pty.send("\u{1b}");
    pty.wait_for(EMPTY);
    pty.send("q");
    pty.wait_for("Quit?");
    pty.send("y");
    pty.wait("the prompt", |screen| screen.trim_end().ends_with('$') && !screen.contains(EMPTY));
    pty.send("echo code $?\r");
    pty.wait_for("code 0");
    pty.send("exit\r");
    assert_eq!(pty.wait_for_end(DEADLINE), 0);
}

#[test]
fn ctrl_z_gives_the_shell_its_terminal_and_fg_takes_it_again() {
    let home = Home::with("");
    let mut pty = under_a_shell(&home);
    pty.send("\u{1a}");
    assert_stopped(&mut pty);
    go_on_and_quit(pty);
}

#[test]
fn a_stop_from_outside_gives_the_shell_its_terminal_too() {
    let home = Home::with("");
    let mut pty = under_a_shell(&home);
    let children = format!("/proc/{0}/task/{0}/children", pty.pid().as_raw_nonzero());
    let children = std::fs::read_to_string(children).expect("children");
    let child = children.split_whitespace().next().and_then(|id| Pid::from_raw(id.parse().ok()?)).expect("portpulse");
    kill_process(child, Signal::TSTP).expect("it runs");
    assert_stopped(&mut pty);
    go_on_and_quit(pty);
}

#[test]
fn without_a_shell_to_go_back_to_ctrl_z_stops_nothing() {
    let home = Home::with("");
    assert_ctrl_z_stops_nothing(home.start(&[]));
}

/// What a container looks like from within, when it was entered from outside: the leader of its
/// processes' session has no number here, and the kernel says 0.
#[test]
fn without_a_shell_inside_a_container_ctrl_z_stops_nothing_either() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "a PID namespace needs root");
        let _ = writeln!(std::io::stderr(), "this case did not run: it makes a PID namespace, which needs root");
        return;
    }
    let home = Home::with("");
    let container = ["--pid", "--fork", "sh", "-c", "setsid --ctty portpulse; exit $?"];
    assert_ctrl_z_stops_nothing(Pty::start(home.command("unshare", &container), 80, 24));
}

#[track_caller]
fn assert_ctrl_z_stops_nothing(mut pty: Pty) {
    pty.wait_for(EMPTY);
    pty.send("\u{1a}");
    pty.send("?");
    pty.wait_for("suspend");
    pty.send("\u{1b}");
    pty.wait_for(EMPTY);
    quit(&mut pty);
}
