//! A test that runs a part of itself in a process of its own: limits and signals are per process.

use std::process::{Child, Command, Stdio};

const KEY: &str = "PORTPULSE_TEST_CHILD";

/// What the parent said, in the child; nothing in the parent.
pub fn word() -> Option<String> {
    std::env::var(KEY).ok()
}

/// Starts this program again, in which only `test` runs, with a word for it.
pub fn start(test: &str, word: &str) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args([test, "--exact", "--test-threads=1"])
        .env(KEY, word)
        .stdout(Stdio::null())
        .spawn()
        .expect("this program starts again")
}
