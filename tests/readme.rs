//! The README says what the program does: its table of keys and that of policies are the program's own.

use portpulse::evaluate;
use portpulse::tui::keymap::Keymap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// One README, which two tests may write.
static README: Mutex<()> = Mutex::new(());

/// Holds the table between two marks. `PORTPULSE_BLESS=1` writes it; without it, a table that is out of step fails.
fn hold(begin: &str, end: &str, wanted: &str) {
    let _alone = README.lock().expect("no other test has failed");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let (head, rest) = readme.split_once(begin).expect("the beginning of the table");
    let (table, tail) = rest.split_once(end).expect("the end of the table");
    if std::env::var_os("PORTPULSE_BLESS").is_some() {
        fs::write(&path, format!("{head}{begin}{wanted}{end}{tail}")).expect("a writable README");
        return;
    }
    assert_eq!(table, wanted, "run `PORTPULSE_BLESS=1 cargo test --test readme` and commit the README");
}

#[test]
fn the_table_of_keys_is_that_of_the_program() {
    let begin = "<!-- keys: generated from the table of actions; a test keeps it in step -->\n";
    hold(begin, "<!-- /keys -->", &Keymap::default().markdown());
}

#[test]
fn the_table_of_policies_is_that_of_the_program() {
    let begin = "<!-- policies: generated from the table of policies; a test keeps it in step -->\n";
    hold(begin, "<!-- /policies -->", &evaluate::table());
}
