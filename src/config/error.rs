//! What is wrong with a configuration file: where, what, and what to write instead.

use crate::domain::text::clean;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

/// How many mistakes of one file are told at once.
pub(super) const MISTAKES_MAX: usize = 20;
/// How much of a long source line is shown on each side of the mistake, in characters.
const CONTEXT: usize = 60;
/// How long a path or message may become in a report, in characters.
const TEXT_MAX: usize = 512;

/// One mistake. [`fmt::Display`] gives it in one line, [`ConfigError::report`] in several with the
/// source line and a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Of which file.
    pub path: PathBuf,
    /// Where in it; `None` when the file as a whole is the matter.
    pub location: Option<Location>,
    /// What is wrong.
    pub what: String,
    /// What to write or do instead.
    pub hint: Option<String>,
}

/// A place in a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The part of the line before it, harmless for a terminal, cut where the line is very long.
    before: String,
    /// The text itself, as far as it stands in this line.
    marked: String,
    /// The rest of the line.
    after: String,
}

/// Everything that is wrong with a file, in the order of its lines; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    first: Box<ConfigError>,
    more: Vec<ConfigError>,
}

impl Location {
    /// The place of a span of bytes in a text. A span that lies outside is moved inside.
    pub(super) fn of(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |place| place + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |place| start + place);
        let end = floor(text, span.end).clamp(start, line_end.max(start));
        let before = &text[line_start..start];
        let skipped = before.chars().count().saturating_sub(CONTEXT);
        let shown: String = before.chars().skip(skipped).collect();
        let part = |text: &str| clean(text.trim_end_matches('\r'), CONTEXT);
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: before.chars().count() + 1,
            before: format!("{}{}", if skipped > 0 { "…" } else { "" }, part(&shown)),
            marked: part(&text[start..end]),
            after: part(&text[end..line_end]),
        }
    }
}

fn floor(text: &str, place: usize) -> usize {
    text.floor_char_boundary(place.min(text.len()))
}

impl ConfigError {
    /// A mistake of the file as a whole.
    pub fn file(path: &Path, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { path: path.to_owned(), location: None, what: what.into(), hint: Some(hint.into()) }
    }

    /// A mistake at a place, such as a key binding that the screen refuses.
    pub fn at(path: &Path, location: Location, what: impl Into<String>, hint: Option<String>) -> Self {
        Self { path: path.to_owned(), location: Some(location), what: what.into(), hint }
    }

    /// Several lines: what is wrong, where, the source line, and under it what to write instead.
    pub fn report(&self) -> String {
        let mut out = format!("error: {}\n", clean(&self.what, TEXT_MAX));
        let hint = self.hint.as_deref().map(|hint| clean(hint, TEXT_MAX)).unwrap_or_default();
        let path = clean(&self.path.display().to_string(), TEXT_MAX);
        let Some(place) = &self.location else {
            let _ = writeln!(out, "  --> {path}");
            if !hint.is_empty() {
                let _ = writeln!(out, "   = {hint}");
            }
            return out;
        };
        let number = place.line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(place.before.width());
        let caret = "^".repeat(place.marked.width().max(1));
        let _ = writeln!(out, "{margin}--> {path}:{}:{}", place.line, place.column);
        let _ = writeln!(out, "{margin} |");
        let _ = writeln!(out, "{number} | {}{}{}", place.before, place.marked, place.after);
        let _ = writeln!(out, "{}", format!("{margin} | {indent}{caret} {hint}").trim_end());
        out
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clean(&self.path.display().to_string(), TEXT_MAX))?;
        if let Some(place) = &self.location {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        write!(f, ": {}", clean(&self.what, TEXT_MAX))?;
        match &self.hint {
            Some(hint) => write!(f, ": {}", clean(hint, TEXT_MAX)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

impl ConfigErrors {
    /// Puts mistakes into the order of their lines; `None` when there are none.
    pub(super) fn collect(mut errors: Vec<ConfigError>) -> Option<Self> {
        errors.sort_by_key(|error| error.location.as_ref().map(|place| (place.line, place.column)));
        errors.truncate(MISTAKES_MAX);
        let mut errors = errors.into_iter();
        errors.next().map(|first| Self { first: Box::new(first), more: errors.collect() })
    }

    /// The one nearest to the start of the file.
    pub fn first(&self) -> &ConfigError {
        &self.first
    }

    /// All of them, at most 20.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        std::iter::once(&*self.first).chain(&self.more)
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(first: ConfigError) -> Self {
        Self { first: Box::new(first), more: Vec::new() }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        match self.more.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl std::error::Error for ConfigErrors {}
