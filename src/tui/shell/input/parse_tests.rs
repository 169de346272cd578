//! Bytes in, gestures out.

use super::parse::{Gesture, PASTE_MAX, Parser};
use crossterm::event::{KeyCode, KeyModifiers};

/// What the bytes mean when they come all at once and nothing follows.
fn read(bytes: &[u8]) -> Vec<Gesture> {
    let mut parser = Parser::default();
    let mut out = Vec::new();
    parser.feed(bytes, &mut out);
    if parser.is_waiting() {
        parser.settle(&mut out);
    }
    out
}

fn names(bytes: &[u8]) -> String {
    let name = |gesture: &Gesture| match gesture {
        Gesture::Key(event) => {
            let held = [(KeyModifiers::CONTROL, "C-"), (KeyModifiers::ALT, "A-"), (KeyModifiers::SHIFT, "S-")];
            let held: String = held.iter().filter(|(m, _)| event.modifiers.contains(*m)).map(|(_, n)| *n).collect();
            match event.code {
                KeyCode::Char(c) => format!("{held}{c}"),
                code => format!("{held}{code:?}"),
            }
        }
        Gesture::Mouse(event) => format!("{:?}@{},{}", event.kind, event.column, event.row),
        Gesture::Paste(text) => format!("<{text}>"),
    };
    read(bytes).iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn keys_are_what_terminals_send_for_them() {
    for (bytes, keys) in [
        (&b"aZ "[..], "a S-Z  "),
        (b"\r\t\x7f\x08", "Enter Tab Backspace Backspace"),
        (b"\x03\x1a\x00\x1f", "C-c C-z C-  C-7"),
        (b"\x1b", "Esc"),
        (b"\x1b\x1b", "Esc Esc"),
        (b"\x1bx\x1bX", "A-x A-S-X"),
        (b"\x1b[A\x1b[B\x1bOC\x1b[D", "Up Down Right Left"),
        (b"\x1b[1;5A\x1b[1;2D\x1b[Z", "C-Up S-Left S-BackTab"),
        (b"\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3~", "Home End PageUp PageDown Delete"),
        (b"\x1bOP\x1b[[A\x1b[Z", "F(1) F(1) S-BackTab"),
        (b"\x1bOM\x1bOp\x1bOj", "Enter 0 *"),
        ("äЖ漢🎉".as_bytes(), "ä S-Ж 漢 🎉"),
        (b"\x1b[", "A-["),
        (b"\x1bO", "A-S-O"),
        (b"\x1b[<0;5;7M\x1b[<0;5;7m\x1b[<65;1;1M", "Down(Left)@4,6 Up(Left)@4,6 ScrollDown@0,0"),
    ] {
        assert_eq!(names(bytes), keys, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn answers_of_the_terminal_and_broken_bytes_mean_nothing() {
    for bytes in [
        &b"\x1b[12;40Rx"[..],
        b"\x1b[?62;22cx",
        b"\x1b]11;rgb:0000/0000/0000\x07x",
        b"\x1b]11;rgb:0000/0000/0000\x1b\\x",
        b"\x1bP1+r544e=787465726d\x1b\\x",
        b"\x1b[?2026;2$yx",
        b"\x1b[Ix",
        b"\xff\xc3\xc3x",
        b"\x1b[<1;2Mx",
        b"\xc2\x9bx",
    ] {
        assert_eq!(names(bytes), "x", "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_paste_is_text_whatever_is_in_it() {
    assert_eq!(names(b"a\x1b[200~q\r\ny\r\x1b[A\x03\x1b[201~b"), "a <q\ny\n\u{1b}[A\u{3}> b");
}

#[test]
fn a_paste_is_bounded_and_one_without_end_ends_by_itself() {
    let long = [b"\x1b[200~", &vec![b'x'; PASTE_MAX * 2][..], b"\x1b[201~y"].concat();
    let read_back = read(&long);
    let Some(Gesture::Paste(text)) = read_back.first() else { panic!("a paste") };
    assert_eq!((text.len(), read_back.len()), (PASTE_MAX, 2));
    assert_eq!(names(b"\x1b[200~never ends"), "<never ends>");
}

/// Wherever the bytes are cut, they mean the same.
#[test]
fn it_does_not_matter_how_the_bytes_arrive() {
    let bytes =
        "a\u{1b}[1;5Aä\u{1b}[200~p\u{1b}[20x\u{1b}[201~\u{1b}[<0;5;7M\u{1b}]11;rgb:0\u{7}漢\u{1b}OPz".as_bytes();
    let whole = read(bytes);
    for cut in 0..=bytes.len() {
        let mut parser = Parser::default();
        let mut out = Vec::new();
        parser.feed(&bytes[..cut], &mut out);
        parser.feed(&bytes[cut..], &mut out);
        assert_eq!(out, whole, "cut at {cut}");
    }
    let mut parser = Parser::default();
    let mut out = Vec::new();
    for byte in bytes {
        parser.feed(&[*byte], &mut out);
    }
    assert_eq!(out, whole);
}

#[test]
fn no_bytes_at_all_can_break_it() {
    let mut random = fastrand::Rng::with_seed(4);
    let alphabet = b"\x1b\x1b[]OP<>;:0129~AMmZu\\\x07\x9b\xc3\xa4\xf0x";
    let mut parser = Parser::default();
    let mut out = Vec::new();
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..random.usize(1..40)).map(|_| alphabet[random.usize(0..alphabet.len())]).collect();
        parser.feed(&bytes, &mut out);
        if random.u8(0..4) == 0 {
            parser.settle(&mut out);
            assert!(!parser.is_waiting());
        }
        out.clear();
    }
}
