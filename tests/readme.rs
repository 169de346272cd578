//! The README says what the program does: its table of keys is the program's own.

use portpulse::tui::keymap::Keymap;
use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- keys: generated from the table of actions; a test keeps it in step -->\n";
const END: &str = "<!-- /keys -->";

/// `PORTPULSE_BLESS=1` writes the table; without it, a table that is out of step fails.
#[test]
fn the_table_of_keys_is_that_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("a README");
    let (head, rest) = readme.split_once(BEGIN).expect("the beginning of the table of keys");
    let (table, tail) = rest.split_once(END).expect("the end of the table of keys");
    let wanted = Keymap::default().markdown();
    if std::env::var_os("PORTPULSE_BLESS").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{wanted}{END}{tail}")).expect("a writable README");
        return;
    }
    assert_eq!(table, wanted, "run `PORTPULSE_BLESS=1 cargo test --test readme` and commit the README");
}
