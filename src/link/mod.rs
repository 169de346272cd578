//! The way to the portpulse that owns a history, for others on this machine: what is said over its Unix socket.
//!
//! Both sides say [`Hello`] first. Then the client asks, a frame each, and the owner answers in the order of
//! the questions. The vocabulary is closed: how things stand, commands, questions about history, and a copy of all of
//! it into a file that the *client* has opened. No path that a client names is ever opened by the owner.

mod attached;
mod client;
#[cfg(test)]
mod company;
mod delta;
mod descriptor;
mod frame;
mod place;
mod server;
mod session;

pub use attached::{Attached, Heard, Parting};
pub use client::{Client, LinkError};
pub use delta::Delta;
pub use frame::FrameError;
pub use place::{Seat, socket_name};
pub use server::{Server, spawn};
pub use session::Access;

use crate::engine::query::Depth;
use crate::engine::{Answer, Copied, Query};
use crate::monitor::{Command, Notice, Reply, Snapshot};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What both sides must agree on. A change of any frame, or of anything in one, changes it.
pub const VERSION: u32 = 4;
/// The longest frame of a client, in bytes: a question about every target there can be.
pub const ASK_BYTES_MAX: usize = 1 << 20;
/// The longest frame of an owner, in bytes. Answers are far shorter; this bounds what a mad owner can do.
pub const TOLD_BYTES_MAX: usize = 256 << 20;
/// How many clients an owner serves at once.
pub const CLIENTS_MAX: usize = 64;
/// How long either side waits for the other's [`Hello`], and an owner for the rest of a frame that has begun.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// An owner says something this often at least to those who are attached.
pub const PULSE: Duration = Duration::from_secs(1);
/// One that has said nothing for so long is stopped, or cut off.
pub const SILENCE: Duration = Duration::from_secs(4);

/// The first frame of either side. Every version says at least this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Its [`VERSION`].
    pub link: u32,
    /// The version of the program.
    pub portpulse: String,
    /// The number of its process.
    pub process: u32,
}

impl Hello {
    /// What this process says.
    pub fn ours() -> Self {
        Self { link: VERSION, portpulse: env!("CARGO_PKG_VERSION").to_owned(), process: std::process::id() }
    }

    /// What is wrong with what the other side has said, if it speaks another language.
    fn mismatch(&self) -> Option<String> {
        (self.link != VERSION).then(|| {
            format!(
                "process {} is portpulse {}, which speaks version {} of the link, and this one, portpulse {}, speaks {VERSION}: use the same portpulse for both",
                self.process,
                crate::domain::text::clean(&self.portpulse, 20),
                self.link,
                env!("CARGO_PKG_VERSION"),
            )
        })
    }
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Something about history.
    Query(Query),
    /// How things stand now: with [`Depth::States`], no strips, events and instant checks.
    Picture(Depth),
    /// To change something.
    Command(Command),
    /// To be told what is new from now on: what follows are [`Wish`]es and [`News`], in any order.
    Attach(Role),
    /// A copy of the whole history in an empty file, whose descriptor follows when the owner is [`Told::Ready`].
    BackUp,
}

/// As what somebody is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// A front end. It goes on when the owner is gone, and so it is counted among those who watch.
    FrontEnd,
    /// A command that tells what happens. It never makes the checks, and nobody counts on it.
    Onlooker,
}

/// What an attached front end says. Questions carry numbers of its own choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wish {
    /// Change something.
    Command(u64, Command),
    /// Tell something about history.
    Query(u64, Query),
    /// Nobody waits for this answer any more.
    Cancel(u64),
}

/// What an attached front end is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum News {
    /// What is new since the picture that was sent before; at first, since an empty one.
    Picture(Box<Delta>),
    /// Something worth attention.
    Notice(Notice),
    /// To [`Wish::Command`].
    Reply(u64, Reply),
    /// To [`Wish::Query`].
    Answer(u64, Box<Answer>),
    /// How many others are attached; said every [`PULSE`].
    Others(u32),
    /// The owner ends, and wants nobody to go on with the checks.
    Dismissed,
}

/// What an owner answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// To [`Ask::Query`].
    Answer(Answer),
    /// To [`Ask::Picture`].
    Picture(Arc<Snapshot>),
    /// To [`Ask::Command`].
    Reply(Reply),
    /// To [`Ask::BackUp`]: now the descriptor.
    Ready,
    /// The copy is whole; its client brings it to the disk and names it.
    Copied(Copied),
    /// It cannot be done, and why.
    Refused(String),
}
