//! What the bytes of a terminal mean: keys, the mouse, pasted text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

/// The longest paste, in bytes; the rest is dropped.
pub const PASTE_MAX: usize = 1 << 20;
/// The longest escape sequence that is waited for; longer ones are none of ours.
const SEQUENCE_MAX: usize = 4_096;
/// Ends a paste (DEC private mode 2004).
const PASTE_END: &[u8] = b"\x1b[201~";
const ESCAPE: u8 = 0x1b;

/// Something that the user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted, at most 1 MiB of it.
    Paste(String),
}

/// Takes bytes as they come; a sequence that is cut off waits for its rest.
///
/// A lone ESC is both a key and the beginning of a sequence: only time tells, so whoever feeds the
/// parser calls [`Parser::settle`] when nothing has come for a moment. Answers to questions that a
/// program before us asked are taken out and mean nothing.
#[derive(Debug, Default)]
pub struct Parser {
    /// Not understood yet.
    rest: Vec<u8>,
    /// Set inside a paste.
    paste: Option<Vec<u8>>,
}

/// What stands at the beginning of some bytes.
enum Found {
    /// The beginning of something.
    Beginning,
    /// So many bytes, and what they mean, if anything.
    Whole(usize, Option<Gesture>),
    /// So many bytes, after which a paste begins.
    PasteBegins(usize),
}

impl Parser {
    /// Takes bytes in and appends what they mean.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Gesture>) {
        self.rest.extend_from_slice(bytes);
        let mut taken = 0;
        loop {
            let rest = self.rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            if let Some(paste) = &mut self.paste {
                let (count, is_over) = in_paste(rest, paste);
                taken += count;
                if !is_over {
                    break;
                }
                out.extend(self.end_paste());
                continue;
            }
            match parse(rest) {
                Found::Beginning if rest.len() < SEQUENCE_MAX => break,
                Found::Beginning => taken += 1,
                Found::Whole(count, gesture) => {
                    taken += count;
                    out.extend(gesture);
                }
                Found::PasteBegins(count) => {
                    taken += count;
                    self.paste = Some(Vec::new());
                }
            }
        }
        self.rest.drain(..taken);
    }

    /// Nothing has come for a moment: what waits for its rest will not get it.
    pub fn settle(&mut self, out: &mut Vec<Gesture>) {
        let rest = std::mem::take(&mut self.rest);
        if let Some(paste) = &mut self.paste {
            append(paste, &rest);
            out.extend(self.end_paste());
            return;
        }
        match rest.as_slice() {
            [ESCAPE] => out.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESCAPE, byte] => out.extend(plain(*byte).map(with_alt)),
            _ => {}
        }
    }

    /// Whether bytes wait for their rest.
    pub fn is_waiting(&self) -> bool {
        !self.rest.is_empty() || self.paste.is_some()
    }

    /// Whether it is in the middle of a paste.
    pub fn is_in_paste(&self) -> bool {
        self.paste.is_some()
    }

    fn end_paste(&mut self) -> Option<Gesture> {
        self.paste.take().map(|bytes| Gesture::Paste(text_of(&bytes)))
    }
}

/// Pasted bytes as text, with the line ends that a terminal sends made into those of a text.
pub fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n")
}

/// Adds to a paste as far as there is room.
pub fn append(paste: &mut Vec<u8>, bytes: &[u8]) {
    let room = PASTE_MAX.saturating_sub(paste.len());
    paste.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

/// Takes pasted bytes; returns how many were taken and whether the paste is over.
fn in_paste(rest: &[u8], paste: &mut Vec<u8>) -> (usize, bool) {
    if let Some(place) = rest.windows(PASTE_END.len()).position(|window| window == PASTE_END) {
        append(paste, &rest[..place]);
        return (place + PASTE_END.len(), true);
    }
    // The end may have begun.
    let sure = rest.len().saturating_sub(PASTE_END.len() - 1);
    append(paste, &rest[..sure]);
    (sure, false)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Gesture {
    Gesture::Key(KeyEvent::new(code, modifiers))
}

fn with_alt(gesture: Gesture) -> Gesture {
    match gesture {
        Gesture::Key(event) => key(event.code, event.modifiers | KeyModifiers::ALT),
        other => other,
    }
}

fn parse(bytes: &[u8]) -> Found {
    match bytes {
        [ESCAPE] => Found::Beginning,
        [ESCAPE, ESCAPE, ..] => Found::Whole(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [ESCAPE, b'[', rest @ ..] => control_sequence(rest),
        [ESCAPE, b'O', rest @ ..] => match rest {
            [] => Found::Beginning,
            [last, ..] => Found::Whole(3, keypad(*last)),
        },
        [ESCAPE, b']' | b'P' | b'^' | b'_', rest @ ..] => foreign_answer(rest),
        [ESCAPE, rest @ ..] => match parse(rest) {
            Found::Whole(count, gesture) => Found::Whole(count + 1, gesture.map(with_alt)),
            found => found,
        },
        [first, ..] if first.is_ascii() => Found::Whole(1, plain(*first)),
        _ => character(bytes),
    }
}

/// A byte that is a key by itself.
fn plain(byte: u8) -> Option<Gesture> {
    let control = |letter: u8| Some(key(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL));
    match byte {
        b'\r' | b'\n' => Some(key(KeyCode::Enter, KeyModifiers::NONE)),
        b'\t' => Some(key(KeyCode::Tab, KeyModifiers::NONE)),
        0x7f | 0x08 => Some(key(KeyCode::Backspace, KeyModifiers::NONE)),
        ESCAPE => Some(key(KeyCode::Esc, KeyModifiers::NONE)),
        0 => control(b' '),
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        0x20..=0x7e => Some(typed(char::from(byte))),
        _ => None,
    }
}

fn typed(c: char) -> Gesture {
    key(KeyCode::Char(c), if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE })
}

/// A character beyond ASCII.
fn character(bytes: &[u8]) -> Found {
    let window = &bytes[..bytes.len().min(4)];
    let text = match std::str::from_utf8(window) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) if error.error_len().is_none() => return Found::Beginning,
        Err(_) => return Found::Whole(1, None),
    };
    match text.chars().next() {
        Some(c) => Found::Whole(c.len_utf8(), (!c.is_control()).then(|| typed(c))),
        None => Found::Whole(1, None),
    }
}

