//! A note outside sled of what is safely inside: without it, a store that was cut short looks like
//! one that never had more.

use super::directory::{Directory, open};
use super::error::Trouble;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::FileExt;

/// A number that a store is given when it is begun. Without it, the files of another store in the place
/// of ours would be taken for ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity(u64);

impl Identity {
    /// One that no other store has, as far as chance goes.
    pub fn random() -> Self {
        Self(fastrand::u64(..))
    }

    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// How far the store had come when it was last known to be on disk. It is written after a sync and,
/// but for the first, never synced itself, so that it may be behind the truth but never ahead of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Which store it is.
    pub identity: Identity,
    /// The newest journal row.
    pub row: u64,
    /// The length of sled's file. It becomes shorter only when segments at its end come free.
    pub bytes: u64,
}

/// The file `WITNESS`, kept open.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
    /// What the next note says of it: as the last one did, or a new one.
    pub identity: Identity,
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
        let identity = match testimony {
            Testimony::Known(known) => known.identity,
            Testimony::Missing | Testimony::Garbled => Identity::random(),
        };
        Ok((Self { file, identity }, testimony))
    }

    /// The first note, made before anything else is: whatever has a mark has a note.
    pub fn begin(&self) -> Result<(), Trouble> {
        self.note(0, 0)?;
        Ok(self.file.sync_all()?)
    }

    /// Replaces the note, in one write of always the same length.
    pub fn note(&self, row: u64, bytes: u64) -> Result<(), Trouble> {
        let known = Known { identity: self.identity, row, bytes };
        Ok(self.file.write_all_at(write(known).as_bytes(), 0)?)
    }
}

fn write(known: Known) -> String {
    let Known { identity: Identity(store), row, bytes } = known;
    let text = format!("store {store:016x} row {row:020} bytes {bytes:020}");
    let sum = crc32c::crc32c(text.as_bytes());
    format!("{text} {sum:08x}\n")
}

pub(super) fn read(text: &[u8]) -> Testimony {
    let field = |from: usize, length: usize| str::from_utf8(text.get(from..from + length)?).ok();
    let number = |from: usize| field(from, 20)?.parse().ok();
    let store = field(6, 16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let (Some(store), Some(row), Some(bytes)) = (store, number(27), number(54)) else { return Testimony::Garbled };
    let known = Known { identity: Identity(store), row, bytes };
    if write(known).as_bytes() == text { Testimony::Known(known) } else { Testimony::Garbled }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_a_damaged_one_is_not_believed() {
        let known = Known { identity: Identity(0xfeed), row: 81_234, bytes: u64::MAX };
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
