//! The interfaces over HTTP: what other programs ask of whoever holds a handle.
//!
//! It listens on loopback unless it is told otherwise, and answers nobody without the token. That a request comes
//! from this machine proves little: a page in a browser can send one, too. So the host that it names and the origin
//! that it comes from are looked at before anything else.

mod answer;
mod bind;
mod change;
mod connection;
mod guard;
mod metrics;
mod openapi;
mod problem;
mod read;
mod resource;
mod routes;
mod schema;
mod token;
mod wanted;
mod words;

pub use bind::{BindError, Exposure, bind};
pub use connection::{Limits, Server, begin};
pub use token::{Token, TokenError};

use crate::config::serve::Allowed;
use crate::config::{Defaults, Tags};
use crate::engine::{Clock, Handle, Tally};
use std::path::PathBuf;
use std::sync::Arc;

/// What requests are answered with.
pub struct Service {
    /// Commands and questions go in here.
    pub handle: Handle,
    /// Which moment it is.
    pub clock: Clock,
    /// What requests may do.
    pub access: Access,
    /// Where targets may lie that are added or moved.
    pub allow: Vec<Allowed>,
    /// What a new target is given.
    pub given: Box<dyn Fn() -> (Defaults, Tags) + Send + Sync>,
    /// What a request has to bring.
    pub token: Token,
    /// Names that a request may call this host by, beside `localhost` and plain addresses.
    pub names: Vec<String>,
    /// What was counted, if this process makes the checks.
    pub tally: Arc<Tally>,
    /// Who makes the checks at this moment.
    pub standing: Box<dyn Fn() -> Standing + Send + Sync>,
    /// Where the history lies.
    pub data: PathBuf,
    /// How many series the page of metrics has at most.
    pub series_max: usize,
}

/// What requests may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Look, check, and change targets.
    #[default]
    Full,
    /// Look, and check.
    ReadOnly,
}

/// Who makes the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This process; so many others are attached to it.
    Owner {
        /// How many.
        attached: u32,
    },
    /// Another one.
    Attached,
    /// Nobody at this moment.
    Nobody,
}
