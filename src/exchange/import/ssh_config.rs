//! `~/.ssh/config`: every host that is named in full, with the first value that applies to it.
//!
//! As `ssh` does it (`man ssh_config`): for each setting the first value obtained wins, blocks apply where one of
//! their patterns matches and none that is negated does. `Match` is never evaluated, because it can run
//! programs; `Include` is never followed, because it names other files.

use super::found::Found;
use super::{Entry, Mistake};
use crate::domain::endpoint::parse_port;
use crate::domain::{Activity, Address, Family, Host};
use std::collections::HashMap;
use std::time::Duration;

/// How many patterns a file may have: every host is held against every one of them.
const PATTERNS_MAX: usize = 5_000;

/// Whether a text looks like it: a line `Host` with something that is no port.
pub(super) fn is_it(text: &str) -> bool {
    let mut words = text.lines().filter_map(setting);
    words.any(|(keyword, rest)| {
        keyword == "host" && !rest.is_empty() && !rest.split_whitespace().all(|word| parse_port(word).is_ok())
    })
}

/// The keyword in lower case and what stands behind it; `None` for blank lines and comments.
fn setting(line: &str) -> Option<(String, &str)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim();
    Some((keyword.to_lowercase(), rest))
}

struct Block {
    line: usize,
    scope: Scope,
    settings: Vec<(String, String)>,
}

enum Scope {
    /// Of these patterns.
    Hosts(Vec<String>),
    /// Of whatever `Match` says.
    Unknown,
}

/// Reads the hosts.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Mistake> {
    let mut entries = Vec::new();
    let mut count = 0;
    let mut blocks = vec![Block { line: 1, scope: Scope::Hosts(vec!["*".to_owned()]), settings: Vec::new() }];
    for (number, line) in text.lines().enumerate().map(|(place, line)| (place + 1, line)) {
        let Some((keyword, rest)) = setting(line) else { continue };
        match keyword.as_str() {
            "host" => {
                let patterns: Vec<_> = rest.split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect();
                count += patterns.len();
                blocks.push(Block { line: number, scope: Scope::Hosts(patterns), settings: Vec::new() });
            }
            "match" => {
                count += 1;
                let is_all = rest.eq_ignore_ascii_case("all");
                let scope = if is_all { Scope::Hosts(vec!["*".to_owned()]) } else { Scope::Unknown };
                if !is_all {
                    entries.push(Entry::skipped(number, "Match", "what it matches is never evaluated"));
                }
                blocks.push(Block { line: number, scope, settings: Vec::new() });
            }
            "include" => entries.push(Entry::skipped(number, "Include", "it names other files: import these, too")),
            _ => {
                if let Some(block) = blocks.last_mut() {
                    block.settings.push((keyword, rest.trim_matches('"').to_owned()));
                }
            }
        }
        if count > PATTERNS_MAX {
            return Err(Mistake::at(number, format!("there are more than {PATTERNS_MAX} patterns: split the file")));
        }
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for block in &blocks[1..] {
        let Scope::Hosts(patterns) = &block.scope else { continue };
        for alias in patterns {
            if alias.contains(['*', '?']) || alias.starts_with('!') {
                entries.push(Entry::skipped(block.line, alias, "it is a pattern and no host"));
            } else if seen.insert(alias, block.line).is_none() {
                entries.push(read_host(alias, block.line, &blocks));
            }
        }
    }
    entries.sort_by_key(|entry| match entry {
        Entry::Found(found) => found.line,
        Entry::Skipped(skipped) => skipped.line,
    });
    Ok(entries)
}

fn read_host(alias: &str, line: usize, blocks: &[Block]) -> Entry {
    let first = |keyword: &str| {
        let mut settings = blocks.iter().filter(|block| applies(&block.scope, alias)).flat_map(|block| &block.settings);
        settings.find(|(name, _)| name == keyword).map(|(_, value)| value.as_str())
    };
    let name = first("hostname").map_or_else(|| alias.to_owned(), |name| name.replace("%h", alias).replace("%%", "%"));
    let port = first("port").unwrap_or("22");
    let address = name.parse::<Host>().and_then(|host| Ok(Address { host, port: parse_port(port)? }));
    let address = match address {
        Ok(address) => address,
        Err(error) => return Entry::skipped(line, alias, error),
    };
    let mut found = Found { name: Some(alias.to_owned()), ..Found::at(line, address) };
    let timeout = first("connecttimeout").and_then(|seconds| seconds.parse().ok()).filter(|seconds| *seconds > 0);
    found.set_timeout(timeout.map(Duration::from_secs));
    let family = match first("addressfamily") {
        Some("inet") => Some(Family::Ipv4),
        Some("inet6") => Some(Family::Ipv6),
        _ => None,
    };
    for spot in &mut found.spots {
        spot.family = family.filter(|_| spot.address.host.literal().is_none());
    }
    for keyword in ["proxyjump", "proxycommand"] {
        if first(keyword).is_some_and(|proxy| !proxy.eq_ignore_ascii_case("none")) {
            found.activity = Some(Activity::Paused);
            found.remark("it is reached through another host, not from here: it is paused");
            break;
        }
    }
    Entry::found(found)
}

fn applies(scope: &Scope, alias: &str) -> bool {
    let Scope::Hosts(patterns) = scope else { return false };
    let is_refused = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(|it| matches(it, alias));
    !is_refused && patterns.iter().any(|pattern| matches(pattern, alias))
}

/// Whether a pattern of `*` and `?` matches all of a text, in time of the product of their lengths at most.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[place] => {
                at += 1;
                place += 1;
            }
            _ => match star {
                Some((behind, from)) => {
                    star = Some((behind, from + 1));
                    at = behind + 1;
                    place = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_ssh_has_them() {
        for (pattern, text, is_match) in [
            ("*", "db-1", true),
            ("db-*", "db-1", true),
            ("db-?", "db-10", false),
            ("*.example.com", "a.b.example.com", true),
            ("db-*", "web", false),
            ("**a**a**b", "aaaaaaaaaaaaaaaaaaaaaa", false),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_value_wins_and_a_negated_pattern_keeps_out() {
        let first = "Host db-* !db-old\n  Port 2222\n  ConnectTimeout=5\n";
        let text = format!("{first}Host db-1 db-old\n  HostName %h.lan\nHost *\n  port 2200\n");
        let entries = read(&text).expect("hosts");
        let told: Vec<String> = entries
            .iter()
            .map(|entry| match entry {
                Entry::Found(found) => {
                    format!("{} {} {:?}", found.line, found.spots[0].address, found.spots[0].timeout)
                }
                Entry::Skipped(skipped) => format!("{} - {}", skipped.line, skipped.name),
            })
            .collect();
        assert_eq!(told, ["1 - db-*", "1 - !db-old", "4 db-1.lan:2222 Some(5s)", "4 db-old.lan:2200 None", "6 - *"]);
    }
}
