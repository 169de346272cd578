//! Keeps the configuration file: changes it when the keyboard does, notices when somebody else has.
//!
//! The keeper knows the text that it last read or wrote. A change starts from the text that is on
//! disk at that moment, never from a remembered one, so that an edit made by hand meanwhile is kept;
//! if that text is invalid, the change is refused. A look at the file compares its stamp (inode,
//! length, time) only; a new stamp is believed when two looks in a row see the same one, because
//! an editor that empties a file and then writes it would otherwise be caught half-way, with all
//! targets gone. Then the text is read, and told if it differs from what the keeper knows.
//!
//! A text that reads well may still be wrong, because which keys can be bound is known to the screen
//! only. So the keeper is given a judge, and what the judge refuses is as invalid as what cannot be
//! read: it is neither taken over nor changed.

use super::edit::{HEADER, edit_all};
use super::error::{ConfigError, ConfigErrors};
use super::file::{self, Stamp};
use super::steps::Steps;
use super::{Loaded, Presence, load_text};
use crate::monitor::Change;
use std::path::{Path, PathBuf};

/// How often a change is tried again when somebody else keeps writing to the file.
const TRIES_MAX: usize = 5;

/// Says what is wrong with a file that can be read, all of it or nothing.
pub type Judge = fn(&Loaded) -> Result<(), ConfigErrors>;

/// The owner of the configuration file. Its methods block for as long as the disk takes.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    judge: Judge,
    /// What the rest of the program was told last.
    told: Told,
    /// How the file looked then.
    stamp: Option<Stamp>,
    /// How it looked at the last look.
    looked: Option<Stamp>,
    /// What `apply` found in the file that nobody has been told yet.
    found: Option<Loaded>,
    /// Our changes, should one be taken back.
    steps: Steps,
}

/// What the rest of the program was told about the file.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// That there is none.
    Missing,
    /// What this text says.
    Text(String),
    /// Why this text is wrong.
    Wrong(String),
    /// That it is gone or cannot be read.
    Unreadable,
}

impl Told {
    fn is_about(&self, text: &str) -> bool {
        matches!(self, Self::Text(told) | Self::Wrong(told) if told == text)
    }
}

/// What a text says, if the judge has nothing against it.
fn judged(path: &Path, text: &str, judge: Judge) -> Result<Loaded, ConfigErrors> {
    let loaded = load_text(path, text)?;
    judge(&loaded)?;
    Ok(loaded)
}

impl Keeper {
    /// Reads the file and keeps it from now on; whatever it says now or later, the judge has a say.
    /// A missing file is no error; the first change creates it.
    ///
    /// # Errors
    /// With everything that is wrong with the file.
    pub fn open(path: &Path, judge: Judge) -> Result<(Self, Loaded), ConfigErrors> {
        let (told, stamp, loaded) = match file::read(path)? {
            Some((text, stamp)) => {
                let loaded = judged(path, &text, judge)?;
                (Told::Text(text), Some(stamp), loaded)
            }
            None => (Told::Missing, None, Loaded { presence: Presence::Missing, ..load_text(path, "")? }),
        };
        Ok((
            Self { path: path.to_owned(), judge, told, stamp, looked: stamp, found: None, steps: Steps::default() },
            loaded,
        ))
    }

