//! A file on its way from one process to another: what is sent is the right to write to it, not its name.
//!
//! A copy of the history goes this way and not through the socket: the client has opened the file with its
//! own rights, so nobody can have the owner write where they could not; the state of one moment is written
//! in one go, and neither a client that stops reading nor the memory of either side has a part in it.

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use tokio::io::Interest;
use tokio::net::UnixStream;

/// The byte that a descriptor travels with.
const CARRIER: u8 = b'.';

/// Sends it.
pub(super) async fn send(stream: &UnixStream, file: &File) -> io::Result<()> {
    let write = || {
        let files = [file.as_fd()];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&files));
        Ok(sendmsg(stream, &[IoSlice::new(&[CARRIER])], &mut control, SendFlags::empty())?)
    };
    stream.async_io(Interest::WRITABLE, write).await.map(drop)
}

/// Receives one, and refuses what is not an empty file that may be written: a pipe or a device could keep
/// whoever writes to it waiting for ever.
pub(super) async fn receive(stream: &UnixStream) -> io::Result<File> {
    let read = || {
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        recvmsg(stream, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::empty())?;
        let mut files = control.drain().flat_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => files.collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        let refused = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
        files.next().map(File::from).ok_or_else(|| refused("no file came with it"))
    };
    let file = stream.async_io(Interest::READABLE, read).await?;
    fcntl_setfd(&file, FdFlags::CLOEXEC)?;
    judge(&file)?;
    Ok(file)
}

fn judge(file: &File) -> io::Result<()> {
    let refused = |why| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let about = fstat(file)?;
    if !FileType::from_raw_mode(about.st_mode).is_file() {
        return refused("it is not an ordinary file");
    }
    if about.st_size != 0 {
        return refused("the file is not empty");
    }
    let access = fcntl_getfl(file)? & OFlags::RWMODE;
    if access != OFlags::WRONLY && access != OFlags::RDWR {
        return refused("the file is not open for writing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::{Read, Seek, Write};
    use tokio::io::AsyncWriteExt;

    #[tokio::test]
    async fn a_file_arrives_and_is_the_same() {
        let (near, far) = UnixStream::pair().expect("a pair");
        let mut file = tempfile::tempfile().expect("a file");
        send(&near, &file).await.expect("it goes");
        let mut arrived = receive(&far).await.expect("it comes");
        arrived.write_all(b"a word").expect("room");
        let mut text = String::new();
        file.rewind().expect("a file");
        file.read_to_string(&mut text).expect("text");
        assert_eq!(text, "a word");
    }

    #[tokio::test]
    async fn only_an_empty_file_that_may_be_written_is_taken() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("file");
        std::fs::write(&path, "").expect("a file");
        let full = directory.path().join("full");
        std::fs::write(&full, "something").expect("a file");
        let (_reader, writer) = std::io::pipe().expect("a pipe");
        for (file, why) in [
            (File::open(&path).expect("a file"), "the file is not open for writing"),
            (OpenOptions::new().append(true).open(&full).expect("a file"), "the file is not empty"),
            (File::from(std::os::fd::OwnedFd::from(writer)), "it is not an ordinary file"),
            (File::open(directory.path()).expect("a directory"), "it is not an ordinary file"),
        ] {
            let (near, far) = UnixStream::pair().expect("a pair");
            send(&near, &file).await.expect("it goes");
            assert_eq!(receive(&far).await.expect_err("it is refused").to_string(), why);
        }
        let (mut near, far) = UnixStream::pair().expect("a pair");
        near.write_all(b"x").await.expect("room");
        assert_eq!(receive(&far).await.expect_err("nothing came").to_string(), "no file came with it");
    }
}
