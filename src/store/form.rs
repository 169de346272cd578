//! The bytes of records and rows: how they are written now, and how those of the first version are read.
//!
//! Most are postcard, to which variants can be appended and nothing else. What a user writes about a target
//! grows with every release, so that a target is JSON inside: a field that is missing has its default.

use super::error::Trouble;
use super::version_1;
use crate::domain::Record;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The places of [`Record::Target`] and [`Record::Former`] among the records.
const TARGET: u8 = 4;
const FORMER: u8 = 8;
/// In the count of a journal row's pieces: their records are not those of the first version.
const SECOND: u32 = 1 << 31;

/// Something that holds a definition, as it is kept: as JSON in a text.
pub(super) struct Json<T>(pub T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(&self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Which records a journal row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    First,
    Second,
}

/// A piece of a group of journal rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'b> {
    /// Which of them it is.
    pub place: u32,
    /// How many there are.
    pub count: u32,
    pub version: Version,
    pub bytes: &'b [u8],
}

impl<'b> Piece<'b> {
    /// The body of its row.
    pub fn body(place: u32, count: u32, bytes: &[u8]) -> Vec<u8> {
        [&place.to_be_bytes()[..], &(count | SECOND).to_be_bytes(), bytes].concat()
    }

    /// Reads the body of a row.
    pub fn read(body: &'b [u8]) -> Option<Self> {
        let (place, rest) = body.split_first_chunk::<4>()?;
        let (count, bytes) = rest.split_first_chunk::<4>()?;
        let count = u32::from_be_bytes(*count);
        let version = if count & SECOND == 0 { Version::First } else { Version::Second };
        Some(Self { place: u32::from_be_bytes(*place), count: count & !SECOND, version, bytes })
    }
}

/// The bytes of a value.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Trouble> {
    postcard::to_stdvec(value).map_err(|error| Trouble::Disk(format!("a record cannot be coded: {error}")))
}

/// The bytes of a record in the journal.
pub(super) fn record(record: &Record) -> Result<Vec<u8>, Trouble> {
    match record {
        Record::Target(entry) => Ok([vec![TARGET], encode(&Json(entry))?].concat()),
        Record::Former(former) => Ok([vec![FORMER], encode(&Json(former))?].concat()),
        other => encode(other),
    }
}

/// Takes a record from the front of these bytes.
pub(super) fn take_record(version: Version, bytes: &[u8]) -> Option<(Record, &[u8])> {
    match (version, bytes.split_first()?) {
        (Version::First, _) => version_1::take_record(bytes),
        (Version::Second, (&TARGET, rest)) => {
            let (Json(entry), rest) = postcard::take_from_bytes(rest).ok()?;
            Some((Record::Target(entry), rest))
        }
        (Version::Second, (&FORMER, rest)) => {
            let (Json(former), rest) = postcard::take_from_bytes(rest).ok()?;
            Some((Record::Former(former), rest))
        }
        (Version::Second, _) => postcard::take_from_bytes(bytes).ok(),
    }
}
