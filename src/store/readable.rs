//! Whether sled's file can be read where a start reads it, tried before sled is let near it.
//!
//! What sled cannot read while it looks for the newest writes, it takes for their end, and then it writes over
//! what follows: a disk that failed for a moment would cost history. Everything that it is about to read is read
//! here first: the head of each segment, and all of those that are newer than its snapshot. That the system
//! holds them in memory afterwards makes up for the time it takes.
//!
//! A snapshot that ends in the middle of a segment says that there is such a segment, or newer ones. Where all of
//! them are gone sled would go on in their place, and nothing that it writes there would be found again.

use super::segments;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// How long a segment of sled's file is.
pub(super) const SEGMENT: usize = 512 << 10;
/// The same, as places in the log are counted.
const SEGMENT_LENGTH: i64 = 512 << 10;
/// How long the head of a segment is.
pub(super) const HEAD: usize = 20;
/// The same, as places in the log are counted.
const HEAD_LENGTH: i64 = 20;

/// Whether the log goes on where its snapshot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// As far as can be told.
    There,
    /// No segment is as new as the snapshot.
    Gone,
}

/// Reads what a start will read.
///
/// # Errors
/// Whatever the disk says; sled's files were not touched.
pub(super) fn ensure(sled: &Path) -> io::Result<Tail> {
    let file = match File::open(sled.join("db")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Tail::There),
        file => file?,
    };
    let newest = newest_snapshot(sled)?;
    let from = newest.map(|newest| newest - newest % SEGMENT_LENGTH);
    let is_inside = newest.is_some_and(|newest| newest % SEGMENT_LENGTH > HEAD_LENGTH);
    let mut tail = if is_inside { Tail::Gone } else { Tail::There };
    let mut segment = vec![0; SEGMENT];
    for place in (0..file.metadata()?.len()).step_by(SEGMENT) {
        let mut head = [0; HEAD];
        let is_whole = read(&file, &mut head, place)? == HEAD;
        if is_whole && number(&head).is_some_and(|number| from.is_none_or(|from| number >= from)) {
            read(&file, &mut segment, place)?;
            tail = Tail::There;
        }
    }
    Ok(tail)
}

/// Whether something is damaged that a start reads and that has more of the log behind it.
pub(super) fn is_broken(sled: &Path) -> io::Result<bool> {
    let file = match File::open(sled.join("db")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    let from = newest_snapshot(sled)?.map(|newest| newest - newest % SEGMENT_LENGTH);
    let mut segment = vec![0; SEGMENT];
    for place in (0..file.metadata()?.len()).step_by(SEGMENT) {
        let mut head = [0; HEAD];
        read(&file, &mut head, place)?;
        if number(&head).is_some_and(|number| from.is_none_or(|from| number >= from)) {
            let length = read(&file, &mut segment, place)?;
            if segments::is_broken(segment.get(..length).unwrap_or_default()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The place in sled's log that its newest snapshot ends at; `None` if there is no snapshot.
fn newest_snapshot(sled: &Path) -> io::Result<Option<i64>> {
    let mut newest = None;
    for name in snapshots(sled)? {
        let number = name.rsplit("snap.").next().and_then(|hex| i64::from_str_radix(hex, 16).ok());
        newest = newest.max(number);
    }
    Ok(newest)
}

/// The names of sled's snapshots, those that are half-written included.
pub(super) fn snapshots(sled: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(sled)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(Some(name).filter(|name| name.starts_with("snap.")));
    }
    Ok(names)
}

/// The place in sled's log that a segment begins at, by its head. Of one that is free, all bytes are zero: it has
/// none, and sled reads no more of it.
pub(super) fn number(head: &[u8; HEAD]) -> Option<i64> {
    if *head == [0; HEAD] {
        return None;
    }
    let (_, rest) = head.split_first_chunk::<4>()?;
    let (number, _) = rest.split_first_chunk::<8>()?;
    Some(i64::from_le_bytes(*number) ^ i64::MAX)
}

/// Reads until the buffer or the file is at its end.
pub(super) fn read(file: &File, mut buffer: &mut [u8], mut place: u64) -> io::Result<usize> {
    let mut total = 0;
    while !buffer.is_empty() {
        match file.read_at(buffer, place) {
            Ok(0) => break,
            Ok(count) => {
                total += count;
                place += count as u64;
                buffer = buffer.get_mut(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_segment_and_the_name_of_a_snapshot_tell_the_same_places() {
        let home = tempfile::tempdir().expect("a directory");
        let settings = || sled::Config::new().path(home.path().join("sled")).flush_every_ms(None);
        for round in 0..2 {
            let db = settings().open().expect("a sled");
            for number in 0..3_000_u32 {
                db.insert(number.to_be_bytes(), vec![round; 900]).expect("a write");
            }
            db.flush().expect("a flush");
        }
        let sled = home.path().join("sled");
        let file = File::open(sled.join("db")).expect("a file");
        let heads = (0..file.metadata().expect("a length").len()).step_by(SEGMENT).filter_map(|place| {
            let mut head = [0; HEAD];
            assert_eq!(read(&file, &mut head, place).expect("a head"), HEAD);
            number(&head)
        });
        let heads: Vec<i64> = heads.collect();
        let newest = newest_snapshot(&sled).expect("a directory").expect("a snapshot");
        let from = newest - newest % SEGMENT_LENGTH;
        assert!(heads.iter().all(|head| *head >= 0 && head % SEGMENT_LENGTH == 0), "{heads:?}");
        assert!(heads.iter().any(|head| *head >= from) && heads.iter().any(|head| *head < from), "{from} {heads:?}");
        assert_eq!(ensure(&sled).expect("a disk that can be read"), Tail::There);
        assert!(newest - from > HEAD_LENGTH, "{newest}");
        let db = std::fs::OpenOptions::new().write(true).open(sled.join("db")).expect("a file");
        for place in (0..file.metadata().expect("a length").len()).step_by(SEGMENT) {
            let mut head = [0; HEAD];
            read(&file, &mut head, place).expect("a head");
            if number(&head).is_some_and(|number| number >= from) {
                db.write_all_at(&[0; 4_096], place).expect("a page of nothing");
            }
        }
        assert_eq!(ensure(&sled).expect("a disk that can be read"), Tail::Gone);
    }
}
