//! Frames: one JSON object a line, over any stream of bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How much is read at once.
const READ_BYTES: usize = 64 << 10;

/// Why the other side is not understood.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// No end of line where one must be.
    #[error("a line is longer than {0} bytes")]
    TooLong(usize),
    /// The stream ended inside of a line.
    #[error("the connection ended in the middle of a line")]
    Cut,
    /// A line that was begun did not end in time.
    #[error("a line was begun and not ended within {} s", .0.as_secs())]
    Slow(Duration),
    /// It is not what may come here.
    #[error("a line makes no sense: {0}")]
    Nonsense(serde_json::Error),
    /// What the system says.
    #[error("the connection failed: {0}")]
    Stream(#[from] io::Error),
}

/// A stream as a sequence of frames in either direction.
#[derive(Debug)]
pub struct Frames<S> {
    pub(super) stream: S,
    /// What was read and not used yet.
    unused: Vec<u8>,
    bytes_max: usize,
    /// How long the rest of a line may take.
    patience: Option<Duration>,
}

impl<S> Frames<S> {
    /// Reads lines of up to so many bytes; with `patience`, none that takes longer once it has begun.
    pub fn new(stream: S, bytes_max: usize, patience: Option<Duration>) -> Self {
        Self { stream, unused: Vec::new(), bytes_max, patience }
    }

    /// Whether more was read than the frames that were asked for.
    pub fn has_more(&self) -> bool {
        !self.unused.is_empty()
    }

    /// Both directions apart: frames that are read, and where lines are written to.
    pub fn split<R, W>(self, halves: impl FnOnce(S) -> (R, W)) -> (Frames<R>, W) {
        let Self { stream, unused, bytes_max, patience } = self;
        let (stream, out) = halves(stream);
        (Frames { stream, unused, bytes_max, patience }, out)
    }
}

impl<S: AsyncRead + Unpin> Frames<S> {
    /// The next frame; `None` at the end of the stream. Waits for its beginning as long as it takes. Whoever stops
    /// waiting loses nothing of it.
    pub async fn read<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        if self.unused.is_empty() && self.fill().await? == 0 {
            return Ok(None);
        }
        let line = match self.patience {
            Some(patience) => timeout(patience, self.line()).await.map_err(|_| FrameError::Slow(patience))??,
            None => self.line().await?,
        };
        serde_json::from_slice(&line).map(Some).map_err(FrameError::Nonsense)
    }

    async fn line(&mut self) -> Result<Vec<u8>, FrameError> {
        let mut searched = 0;
        loop {
            let fresh = self.unused.get(searched..).unwrap_or_default();
            let end = fresh.iter().position(|byte| *byte == b'\n').map(|place| searched + place + 1);
            if end.unwrap_or(self.unused.len()) > self.bytes_max {
                return Err(FrameError::TooLong(self.bytes_max));
            }
            if let Some(end) = end {
                let rest = self.unused.split_off(end);
                return Ok(std::mem::replace(&mut self.unused, rest));
            }
            searched = self.unused.len();
            if self.fill().await? == 0 {
                return Err(FrameError::Cut);
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.unused.reserve(READ_BYTES);
        self.stream.read_buf(&mut self.unused).await
    }
}

impl<S: AsyncWrite + Unpin> Frames<S> {
    /// Writes a frame, and waits until the other side, or the system on its behalf, has taken it.
    pub async fn write<T: Serialize>(&mut self, frame: &T) -> Result<(), FrameError> {
        self.stream.write_all(&line_of(frame)?).await?;
        Ok(self.stream.flush().await?)
    }
}

/// A frame as it goes over the wire.
pub(super) fn line_of<T: Serialize>(frame: &T) -> Result<Vec<u8>, FrameError> {
    let mut line = serde_json::to_vec(frame).map_err(|error| FrameError::Stream(error.into()))?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Span, TargetId, Wall};
    use crate::engine::Query;
    use crate::link::{Ask, Hello};

    /// What a side that takes lines of at most 64 bytes makes of this, which then ends or stays open.
    async fn taken(bytes: &[u8], stays_open: bool) -> Vec<Result<Option<u32>, String>> {
        let (mut far, near) = tokio::io::duplex(16);
        let mut frames = Frames::new(near, 64, Some(Duration::from_secs(10)));
        let bytes = bytes.to_vec();
        let writer = tokio::spawn(async move {
            // The other side may have had enough of it.
            let _ = far.write_all(&bytes).await;
            if stays_open { Some(far) } else { None }
        });
        let mut all = Vec::new();
        while !matches!(all.last(), Some(Err(_) | Ok(None))) {
            all.push(frames.read::<u32>().await.map_err(|error| error.to_string()));
        }
        drop(frames);
        drop(writer.await.expect("no panic"));
        all
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_is_a_line_however_it_is_cut_up() {
        assert_eq!(taken(b"1\n22\n333\n", false).await, [Ok(Some(1)), Ok(Some(22)), Ok(Some(333)), Ok(None)]);
        assert_eq!(taken(b"", false).await, [Ok(None)]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_frame_is_told_and_never_held_in_memory() {
        let long = [b"1\n".as_slice(), &[b' '; 70]].concat();
        for (bytes, stays_open, why) in [
            (b"1\n22".as_slice(), false, "the connection ended in the middle of a line"),
            (b"1\n22", true, "a line was begun and not ended within 10 s"),
            (&long, true, "a line is longer than 64 bytes"),
            (b"1\nGET / HTTP/1.1\r\n", true, "a line makes no sense: expected value at line 1 column 1"),
            (b"1\n\xff\xfe\n", true, "a line makes no sense: expected value at line 1 column 1"),
            (b"1\n-5\n", true, "a line makes no sense: invalid value: integer `-5`, expected u32 at line 1 column 2"),
        ] {
            assert_eq!(taken(bytes, stays_open).await, [Ok(Some(1)), Err(why.to_owned())], "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn what_is_written_is_read_and_has_no_other_line_in_it() {
        let (far, near) = tokio::io::duplex(16);
        let (mut far, mut near) = (Frames::new(far, 1_000, None), Frames::new(near, 1_000, None));
        let hello = Hello { portpulse: "two\nlines".to_owned(), ..Hello::ours() };
        let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
        let ask = Ask::Query(Query::Checks(TargetId(7), ever));
        let written = tokio::join!(
            async {
                far.write(&hello).await.expect("room");
                far.write(&ask).await.expect("room");
            },
            async { (near.read::<Hello>().await.expect("a frame"), near.read::<Ask>().await.expect("a frame")) },
        );
        assert_eq!(written.1, (Some(hello), Some(ask)));
        assert!(!near.has_more());
    }
}
