//! The lines between this program and its script engines: one JSON object each.

use crate::evaluate::{Ping, Standing};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What an engine says when it is ready for its first request.
pub(super) const READY: &str = "ready";

/// One round for one script.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request<'a> {
    /// The text of the file.
    #[serde(borrow)]
    pub(super) source: Cow<'a, str>,
    /// The results as JSON in a text: the engine hands them on without reading them.
    #[serde(borrow)]
    pub(super) pings: Cow<'a, str>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// A verdict, its latency in milliseconds.
    Verdict { standing: Standing, latency: f64 },
    /// None, why, and in which line of the file.
    Fault { line: Option<u32>, message: String },
}

impl Request<'_> {
    /// The line for a round, with its end.
    pub(super) fn line(source: &str, pings: &[Ping]) -> serde_json::Result<Vec<u8>> {
        let pings = serde_json::to_string(pings)?;
        let mut line = serde_json::to_vec(&Request { source: source.into(), pings: pings.into() })?;
        line.push(b'\n');
        Ok(line)
    }
}
