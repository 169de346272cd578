//! sled's file read without sled: every message in it whose checksum is right, whatever stands around it.
//!
//! sled reads its log in order and takes the first item that is not right for its end. Nothing says that what
//! follows is wrong as well: each message has a checksum of its own, and says which segment of the log it is of.
//!
//! A file is made of segments of the same length. Each begins with a head, which only says where in the log it
//! belongs; then come messages, one behind the other: checksum, kind, length of the body, number of the segment,
//! number of the page, body. What is left of a segment is zero, or of what stood there before, which has another
//! number.

use super::pages;
use super::readable::{HEAD, SEGMENT, number, read};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// How long the checksum of a message is.
const SUM: usize = size_of::<u32>();
/// How many bytes of a segment may be tried as a message in vain. What was made to look like messages does not
/// cost more than this.
const VAIN_MAX: usize = 32 << 20;
/// Longer bodies than a segment stand in files of their own; none of ours is near it.
const BLOB_MAX: u64 = 64 << 20;

/// What a message does to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is no more.
    Free,
    /// It is from now on this.
    Node,
    /// One thing of it has changed.
    Link,
    /// Nothing that matters here.
    Other,
}

/// Where the body of a message stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    Here {
        place: u64,
        length: usize,
    },
    /// In a file with the name that stands at this place.
    Elsewhere {
        place: u64,
    },
}

/// A whole message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    /// Where in the log it is: later ones have a higher number.
    pub at: u64,
    pub page: u64,
    pub kind: Kind,
    pub body: Body,
}

/// Tells of every whole message in the file, segments in the order of the log; says in how many places there was
/// something that is none.
pub(super) fn scan(file: &File, mut found: impl FnMut(Message)) -> io::Result<u64> {
    let mut places = Vec::new();
    for place in (0..file.metadata()?.len()).step_by(SEGMENT) {
        let mut head = [0; HEAD];
        read(file, &mut head, place)?;
        places.push((whole_head(&head), place));
    }
    // Those whose head is damaged come first: what a later one says then counts.
    places.sort_unstable();
    let mut unreadable = 0;
    let mut bytes = vec![0; SEGMENT];
    for (begin, place) in places {
        let length = read(file, &mut bytes, place)?;
        let segment = Segment { bytes: bytes.get(..length).unwrap_or_default(), place };
        let Holes { inside, is_end_damaged } = segment.scan(begin, &mut found);
        unreadable += inside + u64::from(is_end_damaged);
    }
    Ok(unreadable)
}

/// Which segment of the log this is the head of; `None` if it is none, or damaged.
fn whole_head(head: &[u8; HEAD]) -> Option<u64> {
    let (sum, rest) = head.split_first_chunk::<SUM>()?;
    let begin = number(head).filter(|_| u32::from_le_bytes(*sum) ^ u32::MAX == crc32fast::hash(rest))?;
    Some(u64::try_from(begin).ok()? / SEGMENT as u64)
}

/// Whether something of a segment is damaged, with more of the log behind it: sled would end the log there, and
/// write zeroes over what follows.
pub(super) fn is_broken(bytes: &[u8]) -> bool {
    let Some(head) = bytes.first_chunk::<HEAD>().filter(|head| **head != [0; HEAD]) else { return false };
    let number = whole_head(head);
    number.is_none() || Segment { bytes, place: 0 }.scan(number, &mut |_| ()).inside > 0
}

/// The body of a message, if it still can be read.
pub(super) fn body(file: &File, message: Body, blob: impl Fn(i64) -> io::Result<File>) -> Option<Vec<u8>> {
    match message {
        Body::Here { place, length } => {
            let mut body = vec![0; length];
            file.read_exact_at(&mut body, place).ok()?;
            Some(body)
        }
        Body::Elsewhere { place } => {
            let mut name = [0; size_of::<i64>()];
            file.read_exact_at(&mut name, place).ok()?;
            let blob = blob(i64::from_le_bytes(name)).ok()?;
            let length = blob.metadata().ok()?.len();
            let mut bytes = vec![0; usize::try_from(length).ok().filter(|_| length <= BLOB_MAX)?];
            blob.read_exact_at(&mut bytes, 0).ok()?;
            let (sum, kind_and_body) = bytes.split_first_chunk::<SUM>()?;
            let is_right = u32::from_le_bytes(*sum) == crc32fast::hash(kind_and_body);
            is_right.then(|| kind_and_body.get(1..).map(<[u8]>::to_vec)).flatten()
        }
    }
}

