//! What the shell tells the screen at the start, and again when somebody has edited the configuration.

use super::glyphs::Charset;
use super::keymap::Keymap;
use super::text::Zone;
use super::theme::Theme;
use crate::config::{Defaults, SynchronizedOutput, Tags};
use crate::domain::Wall;
use std::path::PathBuf;

/// Something that is on or off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Switch {
    /// Off.
    #[default]
    Off,
    /// On.
    On,
}

/// Whether the screen may change anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Everything can be changed.
    #[default]
    Full,
    /// Changes are refused with a message.
    ReadOnly,
}

/// Where the targets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The configuration file and the store.
    Configured {
        /// The configuration file, whether it exists yet or not.
        configuration: PathBuf,
        /// Where history is kept.
        data: PathBuf,
    },
    /// The command line, for this run only.
    Temporary,
}

/// Who makes the checks, and who else watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Company {
    /// This process does, and so many others are attached to it.
    Owner { others: u32 },
    /// Another process does, and so many others beside this one are attached to it.
    Attached { process: u32, others: u32 },
    /// Another process does, or did: nothing was heard of it since then, and what is shown may be long past.
    Silent {
        /// Which process that is.
        process: u32,
        /// Since when.
        since: Wall,
    },
    /// Nobody does since the process that did is gone.
    Gone {
        /// Which process that was.
        process: u32,
        /// When it went.
        since: Wall,
        /// Why nobody goes on yet.
        why: String,
    },
}

/// How the screen looks and behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How the roles look; `NO_COLOR` and the environment are already in it.
    pub theme: Theme,
    /// Which characters the terminal has.
    pub charset: Charset,
    /// Whether an outage rings.
    pub bell: Switch,
    /// Whether leaving asks first, because it stops the checks.
    pub confirm_quit: Switch,
    /// Whether the mouse is captured.
    pub mouse: Switch,
    /// Whether large frames are put on the screen at once, where the terminal can.
    pub synchronized: SynchronizedOutput,
    /// Whether anything may be changed.
    pub access: Access,
    /// In which zone times are shown.
    pub zone: Zone,
    /// Which key does what.
    pub keymap: Keymap,
    /// Where the targets come from.
    pub watching: Watching,
    /// For new targets and instant checks.
    pub defaults: Defaults,
    /// What new targets are given by their tags.
    pub tags: Tags,
    /// Who makes the checks.
    pub company: Company,
}

impl Switch {
    /// The other position.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Off => Self::On,
            Self::On => Self::Off,
        }
    }

    /// As a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            charset: Charset::default(),
            bell: Switch::On,
            confirm_quit: Switch::On,
            mouse: Switch::Off,
            synchronized: SynchronizedOutput::default(),
            access: Access::default(),
            zone: Zone::default(),
            keymap: Keymap::default(),
            watching: Watching::Temporary,
            defaults: Defaults::default(),
            tags: Tags::default(),
            company: Company::Owner { others: 0 },
        }
    }
}
