//! A thread that reads the terminal and says what the user did.
//!
//! The reader of the terminal library is not used: it takes at most 1,024 bytes of what has come and
//! then sleeps until more comes, loses a resize that arrives together with a key, and spins when the
//! terminal is gone (crossterm#793).

mod parse;
#[cfg(test)]
mod parse_tests;

pub use parse::{Gesture, Parser};

use parse::{append, text_of};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use std::io;
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the rest of an escape sequence may take; after that, a lone ESC was the key.
const SEQUENCE_WITHIN: Duration = Duration::from_millis(50);
/// How long a paste may pause; after that, its end was lost.
const PASTE_WITHIN: Duration = Duration::from_secs(1);
/// So many plain bytes at once were typed by nobody: they were pasted into a terminal that does not
/// mark a paste. Some are letters that stand for commands here.
const TYPED_MAX: usize = 64;
/// How many batches may wait.
const BATCHES_MAX: usize = 16;

/// Begins to read. The channel closes when the terminal is gone.
///
/// # Errors
/// The system has no thread left.
pub fn start() -> io::Result<mpsc::Receiver<Vec<Gesture>>> {
    let (sender, gestures) = mpsc::channel(BATCHES_MAX);
    thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
        let mut reader = Reader::default();
        while let Ok(batch) = reader.next() {
            if !batch.is_empty() && sender.blocking_send(batch).is_err() {
                return;
            }
        }
    })?;
    Ok(gestures)
}

/// The terminal is gone.
struct Gone;

#[derive(Default)]
struct Reader {
    parser: Parser,
    /// What came in a burst that nobody can have typed.
    burst: Option<Vec<u8>>,
}

impl Reader {
    /// Waits for bytes, or for time to tell what the last ones meant.
    fn next(&mut self) -> Result<Vec<Gesture>, Gone> {
        let mut batch = Vec::new();
        if !wait(self.patience())? {
            match self.burst.take() {
                Some(bytes) => batch.push(Gesture::Paste(text_of(&bytes))),
                None => self.parser.settle(&mut batch),
            }
            return Ok(batch);
        }
        let mut buffer = [0; 4_096];
        let count = match read(rustix::stdio::stdin(), &mut buffer) {
            Ok(0) => return Err(Gone),
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(batch),
            Err(_) => return Err(Gone),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        match &mut self.burst {
            Some(burst) => append(burst, bytes),
            None if !self.parser.is_waiting() && is_burst(bytes) => self.burst = Some(bytes.to_vec()),
            None => self.parser.feed(bytes, &mut batch),
        }
        Ok(batch)
    }

    /// How long to wait for more; for ever if nothing depends on it.
    fn patience(&self) -> Option<Duration> {
        if self.parser.is_in_paste() {
            Some(PASTE_WITHIN)
        } else if self.burst.is_some() || self.parser.is_waiting() {
            Some(SEQUENCE_WITHIN)
        } else {
            None
        }
    }
}

/// Whether these bytes came faster than anybody types. A key that is held down also comes fast over
/// a slow line, but then they are all the same; sequences are sent by keys and mice.
fn is_burst(bytes: &[u8]) -> bool {
    bytes.len() >= TYPED_MAX && !bytes.contains(&0x1b) && bytes.iter().any(|byte| Some(byte) != bytes.first())
}

/// Whether there is something to read; `false` when time is up.
fn wait(patience: Option<Duration>) -> Result<bool, Gone> {
    let stdin = rustix::stdio::stdin();
    let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    match poll(&mut watched, patience.as_ref()) {
        Ok(0) => Ok(false),
        Ok(_) if watched[0].revents().contains(PollFlags::IN) => Ok(true),
        Err(Errno::INTR) => wait(patience.and_then(|patience| patience.try_into().ok())),
        Ok(_) | Err(_) => Err(Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_can_have_typed_is_taken_for_a_paste() {
        assert!(is_burst("db1:5432\rq\ry\r".repeat(10).as_bytes()));
        assert!(!is_burst(&[b'j'; 500]), "a key that is held down");
        assert!(!is_burst(b"db1:5432\r"), "a fast typist on a slow line");
        assert!(!is_burst(&b"\x1b[A\x1b[B".repeat(50)), "arrows");
    }
}
