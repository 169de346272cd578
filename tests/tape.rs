//! Plays demo.tape against the real program, so that the film and the picture in the README cannot go stale.

#[path = "support/picture.rs"]
mod picture;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/tape.rs"]
mod tape;

use portable_pty::CommandBuilder;
use pty::{DEADLINE, Pty};
use std::path::Path;
use std::time::Duration;
use tape::{Step, parse};

/// The size of the terminal that `Set Width` and `Set Height` make in the tape.
const COLUMNS: u16 = 120;
/// See [`COLUMNS`].
const ROWS: u16 = 30;
/// Pauses are for people.
const SLEEP_MAX: Duration = Duration::from_millis(300);
/// The least time between two keys of a film; an Escape with a letter right behind it is another key.
const BETWEEN_KEYS: Duration = Duration::from_millis(100);
/// Set to `1`, the pictures in `assets/` are made anew.
const PICTURES: &str = "PORTPULSE_PICTURES";

#[test]
fn the_tape_plays_and_leaves_the_terminal_as_it_was() {
    let home = tempfile::tempdir().expect("a directory");
    let mut pty = Pty::start(shell(home.path()), COLUMNS, ROWS);
    pty.wait_for("> ");
    let script = std::fs::read_to_string("demo.tape").expect("the tape");
    for (line, step) in parse(&script) {
        let what = format!("line {line} of demo.tape: {step:?}");
        match step {
            Step::Type(bytes) => {
                pty.send(bytes);
                pty.read_for(BETWEEN_KEYS);
            }
            Step::Sleep(time) => pty.read_for(time.min(SLEEP_MAX)),
            Step::WaitForScreen(text) => pty.wait(&what, |screen| screen.contains(&text)),
            Step::WaitForLine(text) => pty.wait(&what, |screen| screen.trim_end().ends_with(text.trim_end())),
            Step::Screenshot(path) => take_picture(&pty, Path::new(&path)),
        }
    }
    assert!(!pty.screen().alternate_screen() && !pty.screen().hide_cursor(), "{}", pty.contents());
    pty.send("exit\r");
    assert_eq!(pty.wait_for_end(DEADLINE), 0);
}

/// A shell without any habits, that finds the program.
fn shell(home: &Path) -> CommandBuilder {
    let program = Path::new(env!("CARGO_BIN_EXE_portpulse"));
    let folder = program.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = CommandBuilder::new("bash");
    command.args(["--noprofile", "--norc"]);
    command.env_clear();
    command.cwd(std::env::current_dir().expect("a folder"));
    for (name, value) in [
        ("PATH", format!("{folder}:{path}")),
        ("HOME", home.display().to_string()),
        ("TERM", "xterm-256color".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("TZ", "UTC".to_owned()),
        ("PS1", "> ".to_owned()),
    ] {
        command.env(name, value);
    }
    command
}

/// The tape names a bitmap, which is what film makers write; ours is a drawing of the same name.
fn take_picture(pty: &Pty, path: &Path) {
    let drawing = picture::svg(pty.screen());
    assert!(drawing.contains("portpulse"), "there is something to see:\n{}", pty.contents());
    if std::env::var_os(PICTURES).is_some_and(|value| value == "1") {
        std::fs::write(path.with_extension("svg"), drawing).expect("a picture");
    }
}