/// What follows ESC O: arrows and the keypad in application mode.
fn keypad(last: u8) -> Option<Gesture> {
    let code = match last {
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'j'..=b'y' => KeyCode::Char(char::from(last - b'j' + b'*')),
        _ => arrow(last)?,
    };
    Some(key(code, KeyModifiers::NONE))
}

fn arrow(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

/// What follows ESC [ (ECMA-48, 5.4): parameters, then one final byte.
fn control_sequence(rest: &[u8]) -> Found {
    if let [b'[', after @ ..] = rest {
        // The function keys of the Linux console.
        return match after {
            [] => Found::Beginning,
            [last @ b'A'..=b'E', ..] => Found::Whole(4, Some(key(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE))),
            _ => Found::Whole(3, None),
        };
    }
    let Some(place) = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte)) else { return Found::Beginning };
    let (parameters, last) = (&rest[..place], rest[place]);
    let count = place + 3;
    match last {
        0x40..=0x7e => {}
        // Cut off by something else, which is looked at next.
        _ => return Found::Whole(count - 1, None),
    }
    if let (Some(parameters), b'M' | b'm') = (parameters.strip_prefix(b"<"), last) {
        return Found::Whole(count, mouse(&numbers(parameters), last == b'm'));
    }
    let numbers = numbers(parameters);
    let first = numbers.first().copied().unwrap_or(0);
    if (first, last) == (200, b'~') {
        return Found::PasteBegins(count);
    }
    let code = match last {
        b'Z' => Some(KeyCode::BackTab),
        b'~' => numbered(first),
        b'P'..=b'S' if first <= 1 => Some(KeyCode::F(last - b'P' + 1)),
        _ => arrow(last),
    };
    let shift = if last == b'Z' { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    let modifiers = modifiers(numbers.get(1).copied().unwrap_or(1)) | shift;
    Found::Whole(count, code.map(|code| key(code, modifiers)))
}

fn numbered(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        _ => return None,
    })
}

/// As xterm writes them: one more than a sum of 1 for Shift, 2 for Alt, 4 for Ctrl.
fn modifiers(number: u16) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, bits & bit != 0);
    }
    modifiers
}

fn numbers(parameters: &[u8]) -> Vec<u16> {
    let text = std::str::from_utf8(parameters).unwrap_or_default();
    text.split(';').map(|number| number.parse().unwrap_or(0)).collect()
}

/// A report of the mouse in the form of mode 1006: what, column, row.
fn mouse(numbers: &[u16], is_release: bool) -> Option<Gesture> {
    let &[what, column, row] = numbers else { return None };
    let button = match what & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match what & (64 | 32 | 3) {
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        35 => MouseEventKind::Moved,
        32..=34 => MouseEventKind::Drag(button),
        0..=2 if is_release => MouseEventKind::Up(button),
        0..=2 => MouseEventKind::Down(button),
        _ => return None,
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)] {
        modifiers.set(modifier, what & bit != 0);
    }
    Some(Gesture::Mouse(MouseEvent { kind, column: column.checked_sub(1)?, row: row.checked_sub(1)?, modifiers }))
}

/// What follows ESC ], ESC P and the like, up to its end.
fn foreign_answer(rest: &[u8]) -> Found {
    match rest.iter().position(|byte| matches!(*byte, 0x07 | ESCAPE)) {
        None => Found::Beginning,
        Some(place) if rest[place] == 0x07 => Found::Whole(place + 3, None),
        Some(place) => match rest.get(place + 1) {
            None => Found::Beginning,
            Some(b'\\') => Found::Whole(place + 4, None),
            Some(_) => Found::Whole(place + 2, None),
        },
    }
}
