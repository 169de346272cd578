//! What reaches the user beside the screen: title, bell, clipboard.

use crate::domain::{Mono, text::clean};
use crate::monitor::Snapshot;
use crate::tui::standing::Standing;
use std::fmt::Write as _;
use std::time::Duration;

/// At most one bell in this time.
const BELL_EVERY: Duration = Duration::from_secs(10);
/// The most that is put on the clipboard, in bytes.
const COPY_MAX: usize = 8 * 1024;
/// The longest title.
const TITLE_MAX: usize = 80;

/// Rings seldom.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Option<Mono>,
}

impl Bell {
    /// The bytes of a bell, or none if the last one was a moment ago.
    pub fn ring(&mut self, now: Mono) -> &'static [u8] {
        if self.rung.is_some_and(|rung| now.since(rung) < BELL_EVERY) {
            return b"";
        }
        self.rung = Some(now);
        b"\x07"
    }
}

/// Keeps the title of the terminal, and says nothing while it stays the same.
#[derive(Debug, Default)]
pub struct Title {
    shown: String,
}

impl Title {
    /// The bytes that make the title tell the counts of this picture.
    pub fn show(&mut self, snapshot: &Snapshot) -> Vec<u8> {
        let title = clean(&title(snapshot), TITLE_MAX);
        if title == self.shown {
            return Vec::new();
        }
        self.shown = title;
        format!("\x1b]2;{}\x1b\\", self.shown).into_bytes()
    }

    /// Says it again next time: the terminal has forgotten.
    pub fn forget(&mut self) {
        self.shown.clear();
    }
}

/// `portpulse ▼2 △1 | 61`: what is down, what is failing, how many there are.
fn title(snapshot: &Snapshot) -> String {
    let count = |such| snapshot.targets.iter().filter(|view| Standing::of(view) == such).count();
    let (down, failing) = (count(Standing::Down), count(Standing::Failing));
    let mut title = "portpulse".to_owned();
    for (sign, count) in [('▼', down), ('△', failing)] {
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(title, " {sign}{count}");
        }
    }
    let _ = write!(title, " | {}", snapshot.targets.len());
    title
}

/// The bytes that put a text on the terminal's clipboard (OSC 52), cut at 8 KiB; the terminal may
/// be set up to ignore them.
pub fn copy(text: &str) -> Vec<u8> {
    let end = text.floor_char_boundary(COPY_MAX);
    let mut bytes = b"\x1b]52;c;".to_vec();
    bytes.extend(base64(&text.as_bytes()[..end]));
    bytes.extend_from_slice(b"\x1b\\");
    bytes
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { digit } else { b'=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_rings_at_most_every_ten_seconds() {
        let mut bell = Bell::default();
        let rung: Vec<u64> = (0..30_000).step_by(1000).filter(|&at| !bell.ring(Mono(at)).is_empty()).collect();
        assert_eq!(rung, [0, 10_000, 20_000]);
    }

    #[test]
    fn the_title_is_told_only_when_its_counts_change() {
        let mut title = Title::default();
        let snapshot = Snapshot::empty(crate::domain::Now::default());
        assert_eq!(title.show(&snapshot), b"\x1b]2;portpulse | 0\x1b\\");
        assert_eq!(title.show(&snapshot), b"");
        title.forget();
        assert!(!title.show(&snapshot).is_empty());
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded.as_bytes(), "{plain}");
        }
    }

    #[test]
    fn a_copy_is_bounded_and_never_cuts_a_character() {
        let long = copy(&"ä".repeat(8000));
        assert!(long.len() < COPY_MAX * 4 / 3 + 32 && long.ends_with(b"\x1b\\"));
        assert_eq!(copy("db1:5432"), b"\x1b]52;c;ZGIxOjU0MzI=\x1b\\");
    }
}
