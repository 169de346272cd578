//! A note outside sled of what is safely inside: without it, a store that was cut short looks like
//! one that never had more.

use super::directory::{Directory, open};
use super::error::Trouble;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;

/// How far the store had come when it was last known to be on disk. It is written after a sync and
/// never synced itself, so that it may be behind the truth but never ahead of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The newest journal row.
    pub row: u64,
    /// The length of sled's file. It becomes shorter only when segments at its end come free.
    pub bytes: u64,
}

/// The file `WITNESS`, kept open.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
}

/// What the note says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Testimony {
    /// There is no note: either nothing was ever kept, or somebody removed it.
    Missing,
    /// There is one that cannot be read.
    Garbled,
    /// This much was on disk.
    Known(Known),
}

impl Witness {
    /// Reads the note and keeps the file open for the next one.
    pub fn open(directory: &Directory) -> Result<(Self, Testimony), Trouble> {
        let path = directory.join("WITNESS");
        let mut file = open(&path, OpenOptions::new().read(true).write(true).create(true).truncate(false))?;
        let mut text = Vec::new();
        (&mut file).take(200).read_to_end(&mut text)?;
        let testimony = if text.is_empty() { Testimony::Missing } else { read(&text) };
        Ok((Self { file }, testimony))
    }

    /// Replaces the note, in one write of always the same length.
    pub fn note(&self, known: Known) -> Result<(), Trouble> {
        Ok(self.file.write_all_at(write(known).as_bytes(), 0)?)
    }
}

fn write(known: Known) -> String {
    let text = format!("row {:020} bytes {:020}", known.row, known.bytes);
    let sum = crc32c::crc32c(text.as_bytes());
    format!("{text} {sum:08x}\n")
}

fn read(text: &[u8]) -> Testimony {
    let number = |from: usize| text.get(from..from + 20).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    let (Some(row), Some(bytes)) = (number(4), number(31)) else { return Testimony::Garbled };
    let known = Known { row, bytes };
    if write(known).as_bytes() == text { Testimony::Known(known) } else { Testimony::Garbled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_a_damaged_one_is_not_believed() {
        let known = Known { row: 81_234, bytes: u64::MAX };
        let text = write(known).into_bytes();
        assert_eq!(read(&text), Testimony::Known(known));
        for place in 0..text.len() {
            let mut damaged = text.clone();
            damaged[place] ^= 1;
            assert_eq!(read(&damaged), Testimony::Garbled, "byte {place}");
        }
        assert_eq!(read(&text[..30]), Testimony::Garbled);
    }
}
