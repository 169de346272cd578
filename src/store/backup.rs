//! A copy of everything in one file, made while the store is in use, and a store made of such a file.
//!
//! The file is a line that says what it is, then one entry for each value (the name of its tree, its
//! key, and the value in its envelope), then an entry that says how many there were, and the CRC-32C
//! of all that. So a copy that was cut is known for one.
//!
//! Chunks of checks are by far the most. They are copied first, series by series, with other work
//! in between. Then, in one go, everything else is, and the chunks that were sealed meanwhile. That
//! second part is the state of the store at one moment, and no chunk that it needs is missing: one
//! is only ever replaced by another that holds the same checks.

use super::base::{Base, Shelf};
use super::directory::{Directory, Found};
use super::error::{BackupError, OpenError, ReadError, RestoreError, Trouble};
use super::key::{self, Series};
use super::mend::{self, Foreknowledge};
use super::reader::Reader;
use super::{Options, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// What the file begins with.
const HEAD: &[u8] = b"portpulse-backup 1\n";
/// How long a part of the copying may keep others waiting.
const SLICE: Duration = Duration::from_millis(8);
/// The most bytes that a value can have; what claims more is damage.
const VALUE_MAX: u32 = 16 << 20;
/// Ends the entries, in place of the length of a tree's name.
const END: u8 = 0;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Values.
    pub values: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A copy in the making.
struct Draft {
    out: BufWriter<File>,
    sum: u32,
    copied: Copied,
    /// The series whose chunks were copied last.
    after: Option<Series>,
    /// How many chunks each series had when the copying began.
    chunks: BTreeMap<Series, u32>,
}

/// Whether there is more to copy in slices.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    Done,
}

impl Store {
    /// Copies everything into an empty file. What is saved while the copying goes on is in the copy up to
    /// its end, and nothing waits for it longer than a read takes.
    ///
    /// Whoever asks opens the file, with the rights that they have; brings it to the disk, which may take
    /// long; and gives it its name when it is whole.
    ///
    /// # Errors
    /// One of the two disks refuses. What is in the file then is no copy.
    pub async fn back_up(&self, into: File) -> Result<Copied, BackupError> {
        let unwritten = |error: io::Error| BackupError::File(error.to_string());
        let mut draft = Draft::begin(into).map_err(unwritten)?;
        let mut progress = Progress::More;
        while progress == Progress::More {
            let answer = self.read(move |reader| reader.copy_chunks(draft)).await.unwrap_or(Err(ReadError::Closed))?;
            (draft, progress) = answer.map_err(unwritten)?;
        }
        self.flush().await?;
        let rest = move |reader: &Reader<'_>| Ok(reader.copy_rest(draft)?.and_then(Draft::finish));
        self.read(rest).await.unwrap_or(Err(ReadError::Closed))?.map_err(unwritten)
    }
}

impl Draft {
    fn begin(into: File) -> io::Result<Self> {
        let out = BufWriter::new(into);
        let mut draft = Self { out, sum: 0, copied: Copied::default(), after: None, chunks: BTreeMap::new() };
        draft.write(HEAD)?;
        Ok(draft)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum = crc32c::crc32c_append(self.sum, bytes);
        self.copied.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn put(&mut self, tree: &str, key: &[u8], value: &[u8]) -> io::Result<()> {
        let too_long = |_| io::Error::other("a value is too long");
        self.write(&[u8::try_from(tree.len()).map_err(too_long)?])?;
        self.write(tree.as_bytes())?;
        self.write(&u16::try_from(key.len()).map_err(too_long)?.to_le_bytes())?;
        self.write(key)?;
        self.write(&u32::try_from(value.len()).map_err(too_long)?.to_le_bytes())?;
        self.write(value)?;
        self.copied.values += 1;
        Ok(())
    }

    fn finish(mut self) -> io::Result<Copied> {
        self.write(&[END])?;
        self.write(&self.copied.values.to_le_bytes())?;
        self.write(&self.sum.to_le_bytes())?;
        self.out.flush()?;
        Ok(self.copied)
    }
}

/// A trouble of the store comes first, one of the file that is written second.
type Outcome<T> = Result<io::Result<T>, ReadError>;

impl Reader<'_> {
    fn copy_chunks(&self, mut draft: Draft) -> Outcome<(Draft, Progress)> {
        let ledger = self.ledger();
        if draft.after.is_none() {
            draft.chunks = ledger.series.iter().map(|(of, progress)| (*of, progress.sealed.chunks)).collect();
        }
        let deadline = Instant::now() + SLICE;
        while let Some(of) = ledger.series_after(draft.after) {
            if let Err(error) = self.copy(&ledger.base.chunk, &key::series(of), &mut draft, |_| true)? {
                return Ok(Err(error));
            }
            draft.after = Some(of);
            if Instant::now() >= deadline {
                return Ok(Ok((draft, Progress::More)));
            }
        }
        Ok(Ok((draft, Progress::Done)))
    }