struct Segment<'b> {
    bytes: &'b [u8],
    place: u64,
}

/// Where there is something in a segment that is no whole message.
struct Holes {
    /// How often in front of another message.
    inside: u64,
    /// Whether there is one behind the last that is whole.
    is_end_damaged: bool,
}

/// A head of a message, which may be none.
struct Head {
    sum: u32,
    kind: u8,
    length: usize,
    segment: u64,
    page: u64,
    /// Its own bytes.
    size: usize,
}

impl Segment<'_> {
    /// Tells of the whole messages of the segment with this number, or with that of the first whole message; says
    /// where there were others.
    fn scan(&self, mut number: Option<u64>, found: &mut impl FnMut(Message)) -> Holes {
        let (mut at, mut vain, mut inside) = (HEAD, 0, 0);
        // Where the last whole message ends: the next one begins there, if there is one.
        let mut end = HEAD;
        let mut is_end_damaged = false;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let head = Head::read(rest).filter(|head| number.is_none_or(|number| head.segment == number));
            match head {
                Some(head) if at > end && !head.is_likely(rest) => at += 1,
                Some(head) if head.is_right(rest) => {
                    inside += u64::from(at > end);
                    number = Some(head.segment);
                    found(self.message(&head, at));
                    at += head.size + head.length;
                    (end, is_end_damaged) = (at, false);
                }
                Some(head) if vain + head.length <= VAIN_MAX => {
                    is_end_damaged |= at == end;
                    (at, vain) = (at + 1, vain + head.length);
                }
                Some(_) => break,
                // Room that was never used is no damage, nor is what is left of an earlier use.
                None => at += 1,
            }
        }
        Holes { inside, is_end_damaged }
    }

    fn message(&self, head: &Head, at: usize) -> Message {
        let place = self.place + (at + head.size) as u64;
        let kind = match head.kind {
            4 => Kind::Free,
            8 | 9 => Kind::Node,
            10 | 11 => Kind::Link,
            _ => Kind::Other,
        };
        let body = match head.kind {
            7 | 9 | 11 => Body::Elsewhere { place },
            _ => Body::Here { place, length: head.length },
        };
        let begin = head.segment.saturating_mul(SEGMENT as u64);
        Message { at: begin.saturating_add(at as u64), page: head.page, kind, body }
    }
}

impl Head {
    /// Reads the bytes as a head; `None` if they cannot be one, or its body would not fit.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (sum, mut rest) = bytes.split_first_chunk::<SUM>()?;
        let kind = take(&mut rest, 1)?.first().copied().filter(|kind| (1..=11).contains(kind))?;
        let length = take_number(&mut rest)?;
        let segment = take_number(&mut rest)?;
        let page = take_number(&mut rest)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= rest.len())?;
        Some(Self { sum: u32::from_le_bytes(*sum), kind, length, segment, page, size: bytes.len() - rest.len() })
    }

    /// Whether the body looks like one of its kind. Where messages are looked for at every byte, a checksum for
    /// each that may be one would take too long.
    fn is_likely(&self, bytes: &[u8]) -> bool {
        let mut body = bytes.get(self.size..self.size + self.length).unwrap_or_default();
        match self.kind {
            4 => body.is_empty(),
            3 | 5 | 7 | 9 | 11 => body.len() == size_of::<u64>(),
            8 => pages::head(&mut body).is_some(),
            10 => pages::Change::read(body).is_some(),
            // What fills up a segment, or was given up, is of no use.
            _ => false,
        }
    }

    /// Whether the checksum is that of the bytes, which begin with this head.
    fn is_right(&self, bytes: &[u8]) -> bool {
        let mut sum = crc32fast::Hasher::new();
        sum.update(bytes.get(self.size..self.size + self.length).unwrap_or_default());
        sum.update(bytes.get(SUM..self.size).unwrap_or_default());
        sum.finalize() ^ u32::MAX == self.sum
    }
}

/// Takes so many bytes.
pub(super) fn take<'b>(bytes: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// Takes a number of one to nine bytes, as sled writes it.
pub(super) fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let first = *take(bytes, 1)?.first()?;
    let little_endian = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some(match first {
        0..=240 => first.into(),
        241..=248 => 240 + 256 * u64::from(first - 241) + little_endian(take(bytes, 1)?),
        249 => match take(bytes, 2)? {
            [high, low] => 2_288 + 256 * u64::from(*high) + u64::from(*low),
            _ => return None,
        },
        _ => little_endian(take(bytes, usize::from(first - 247))?),
    })
}
