//! Targets out of files that other programs wrote: what each entry says, or why a file cannot be used.
//!
//! A file is hostile until it is understood: it is read whole or not at all. What is of the wrong shape is a
//! [`Mistake`] with its line, and nothing of any file is taken over. An entry of the right shape that cannot be
//! watched, because it is no TCP port, say, is skipped with a reason, and the others go on. Only what has a
//! meaning here is ever copied: not the keys, passwords and hooks that such files are full of.

mod csv;
mod detect;
mod evaluate;
mod found;
mod gatus;
mod go;
mod json;
mod kairos;
mod kener;
mod lines;
mod nmap_grep;
mod nmap_xml;
mod node;
mod own;
pub mod plan;
mod prometheus;
mod secrets;
mod ssh_config;
mod text;
mod uptime_kuma;
mod yaml;

pub use evaluate::{parse_evaluation, write_evaluation};
pub use found::{Found, Limit, Spot};

pub(super) use csv::NEVER;
pub(super) use own::FORMAT as JSON_FORMAT;

use crate::domain::text::clean;
use node::Node;
use std::fmt;

/// How large a file may be, in bytes.
pub const FILE_MAX: u64 = 32 << 20;
/// How many targets the files of one run may have together.
pub const ENTRIES_MAX: usize = crate::config::TARGETS_MAX;
/// How much of a foreign text is repeated in a message, in characters.
const QUOTED_MAX: usize = 64;

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A target a line: `host:port name #tag`.
    Lines,
    /// A line of names, then a line for each target.
    Csv,
    /// What `export targets --to json` writes.
    Json,
    /// A configuration file of portpulse.
    Toml,
    /// Monitors of Kener, as its interface takes and gives them.
    Kener,
    /// Resources of Kairos, exported or as its interface takes them.
    Kairos,
    /// The configuration of Gatus.
    Gatus,
    /// A backup of Uptime Kuma 1.x, or what kuma-cli writes.
    UptimeKuma,
    /// Files for service discovery, scrape configurations, modules of the blackbox exporter.
    Prometheus,
    /// `nmap -oX` and `nmap -oG`.
    Nmap,
    /// `~/.ssh/config`.
    SshConfig,
}

impl Source {
    /// What people call them.
    pub const NAMES: [(&'static str, Self); 11] = [
        ("lines", Self::Lines),
        ("csv", Self::Csv),
        ("json", Self::Json),
        ("toml", Self::Toml),
        ("kener", Self::Kener),
        ("kairos", Self::Kairos),
        ("gatus", Self::Gatus),
        ("uptime-kuma", Self::UptimeKuma),
        ("prometheus", Self::Prometheus),
        ("nmap", Self::Nmap),
        ("ssh-config", Self::SshConfig),
    ];
}

/// A file to read.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// What messages call it.
    pub name: String,
    /// Everything in it.
    pub bytes: Vec<u8>,
}

/// One entry of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something that can be watched.
    Found(Box<Found>),
    /// Something that cannot.
    Skipped(Skipped),
}

/// An entry that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it stands, counted from 1.
    pub line: usize,
    /// What the file calls it, harmless for a terminal.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// In which line, counted from 1; `None` when the file as a whole is the matter.
    pub line: Option<usize>,
    /// What is wrong, and what to do instead.
    pub what: String,
}

/// Why a run cannot go on: the file and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", place(.file, .mistake.line), clean(&.mistake.what, 512))]
pub struct BadFile {
    /// Which one.
    pub file: String,
    /// What is wrong.
    pub mistake: Mistake,
}

/// `file:line: `, or `file: ` for a file as a whole.
fn place(file: &str, line: Option<usize>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: ", clean(file, 256))
}

impl Mistake {
    pub(crate) fn at(line: usize, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: what.into() }
    }

    pub(crate) fn whole(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Entry {
    fn found(found: Found) -> Self {
        Self::Found(Box::new(found))
    }

    fn skipped(line: usize, name: &str, why: impl fmt::Display) -> Self {
        let why = clean(&why.to_string(), 256);
        Self::Skipped(Skipped { line, name: clean(name, QUOTED_MAX).trim().to_owned(), why })
    }
}

/// Reads files, one list of entries for each. Without a `source`, what wrote a file is told from what it says.
///
/// # Errors
/// With the first file that cannot be used.
pub fn read(files: &[Foreign], source: Option<Source>) -> Result<Vec<Vec<Entry>>, BadFile> {
    let mut documents = Vec::with_capacity(files.len());
    for file in files {
        let bad = |mistake| BadFile { file: file.name.clone(), mistake };
        documents.push(text::decode(&file.bytes).and_then(|text| detect::open(text, source)).map_err(bad)?);
    }
    // One file says which modules check TCP, another which targets are checked by them.
    let modules = prometheus::Modules::of(documents.iter().filter_map(Document::tree));
    let mut count = 0;
    let mut all = Vec::with_capacity(files.len());
    for (document, file) in documents.iter().zip(files) {
        let bad = |mistake| BadFile { file: file.name.clone(), mistake };
        let entries = document.read(&modules).map_err(bad)?;
        count += entries.len();
        if count > ENTRIES_MAX {
            return Err(bad(Mistake::whole(format!("has too many entries: at most {ENTRIES_MAX} in one run"))));
        }
        all.push(entries);
    }
    Ok(all)
}

/// A file of which it is known what it is.
enum Document<'t> {
    Text(Source, &'t str),
    NmapGrep(&'t str),
    Tree(Source, Node),
}

impl Document<'_> {
    const fn tree(&self) -> Option<&Node> {
        match self {
            Self::Tree(Source::Prometheus, node) => Some(node),
            _ => None,
        }
    }

    fn read(&self, modules: &prometheus::Modules) -> Result<Vec<Entry>, Mistake> {
        match self {
            Self::NmapGrep(text) => nmap_grep::read(text),
            Self::Text(Source::Nmap, text) => nmap_xml::read(text),
            Self::Text(Source::Csv, text) => csv::read(text),
            Self::Text(Source::Toml, text) => own::read_toml(text),
            Self::Text(Source::SshConfig, text) => ssh_config::read(text),
            Self::Text(_, text) => Ok(lines::read(text)),
            Self::Tree(Source::Kener, node) => kener::read(node),
            Self::Tree(Source::Kairos, node) => kairos::read(node),
            Self::Tree(Source::Gatus, node) => gatus::read(node),
            Self::Tree(Source::UptimeKuma, node) => uptime_kuma::read(node),
            Self::Tree(Source::Prometheus, node) => prometheus::read(node, modules),
            Self::Tree(_, node) => own::read_json(node),
        }
    }
}
