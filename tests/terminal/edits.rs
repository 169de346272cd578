//! Somebody edits the configuration file while portpulse runs: the screen follows, or says why it does not.

use super::home::{BRISK, Home};
use super::pty::Pty;
use super::quit;
use vt100::Color;

/// A file that watches one port and says this besides.
fn file(settings: &str) -> String {
    format!("{BRISK}\n{settings}\n[[target]]\nname = \"by hand\"\naddress = \"127.0.0.1:9\"\n")
}

fn edit(home: &Home, text: &str) {
    std::fs::write(home.configuration(), text).expect("a file");
}

/// The words on the screen with one space between two, wherever lines end.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// Whether anything on the screen has a colour of its own.
fn is_coloured(screen: &vt100::Screen) -> bool {
    let (rows, columns) = screen.size();
    let mut cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    cells.any(|(row, column)| screen.cell(row, column).is_some_and(|cell| cell.fgcolor() != Color::Default))
}

/// Opens the form with a key and closes it again.
#[track_caller]
fn adds_with(pty: &mut Pty, key: &str) {
    pty.send(key);
    pty.wait_for("Add target");
    pty.send("\x1b");
    pty.wait("the dashboard", |screen| !screen.contains("Add target"));
}

#[test]
fn the_screen_follows_an_edit_of_its_looks_and_of_the_keys() {
    let home = Home::with(&file(""));
    let mut pty = home.start(&[]);
    pty.wait_until_screen("colours and signs", |screen| {
        screen.contents().contains("▼ DOWN") && screen.contents().contains("a add") && is_coloured(screen)
    });

    edit(&home, &file("[ui]\ntheme = \"mono\"\nascii = \"always\"\nconfirm_quit = false\n\n[keys]\nadd = \"A\"\n"));
    pty.wait_for("from the configuration: theme, ascii, confirm_quit, keys");
    pty.wait_until_screen("neither", |screen| {
        screen.contents().contains("A add") && screen.contents().is_ascii() && !is_coloured(screen)
    });
    adds_with(&mut pty, "A");
    // A form that the old key opens would take the question mark for itself.
    pty.send("a?");
    pty.wait("the help with the new key", |screen| words(screen).contains("| A add targets |"));
    pty.send("?q");
    assert_eq!(pty.wait_for_end(super::DEADLINE), 0, "{}", pty.contents());
    super::assert_given_back(&pty);
}

#[test]
fn a_bad_key_is_told_with_its_place_and_nothing_of_that_edit_is_taken_over() {
    let home = Home::with(&file("[keys]\nadd = \"A\"\n"));
    let mut pty = home.start(&[]);
    pty.wait_for("A add");

    let bad = file("[ui]\nascii = \"always\"\n\n[keys]\nadd = \"E\"\ndelete = \"e\"\n").replace("by hand", "renamed");
    edit(&home, &bad);
    pty.wait("the place of the mistake", |screen| {
        words(screen)
            .contains("portpulse.toml:11:1: the key e would be both `edit` and `delete`: give one of them another key")
    });
    assert!(pty.contents().contains("by hand") && !pty.contents().contains("renamed"), "{}", pty.contents());
    assert!(pty.contents().contains("A add") && !pty.contents().is_ascii(), "{}", pty.contents());
    adds_with(&mut pty, "A");
    pty.send("e");
    pty.wait_for("Edit");
    pty.send("\x1b");

    edit(&home, &bad.replace("delete = \"e\"", "delete = \"D\""));
    pty.wait("the mended file", |screen| {
        screen.contains("renamed") && screen.contains("E add") && screen.is_ascii() && !screen.contains("toml:11")
    });
    adds_with(&mut pty, "E");
    quit(&mut pty);
}
