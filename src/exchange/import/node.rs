//! A JSON or YAML document as a tree in which everything knows its line.

use super::Mistake;
use crate::domain::text::clean;
use std::rc::Rc;

/// How deep a document may be nested.
pub(super) const DEPTH_MAX: usize = 64;
/// How many values a document may have, what its aliases repeat included.
pub(super) const NODES_MAX: usize = 1_000_000;
/// How much of a wrong value is repeated in a message, in characters.
const QUOTED_MAX: usize = 40;

/// One value of a document.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it begins, counted from 1.
    pub(super) line: usize,
    /// How many values it is, itself included, with all that aliases in it repeat.
    pub(super) size: usize,
    /// What it is.
    pub(super) content: Content,
}

/// What a value is. Numbers stay texts: who wants one reads it.
#[derive(Debug)]
pub(super) enum Content {
    Null,
    Flag(bool),
    Text(String),
    List(Vec<Rc<Node>>),
    Table(Vec<(String, Rc<Node>)>),
}

impl Node {
    pub(super) fn new(line: usize, content: Content) -> Self {
        let size = match &content {
            Content::Null | Content::Flag(_) | Content::Text(_) => 1,
            Content::List(items) => items.iter().fold(1, |sum: usize, item| sum.saturating_add(item.size)),
            Content::Table(entries) => entries.iter().fold(1, |sum: usize, (_, item)| sum.saturating_add(item.size)),
        };
        Self { line, size, content }
    }

    /// What stands under a key of a table; the last if it stands twice. Null is as good as nothing.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Content::Table(entries) = &self.content else { return None };
        let found = entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| &**value);
        found.filter(|value| !matches!(value.content, Content::Null))
    }

    /// What stands under the first of these keys that is there.
    pub(super) fn get_any(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().find_map(|key| self.get(key))
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self.content, Content::List(_))
    }

    /// The entries of a table.
    pub(super) fn entries(&self, name: &str) -> Result<&[(String, Rc<Self>)], Mistake> {
        match &self.content {
            Content::Table(entries) => Ok(entries),
            _ => Err(self.wanted(name, "a table")),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self, name: &str) -> Result<&[Rc<Self>], Mistake> {
        match &self.content {
            Content::List(items) => Ok(items),
            _ => Err(self.wanted(name, "a list")),
        }
    }

    /// The items of a list, or the value itself where one stands without a list around it.
    pub(super) fn one_or_more(&self) -> Vec<&Self> {
        match &self.content {
            Content::List(items) => items.iter().map(|item| &**item).collect(),
            _ => vec![self],
        }
    }

    /// The items under a key; none where it is missing.
    pub(super) fn list(&self, key: &str) -> Result<&[Rc<Self>], Mistake> {
        self.get(key).map_or(Ok(&[]), |value| value.items(key))
    }

    /// A text; a bare number is one, too.
    pub(super) fn as_text(&self, name: &str) -> Result<&str, Mistake> {
        match &self.content {
            Content::Text(text) => Ok(text),
            Content::Flag(true) => Ok("true"),
            Content::Flag(false) => Ok("false"),
            _ => Err(self.wanted(name, "a text")),
        }
    }

    /// A number, in quotes or bare.
    pub(super) fn as_number(&self, name: &str) -> Result<f64, Mistake> {
        let Content::Text(text) = &self.content else { return Err(self.wanted(name, "a number")) };
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.wanted(name, "a number"))
    }

    /// `true` or `false`, 1 or 0.
    pub(super) fn as_flag(&self, name: &str) -> Result<bool, Mistake> {
        match &self.content {
            Content::Flag(flag) => Ok(*flag),
            Content::Text(text) if text == "1" => Ok(true),
            Content::Text(text) if text == "0" => Ok(false),
            _ => Err(self.wanted(name, "true or false")),
        }
    }

    /// The text under a key, if it is there.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Mistake> {
        self.get(key).map(|value| value.as_text(key)).transpose()
    }

    /// The text under the first of these keys that is there.
    pub(super) fn text_of(&self, keys: &[&str]) -> Result<Option<&str>, Mistake> {
        keys.iter().find_map(|key| self.text(key).transpose()).transpose()
    }

    /// The number under a key, if it is there.
    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, Mistake> {
        self.get(key).map(|value| value.as_number(key)).transpose()
    }

    /// `true` or `false` under a key, if it is there.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Mistake> {
        self.get(key).map(|value| value.as_flag(key)).transpose()
    }

    /// Says that it is something else than what is wanted.
    pub(super) fn wanted(&self, name: &str, what: &str) -> Mistake {
        let kind = match &self.content {
            Content::Null => "nothing".to_owned(),
            Content::Flag(flag) => flag.to_string(),
            Content::Text(text) => format!("\"{}\"", clean(text, QUOTED_MAX)),
            Content::List(_) => "a list".to_owned(),
            Content::Table(_) => "a table".to_owned(),
        };
        Mistake::at(self.line, format!("`{name}` is {kind}, and {what} is wanted"))
    }
}
