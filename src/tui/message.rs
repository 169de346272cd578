//! What can happen to the screen and what the screen can want.

use super::settings::Settings;
use crate::domain::Wall;
use crate::engine::{Answer, Query};
use crate::exchange::export::Export;
use crate::exchange::file::Taken;
use crate::monitor::{Command, Notice, Reply, Snapshot};
use crossterm::event::KeyEvent;
use std::path::PathBuf;
use std::sync::Arc;

/// What can happen to the screen.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted, at most 1 MiB of it.
    Pasted(String),
    /// The mouse did something, while it is on.
    Mouse(crossterm::event::MouseEvent),
    /// The terminal has this many columns and rows.
    Resized(u16, u16),
    /// A newer picture.
    Snapshot(Arc<Snapshot>),
    /// Something worth attention.
    Notice(Notice),
    /// The answer to the [`Intent::Ask`] with the same number.
    Replied(u64, Reply),
    /// The answer to the [`Intent::Query`] with the same number.
    Answered(u64, Answer),
    /// Somebody has edited the configuration; this is what it says now about the screen.
    Configured(Box<Settings>),
    /// The time, as often as [`Model::beat`](super::Model::beat) says.
    Clock(Wall),
    /// The answer to an [`Intent::WriteFile`]: where it is, or why it is not.
    Wrote(Result<PathBuf, String>),
    /// How far an [`Intent::Export`] has come, now and then.
    Exporting(Exporting),
    /// The answer to an [`Intent::Export`] or an [`Intent::BackUp`]: what was written, or why nothing was.
    Exported(Result<Written, String>),
    /// The engine has ended.
    EngineLost,
}

/// What the screen can want of the shell around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Ask the engine; the answer comes back under the number.
    Ask(u64, Command),
    /// Ask the engine about history; the answer comes back under the number.
    Query(u64, Query),
    /// End the program. Others that are attached go on with the checks.
    Quit,
    /// End the program, and the checks for all who are attached.
    QuitForAll,
    /// Give the terminal back and stop until `fg`.
    Suspend,
    /// Paint everything again.
    Repaint,
    /// Put this on the terminal's clipboard (OSC 52).
    Copy(String),
    /// Ring the bell.
    Bell,
    /// Turn the mouse on or off.
    CaptureMouse(bool),
    /// Write a new file; never over another.
    WriteFile {
        /// Where.
        path: PathBuf,
        /// What.
        text: String,
        /// What to do if the name is taken.
        taken: Taken,
    },
    /// Write rows of history into a new file; never over another.
    Export {
        /// Where.
        path: PathBuf,
        /// Which.
        export: Export,
    },
    /// End every export that is being written; nothing of it stays.
    StopExports,
    /// Copy the whole history into a new file; never over another.
    BackUp(PathBuf),
}

/// How far the rows of a file have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exporting {
    /// As it was named.
    pub path: PathBuf,
    /// Of how many targets there will be rows.
    pub targets: usize,
    /// Of how many of them all are written.
    pub done: usize,
    /// How many rows are.
    pub rows: u64,
}

/// A file that was written beside everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// How many rows it has, if it has rows.
    pub rows: Option<u64>,
    /// How many bytes.
    pub bytes: u64,
}
