//! Tells from what a file says what wrote it.

use super::node::Node;
use super::{
    Document, Mistake, Source, csv, gatus, json, kairos, kener, nmap_grep, own, prometheus, ssh_config, uptime_kuma,
    yaml,
};
use crate::domain::listing::{ListingError, parse_line};

const UNKNOWN: &str = "it cannot be told what wrote this file: say it with --from";

/// Whether a document is from there.
type Sign = fn(&Node) -> bool;

/// The documents that are trees, each with how it is told.
const TREES: [(Source, Sign); 6] = [
    (Source::Json, own::is_it),
    (Source::Kairos, kairos::is_it),
    (Source::Kener, kener::is_it),
    (Source::UptimeKuma, uptime_kuma::is_it),
    (Source::Gatus, gatus::is_it),
    (Source::Prometheus, prometheus::is_it),
];

/// Opens a text as what it is said to be, or as what it looks like.
pub(super) fn open(text: &str, source: Option<Source>) -> Result<Document<'_>, Mistake> {
    match source {
        None => guess(text),
        Some(Source::Nmap) => Ok(nmap(text)),
        Some(source) if TREES.iter().any(|(tree, _)| *tree == source) => Ok(Document::Tree(source, tree(text)?)),
        Some(source) => Ok(Document::Text(source, text)),
    }
}

fn nmap(text: &str) -> Document<'_> {
    let is_xml = text.trim_start().starts_with('<');
    if is_xml { Document::Text(Source::Nmap, text) } else { Document::NmapGrep(text) }
}

fn tree(text: &str) -> Result<Node, Mistake> {
    if is_json(text) { json::parse(text) } else { yaml::parse(text) }
}

/// Whether a text can only be meant as JSON: a brace, or a bracket that is no header of TOML and no address.
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let inner = text.strip_prefix('[').map(str::trim_start);
    text.starts_with('{') || inner.is_some_and(|inner| inner.starts_with(['{', '"', ']']))
}

/// Whether a text can only be meant as YAML: its first line is a key or an item of a list.
fn is_yaml(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    first.is_some_and(|line| {
        let key = line.split_once(':').filter(|(key, rest)| {
            let is_word = key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | '.'));
            !key.is_empty() && is_word && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        });
        line.starts_with("---") || line.starts_with("- ") || line.starts_with('%') || key.is_some()
    })
}

fn guess(text: &str) -> Result<Document<'_>, Mistake> {
    if text.trim_start().starts_with('<') || nmap_grep::is_it(text) {
        return Ok(nmap(text));
    }
    if own::is_toml(text) {
        return Ok(Document::Text(Source::Toml, text));
    }
    if is_json(text) || is_yaml(text) {
        let node = tree(text)?;
        let found = TREES.iter().find(|(_, is_it)| is_it(&node));
        return found.map(|(source, _)| Document::Tree(*source, node)).ok_or_else(|| Mistake::whole(UNKNOWN));
    }
    if ssh_config::is_it(text) {
        return Ok(Document::Text(Source::SshConfig, text));
    }
    if text.trim_start().lines().next().is_some_and(csv::is_header) {
        return Ok(Document::Text(Source::Csv, text));
    }
    // One line that is a target makes the others mistakes in a list; none makes it something else. A range of ports
    // that cannot be is meant as a target, too.
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_meant =
        |line| matches!(parse_line(line), Ok(_) | Err(ListingError::TooMany(_) | ListingError::Backwards(..)));
    if lines.any(is_meant) {
        return Ok(Document::Text(Source::Lines, text));
    }
    Err(Mistake::whole(UNKNOWN))
}
