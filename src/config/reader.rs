//! Walks a parsed document and gathers what is wrong with it, each with its place.

use super::error::{ConfigError, ConfigErrors, Location, MISTAKES_MAX};
use super::value::{Wrong, nearest};
use crate::domain::text::clean;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

/// How many mistakes are gathered before the reader stops listening; only the first few are told.
const GATHERED_MAX: usize = 1_000;

/// A file that is being read.
pub(super) struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    mistakes: Vec<Mistake>,
    /// Scripts that are named, and where.
    scripts: Vec<(PathBuf, Range<usize>)>,
}

struct Mistake {
    span: Range<usize>,
    wrong: Wrong,
    /// Something of the same name that stands further up.
    first: Option<Range<usize>>,
}

/// The directory that a configuration file lies in; empty for the one that the program runs in.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new(""))
}

impl<'a> Reader<'a> {
    pub(super) const fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, mistakes: Vec::new(), scripts: Vec::new() }
    }

    /// Where a file is that is named relative to this one.
    pub(super) fn beside(&self, file: &Path) -> PathBuf {
        directory(self.path).join(file)
    }

    /// Notes that a script is named here.
    pub(super) fn name_script(&mut self, script: PathBuf, span: Range<usize>) {
        self.scripts.push((script, span));
    }

    /// The scripts that were named, and where.
    pub(super) fn take_scripts(&mut self) -> Vec<(PathBuf, Range<usize>)> {
        std::mem::take(&mut self.scripts)
    }

    /// Whether more mistakes would not be heard.
    pub(super) const fn is_full(&self) -> bool {
        self.mistakes.len() >= GATHERED_MAX
    }

    /// Whether nothing is wrong so far.
    pub(super) const fn is_content(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Notes a mistake.
    pub(super) fn refuse(&mut self, span: Range<usize>, wrong: Wrong) {
        if !self.is_full() {
            self.mistakes.push(Mistake { span, wrong, first: None });
        }
    }

    /// Notes that something stands twice; the message names the line of the first.
    pub(super) fn refuse_second(&mut self, span: Range<usize>, first: Range<usize>, what: String) {
        if !self.is_full() {
            let wrong = Wrong::new(what, "change one of the two, or remove it");
            self.mistakes.push(Mistake { span, wrong, first: Some(first) });
        }
    }

    /// Puts what was read into its place, or notes why it cannot be used.
    pub(super) fn set<T>(&mut self, slot: &mut T, value: &Spanned<DeValue<'_>>, read: Result<T, Wrong>) {
        match read {
            Ok(good) => *slot = good,
            Err(wrong) => self.refuse(value.span(), wrong),
        }
    }

    /// Notes a key that nobody knows, with the nearest known one.
    pub(super) fn unknown(&mut self, key: &Spanned<DeString<'_>>, place: &str, known: &[&str]) {
        if self.is_full() {
            return;
        }
        let name = key.get_ref();
        let hint = nearest(name, known.iter().copied())
            .map_or_else(|| format!("known here: {}", known.join(", ")), |name| format!("did you mean `{name}`?"));
        self.refuse(key.span(), Wrong::new(format!("unknown key `{}` in {place}", clean(name, 40)), hint));
    }

    /// The table under a key of the file, or a note that it is none.
    pub(super) fn table<'v, 'i>(&mut self, value: &'v Spanned<DeValue<'i>>, name: &str) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let hint = format!("write [{name}] in a line of its own and its settings below");
            self.refuse(value.span(), Wrong::new(format!("`{name}` is a section"), hint));
        }
        table
    }

    /// The list under a key, or a note that it is none or too long.
    pub(super) fn list<'v, 'i>(
        &mut self,
        value: &'v Spanned<DeValue<'i>>,
        example: &str,
        max: usize,
    ) -> Option<&'v DeArray<'i>> {
        let list = value.get_ref().as_array();
        match list {
            None => self.refuse(value.span(), Wrong::new("a list is wanted", format!("write {example}"))),
            Some(list) if list.len() > max => {
                let what = format!("{} entries are too many", list.len());
                self.refuse(value.span(), Wrong::new(what, format!("at most {max}")));
                return None;
            }
            Some(_) => {}
        }
        list
    }

    /// The place of a span.
    pub(super) fn location(&self, span: &Range<usize>) -> Location {
        Location::of(self.text, span)
    }

    /// Everything that was noted, or `None`.
    pub(super) fn finish(mut self) -> Option<ConfigErrors> {
        self.mistakes.sort_by_key(|mistake| mistake.span.start);
        self.mistakes.dedup_by(|later, earlier| later.span == earlier.span && later.wrong == earlier.wrong);
        self.mistakes.truncate(MISTAKES_MAX);
        let errors = self.mistakes.iter().map(|Mistake { span, wrong, first }| {
            let hint = first.as_ref().map_or_else(
                || wrong.hint.clone(),
                |first| format!("the first is in line {}: {}", self.location(first).line, wrong.hint),
            );
            ConfigError::at(self.path, self.location(span), wrong.what.clone(), Some(hint))
        });
        ConfigErrors::collect(errors.collect())
    }
}
