//! The other end: finds the owner of a history and asks it.

use super::descriptor;
use super::frame::{FrameError, Frames};
use super::place::{judge, socket_name};
use super::{Ask, Hello, PATIENCE, TOLD_BYTES_MAX, Told};
use crate::engine::query::Depth;
use crate::engine::{Answer, Copied, Query};
use crate::monitor::{Command, Reply, Snapshot};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Why an owner cannot be asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// It does not listen: it is older than that, just starting, or just ending.
    #[error("it does not answer ({0})")]
    Nobody(String),
    /// It speaks another version.
    #[error("{0}")]
    Version(String),
    /// It went away.
    #[error("the portpulse that owns the history has ended: try again")]
    Ended,
    /// It does not do that, and says why.
    #[error("{0}")]
    Refused(String),
    /// It is not understood.
    #[error("the portpulse that owns the history is not understood: {0}")]
    Frame(FrameError),
}

impl From<FrameError> for LinkError {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Cut | FrameError::Stream(_) => Self::Ended,
            other => Self::Frame(other),
        }
    }
}

/// Where the owner of a history is found.
#[derive(Clone, Debug)]
pub struct Place {
    /// Directories for sockets.
    directories: Vec<PathBuf>,
    history: PathBuf,
}

/// A connection to the owner of a history.
#[derive(Debug)]
pub struct Client {
    pub(super) frames: Frames<UnixStream>,
    pub(super) owner: Hello,
    pub(super) place: Place,
}

impl Place {
    #[cfg(test)]
    pub(super) fn nowhere() -> Self {
        Self { directories: Vec::new(), history: PathBuf::new() }
    }

    /// Connects once more.
    pub(super) async fn connect(&self) -> Result<Client, LinkError> {
        Client::connect(&self.directories, &self.history).await
    }
}

impl Client {
    /// Connects to whoever owns the history in this directory, and listens in one of those for sockets.
    pub async fn connect(directories: &[PathBuf], history: &Path) -> Result<Self, LinkError> {
        let nobody = |error: io::Error| LinkError::Nobody(format!("{}: {error}", history.display()));
        let name = socket_name(history).map_err(nobody)?;
        let mut why = Vec::new();
        for directory in directories {
            let path = directory.join(&name);
            match reach(directory, &path).await {
                Ok(stream) => {
                    let place = Place { directories: directories.to_vec(), history: history.to_owned() };
                    return Self::greet(stream, place).await;
                }
                Err(error) => why.push(format!("{}: {error}", path.display())),
            }
        }
        Err(LinkError::Nobody(why.join("; ")))
    }

    async fn greet(stream: UnixStream, place: Place) -> Result<Self, LinkError> {
        let mut frames = Frames::new(stream, TOLD_BYTES_MAX, None);
        let silent = |_| LinkError::Nobody(format!("it has said nothing for {} s", PATIENCE.as_secs()));
        let owner = timeout(PATIENCE, frames.read::<Hello>()).await.map_err(silent)??.ok_or(LinkError::Ended)?;
        if let Some(why) = owner.mismatch() {
            return Err(LinkError::Version(why));
        }
        // One that has hung up has said why, which is read when something is asked.
        let _ = frames.write(&Hello::ours()).await;
        Ok(Self { frames, owner, place })
    }

    /// Whom it is connected to.
    pub const fn owner(&self) -> &Hello {
        &self.owner
    }

    /// Asks something about history and waits for the answer.
    pub async fn ask(&mut self, query: Query) -> Result<Answer, LinkError> {
        match self.exchange(&Ask::Query(query)).await? {
            Told::Answer(answer) => Ok(answer),
            other => Err(unexpected(other)),
        }
    }

    /// How things stand now.
    pub async fn picture(&mut self, depth: Depth) -> Result<Arc<Snapshot>, LinkError> {
        match self.exchange(&Ask::Picture(depth)).await? {
            Told::Picture(picture) => Ok(picture),
            other => Err(unexpected(other)),
        }
    }

    /// Asks for a change and waits for the answer.
    pub async fn command(&mut self, command: Command) -> Result<Reply, LinkError> {
        match self.exchange(&Ask::Command(command)).await? {
            Told::Reply(reply) => Ok(reply),
            other => Err(unexpected(other)),
        }
    }

    /// Has the whole history copied into an empty file, which is to be brought to the disk and named afterwards.
    pub async fn back_up(&mut self, into: &File) -> Result<Copied, LinkError> {
        match self.exchange(&Ask::BackUp).await? {
            Told::Ready => {}
            other => return Err(unexpected(other)),
        }
        descriptor::send(&self.frames.stream, into).await.map_err(FrameError::Stream)?;
        match self.told().await? {
            Told::Copied(copied) => Ok(copied),
            other => Err(unexpected(other)),
        }
    }

    async fn exchange(&mut self, ask: &Ask) -> Result<Told, LinkError> {
        // It may have refused us and gone: what it said before stands to be read still.
        let asked = self.frames.write(ask).await;
        let told = self.told().await?;
        if !matches!(told, Told::Refused(_)) {
            asked?;
        }
        Ok(told)
    }

    async fn told(&mut self) -> Result<Told, LinkError> {
        self.frames.read::<Told>().await?.ok_or(LinkError::Ended)
    }
}

fn unexpected(told: Told) -> LinkError {
    LinkError::Refused(match told {
        Told::Refused(why) | Told::Answer(Answer::Failed(why)) => why,
        _ => "the portpulse that owns the history gave no answer to what was asked".to_owned(),
    })
}

/// Connects, if what is there is the owner's: a stranger could tell us anything.
async fn reach(directory: &Path, path: &Path) -> io::Result<UnixStream> {
    judge(directory)?;
    let stream = UnixStream::connect(path).await?;
    let user = stream.peer_cred()?.uid();
    if user != 0 && user != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("user {user} listens there")));
    }
    Ok(stream)
}