    fn copy_rest(&self, mut draft: Draft) -> Outcome<Draft> {
        let ledger = self.ledger();
        let chunk = &ledger.base.chunk;
        for (of, progress) in &ledger.series {
            let known = draft.chunks.get(of).copied().unwrap_or_default();
            let is_new = |key: &[u8]| key::read_chunk_number(key).is_some_and(|number| number >= known);
            if progress.sealed.chunks > known
                && let Err(error) = self.copy(chunk, &key::series(*of), &mut draft, is_new)?
            {
                return Ok(Err(error));
            }
        }
        for shelf in ledger.base.shelves().into_iter().filter(|shelf| shelf.name() != chunk.name()) {
            if let Err(error) = self.copy(shelf, &[], &mut draft, |_| true)? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(draft))
    }

    fn copy(&self, shelf: &Shelf, prefix: &[u8], draft: &mut Draft, is_wanted: impl Fn(&[u8]) -> bool) -> Outcome<()> {
        self.asked(|| {
            for row in shelf.raw(prefix) {
                let (key, value) = row?;
                if is_wanted(&key)
                    && let Err(error) = draft.put(shelf.name(), &key, &value)
                {
                    return Ok(Err(error));
                }
            }
            Ok(Ok(()))
        })
    }
}

/// Makes a store of a copy, in a directory that holds none. The copy is read to its end first, so
/// that a damaged one makes nothing.
pub fn restore(file: &Path, directory: &Path) -> Result<Copied, RestoreError> {
    let at = |why: String| RestoreError::File { path: file.to_owned(), why };
    let mut source = File::open(file).map_err(|error| at(error.to_string()))?;
    let expected = read(&source, |_, _, _| Ok(())).map_err(at)?;
    source.rewind().map_err(|error| at(error.to_string()))?;
    let (directory, found) = Directory::take(directory)?;
    if found != Found::Nothing {
        return Err(RestoreError::Occupied(directory.path().to_owned()));
    }
    let unusable = |why: String| OpenError::Unusable { path: directory.path().to_owned(), why };
    let fill = || -> Result<(), Trouble> {
        let base = Base::open(&directory.sled(), &Options::default())?;
        read(&source, |tree, key, value| {
            let shelf = base.shelves().into_iter().find(|shelf| shelf.name() == tree);
            let shelf = shelf.ok_or_else(|| format!("it holds `{tree}`, which this portpulse does not know"))?;
            shelf.put_sealed(key, value).map_err(|trouble| trouble.to_string())
        })
        .map_err(Trouble::Disk)?;
        base.sync()
    };
    super::contain::contained(fill).map_err(|trouble| {
        // A half-made store would be taken for a damaged one.
        let _ = std::fs::remove_dir_all(directory.sled());
        unusable(trouble.to_string())
    })?;
    directory.mark()?;
    let ready = mend::open(&directory, Found::Nothing, &Options::default(), Foreknowledge::default());
    ready.map_err(|trouble| unusable(trouble.to_string()))?;
    Ok(expected)
}

/// Reads a copy; says in words why it is none.
fn read(file: &File, mut entry: impl FnMut(&str, &[u8], &[u8]) -> Result<(), String>) -> Result<Copied, String> {
    let mut input = Summed { input: BufReader::new(file), sum: 0, bytes: 0 };
    if input.take(HEAD.len()).ok().as_deref() != Some(HEAD) {
        return Err("it is no copy of a portpulse history".to_owned());
    }
    let mut values = 0;
    loop {
        let [length] = input.array()?;
        if length == END {
            break;
        }
        let tree = String::from_utf8(input.take(length.into())?).map_err(|_| DAMAGED)?;
        let length = u16::from_le_bytes(input.array()?);
        let key = input.take(length.into())?;
        let length = u32::from_le_bytes(input.array()?);
        if length > VALUE_MAX {
            return Err(DAMAGED.to_owned());
        }
        let value = input.take(length as usize)?;
        entry(&tree, &key, &value)?;
        values += 1;
    }
    let count = u64::from_le_bytes(input.array()?);
    let sum = input.sum;
    if count != values || u32::from_le_bytes(input.array()?) != sum {
        return Err(DAMAGED.to_owned());
    }
    Ok(Copied { values, bytes: input.bytes })
}

const DAMAGED: &str = "the copy is damaged or was cut";

/// A reader that keeps the checksum of what went through it.
struct Summed<R> {
    input: R,
    sum: u32,
    bytes: u64,
}

impl<R: Read> Summed<R> {
    fn take(&mut self, length: usize) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => DAMAGED.to_owned(),
            _ => error.to_string(),
        })?;
        self.sum = crc32c::crc32c_append(self.sum, &bytes);
        self.bytes += length as u64;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        self.take(N)?.try_into().map_err(|_| DAMAGED.to_owned())
    }
}