    /// Keeps a file that is not right at this moment, or not there: whatever it says once it is right is told. The
    /// rest of the program goes on with what it said before.
    pub fn wait_for(path: &Path, judge: Judge) -> Self {
        let (told, steps) = (Told::Unreadable, Steps::default());
        Self { path: path.to_owned(), judge, told, stamp: None, looked: None, found: None, steps }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Carries out a change in the file as it is now. When this returns, it is on disk.
    ///
    /// # Errors
    /// When the file is invalid, cannot be written, or does not admit the change; then it was left
    /// as it was.
    pub fn apply(&mut self, change: &Change) -> Result<(), ConfigErrors> {
        self.apply_all(std::slice::from_ref(change))
    }

    /// Carries out changes one after the other, all of them in one write or none.
    ///
    /// # Errors
    /// As [`Keeper::apply`].
    pub fn apply_all(&mut self, changes: &[Change]) -> Result<(), ConfigErrors> {
        let _turn = file::turn(&self.path);
        for _ in 0..TRIES_MAX {
            let (base, stamp) = match file::read(&self.path)? {
                Some((text, _)) if self.is_emptied(&text) => return Err(self.emptied()),
                Some((text, stamp)) => (text, Some(stamp)),
                None if self.told == Told::Missing => (HEADER.to_owned(), None),
                None => return Err(self.vanished()),
            };
            let is_other = stamp.is_some() && !matches!(&self.told, Told::Text(told) if *told == base);
            if is_other {
                judged(&self.path, &base, self.judge)?;
            }
            let text = self.steps.walk(&self.path, &base, edit_all(&self.path, &base, changes)?);
            let written = match stamp {
                Some(stamp) => file::replace(&self.path, stamp, &text)?,
                None => file::create(&self.path, &text)?,
            };
            if let Some(written) = written {
                if is_other {
                    self.found = Some(judged(&self.path, &text, self.judge)?);
                }
                self.steps.wrote(base, &text);
                self.told = Told::Text(text);
                self.stamp = Some(written);
                self.looked = self.stamp;
                return Ok(());
            }
        }
        Err(ConfigError::file(&self.path, "is being written by somebody else", "try again").into())
    }

    /// What the file would say after changes, of which nothing is written.
    ///
    /// # Errors
    /// As [`Keeper::apply`], as far as that is known without writing.
    pub fn consider(&self, changes: &[Change]) -> Result<Loaded, ConfigErrors> {
        let text = file::read(&self.path)?.map_or_else(|| HEADER.to_owned(), |(text, _)| text);
        let text = edit_all(&self.path, &text, changes)?;
        load_text(&self.path, &text)
    }

    /// Looks at the file; to be called about once a second. Tells what it says when somebody else
    /// has changed it, or why that cannot be used. Says each thing once.
    pub fn poll(&mut self) -> Option<Result<Loaded, ConfigErrors>> {
        if let Some(found) = self.found.take() {
            return Some(Ok(found));
        }
        let stamp = file::look(&self.path).unwrap_or_default();
        let is_settled = stamp == self.looked;
        self.looked = stamp;
        if stamp == self.stamp || !is_settled {
            return None;
        }
        self.stamp = stamp;
        let (told, answer) = match file::read(&self.path) {
            Err(errors) => (Told::Unreadable, Err(errors)),
            Ok(None) => (Told::Unreadable, Err(self.vanished())),
            Ok(Some((text, _))) if self.told.is_about(&text) => return None,
            Ok(Some((text, _))) if self.is_emptied(&text) => (Told::Unreadable, Err(self.emptied())),
            Ok(Some((text, _))) => {
                let loaded = judged(&self.path, &text, self.judge);
                (if loaded.is_ok() { Told::Text(text) } else { Told::Wrong(text) }, loaded)
            }
        };
        self.told = told;
        Some(answer)
    }

    /// Whether a text has lost everything that it said. A full disk does that to a file while an
    /// editor saves it, and nobody who wants to watch nothing takes the comments out as well.
    fn is_emptied(&self, text: &str) -> bool {
        let said_something = match &self.told {
            Told::Missing => false,
            Told::Text(told) | Told::Wrong(told) => !told.trim().is_empty(),
            Told::Unreadable => true,
        };
        said_something && text.trim().is_empty()
    }

    fn emptied(&self) -> ConfigErrors {
        let hint = "put it back, or leave a comment in it to watch nothing";
        ConfigError::file(&self.path, "is empty; what it said last stays in effect", hint).into()
    }

    fn vanished(&self) -> ConfigErrors {
        ConfigError::file(&self.path, "is gone; what it said last stays in effect", "put it back").into()
    }
}
