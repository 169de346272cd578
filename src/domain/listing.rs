//! Several targets in one text: port lists, port ranges, braces and pasted lines.

use super::endpoint::{parse_port, split_port};
use super::{Address, AddressError, Host};
use std::collections::HashSet;

/// How many addresses one line may stand for.
pub const ADDRESSES_PER_LINE_MAX: usize = 1024;

/// One line of a listing that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What to watch; more than one where the line lists ports or hosts.
    pub addresses: Vec<Address>,
    /// The name that stood beside it, if any.
    pub name: Option<String>,
    /// Words written with `#`.
    pub tags: Vec<String>,
}

/// Why a line was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A range that runs backwards.
    #[error("the range {0}-{1} runs backwards")]
    Backwards(u16, u16),
    /// More addresses than one line may stand for.
    #[error("that is {0} addresses in one line; at most {ADDRESSES_PER_LINE_MAX}")]
    TooMany(usize),
    /// Braces that cannot be expanded.
    #[error("`{0}`: {1}")]
    Braces(String, &'static str),
}

/// Reads many lines; each stands for itself, blank lines and `#` comments are left out.
///
/// The number is that of the line, counted from 1.
pub fn parse_lines(text: &str) -> Vec<(usize, Result<Listed, ListingError>)> {
    text.lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, parse_line(line)))
        .collect()
}

/// Reads `host:port`, `host:p1,p2,p3-p4`, `{h1,h2}:port`, `host port`, `host:port name #tag`, `name host:port`, or
/// several addresses.
pub fn parse_line(line: &str) -> Result<Listed, ListingError> {
    let (tags, words): (Vec<&str>, Vec<&str>) =
        line.split_whitespace().partition(|word| word.len() > 1 && word.starts_with('#'));
    let tags = tags.iter().map(|tag| tag.trim_start_matches('#').to_owned()).collect();
    let (addresses, name) = match words.as_slice() {
        [] => return Err(AddressError::Empty.into()),
        [address] => (expand(address)?, None),
        several if several.iter().all(|word| has_port(word)) => (expand_all(several)?, None),
        [host, ports] if is_ports(ports) && !has_port(host) => (expand(&format!("{host} {ports}"))?, None),
        [host, ports, name @ ..] if is_ports(ports) && !has_port(host) => {
            (expand(&format!("{host} {ports}"))?, Some(name.join(" ")))
        }
        [address, name @ ..] if has_port(address) => (expand(address)?, Some(name.join(" "))),
        [name @ .., address] if has_port(address) => (expand(address)?, Some(name.join(" "))),
        _ => (expand(line)?, None),
    };
    Ok(Listed { addresses, name, tags })
}

fn is_ports(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'-' | b'{' | b'}'))
}

fn has_port(word: &str) -> bool {
    let braced = || word.rsplit_once(':').filter(|(host, _)| host.contains('{')).map(|(_, ports)| ports);
    split_port(word).ok().map(|(_, ports)| ports).or_else(braced).is_some_and(is_ports)
}

/// Every address that a short form stands for, in the order written, each once: `host:p1,p2,p3-p4`,
/// `{h1,h2}:port`, `{h1,h2}:{p1,p2}`, `db{1,2}:port`.
///
/// # Errors
/// When it is none, or stands for more than [`ADDRESSES_PER_LINE_MAX`].
pub fn expand(text: &str) -> Result<Vec<Address>, ListingError> {
    expand_all(&[text])
}

fn expand_all(texts: &[&str]) -> Result<Vec<Address>, ListingError> {
    let mut addresses = Vec::new();
    let mut seen = HashSet::new();
    let mut plain = Vec::new();
    for text in texts {
        plain.extend(unbrace(text.trim())?);
        if plain.len() > ADDRESSES_PER_LINE_MAX {
            return Err(ListingError::TooMany(plain.len()));
        }
    }
    for text in plain {
        for address in expand_ports(&text)? {
            if seen.insert(address.clone()) {
                addresses.push(address);
            }
        }
        if addresses.len() > ADDRESSES_PER_LINE_MAX {
            return Err(ListingError::TooMany(addresses.len()));
        }
    }
    Ok(addresses)
}

/// What each of the addresses of a short form is called: after itself without a name; with one, the name alone
/// for a single address, `NAME:port` where the ports tell them apart, `NAME host:port` where they do not.
pub fn names(name: Option<&str>, addresses: &[Address]) -> Vec<String> {
    let ports: HashSet<_> = addresses.iter().map(|address| address.port).collect();
    let called = |address: &Address| match name {
        None => address.to_string(),
        Some(name) if addresses.len() == 1 => name.to_owned(),
        Some(name) if ports.len() == addresses.len() => format!("{name}:{}", address.port),
        Some(name) => format!("{name} {address}"),
    };
    addresses.iter().map(called).collect()
}

/// Replaces braces by each of their alternatives, the first pair varying slowest.
fn unbrace(text: &str) -> Result<Vec<String>, ListingError> {
    let refuse = |why| Err(ListingError::Braces(text.to_owned(), why));
    let mut texts = vec![String::new()];
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let Some(end) = rest[start + 1..].find(['{', '}']).map(|end| start + 1 + end) else {
            return refuse("a brace stands alone: write {a,b}");
        };
        match (&rest[start..=start], &rest[end..=end]) {
            ("{", "}") => {}
            ("{", _) => return refuse("braces cannot be nested"),
            _ => return refuse("a brace stands alone: write {a,b}"),
        }
        let choices: Vec<&str> = rest[start + 1..end].split(',').map(str::trim).collect();
        if choices.contains(&"") {
            return refuse("something is missing between the commas of the braces");
        }
        let count = texts.len() * choices.len();
        if count > ADDRESSES_PER_LINE_MAX {
            return Err(ListingError::TooMany(count));
        }
        let before = &rest[..start];
        texts = texts.iter().flat_map(|text| choices.iter().map(move |it| format!("{text}{before}{it}"))).collect();
        rest = &rest[end + 1..];
    }
    Ok(texts.into_iter().map(|text| text + rest).collect())
}

fn expand_ports(text: &str) -> Result<Vec<Address>, ListingError> {
    let (host, ports) = split_port(text)?;
    let host: Host = host.parse()?;
    let mut addresses = Vec::new();
    for part in ports.split(',').map(str::trim) {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (parse_port(first)?, parse_port(last)?),
            None => (parse_port(part)?, parse_port(part)?),
        };
        if first > last {
            return Err(ListingError::Backwards(first.get(), last.get()));
        }
        let count = addresses.len() + usize::from(last.get() - first.get()) + 1;
        if count > ADDRESSES_PER_LINE_MAX {
            return Err(ListingError::TooMany(count));
        }
        let ports = (first.get()..=last.get()).filter_map(super::Port::new);
        for address in ports.map(|port| Address { host: host.clone(), port }) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        match parse_line(line) {
            Err(error) => format!("! {error}"),
            Ok(Listed { addresses, name, tags }) => {
                let mut words: Vec<String> = addresses.iter().map(Address::to_string).collect();
                words.extend(name.map(|name| format!("= {name}")));
                words.extend(tags.iter().map(|tag| format!("#{tag}")));
                words.join(" ")
            }
        }
    }

    #[test]
    fn ports_can_be_listed_and_ranged() {
        assert_eq!(read("db1:5432,6432,9100-9102"), "db1:5432 db1:6432 db1:9100 db1:9101 db1:9102");
        assert_eq!(read("[::1]:80,80"), "[::1]:80");
        assert_eq!(read("db1 5432"), "db1:5432");
        assert!(read("db1:9-1").contains("backwards"));
        assert!(read("db1:1-65535").contains("at most 1024"));
        assert!(read("db1:80,").starts_with("! "));
    }

    #[test]
    fn braces_list_hosts_and_ports() {
        for (line, expected) in [
            ("{db1,db2}:5432", "db1:5432 db2:5432"),
            ("{db1,db2}:{5432,6432}", "db1:5432 db1:6432 db2:5432 db2:6432"),
            ("{db1,db2}:5432,9100-9101", "db1:5432 db1:9100 db1:9101 db2:5432 db2:9100 db2:9101"),
            ("db{1,2}.internal:80", "db1.internal:80 db2.internal:80"),
            ("tcp://{a,b}:80", "a:80 b:80"),
            ("{a,b,a}:80", "a:80 b:80"),
            ("{[::1],[::2]}:80", "[::1]:80 [::2]:80"),
            ("{db1,db2}:5432 orders #db", "db1:5432 db2:5432 = orders #db"),
            ("orders {db1,db2}:{1,2}", "db1:1 db1:2 db2:1 db2:2 = orders"),
            ("{db1,db2} 5432", "db1:5432 db2:5432"),
            ("{a,{b,c}}:80", "! `{a,{b,c}}:80`: braces cannot be nested"),
            ("{a,b:80", "! `{a,b:80`: a brace stands alone: write {a,b}"),
            ("a}:80", "! `a}:80`: a brace stands alone: write {a,b}"),
            ("}a{:80", "! `}a{:80`: a brace stands alone: write {a,b}"),
            ("{a,}:80", "! `{a,}:80`: something is missing between the commas of the braces"),
            ("{a,b}:1-600", "! that is 1200 addresses in one line; at most 1024"),
            ("{a,b}", "! `a` has no port: write a:PORT"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
        let bomb = "{a,b,c,d,e,f,g,h}".repeat(40) + ":80";
        assert_eq!(read(&bomb), "! that is 4096 addresses in one line; at most 1024");
    }

    #[test]
    fn a_name_goes_to_each_with_what_tells_them_apart() {
        for (name, text, expected) in [
            (None, "a:1,2", "a:1 | a:2"),
            (Some("x"), "a:1", "x"),
            (Some("x"), "a:1,2", "x:1 | x:2"),
            (Some("x"), "{a,b}:1", "x a:1 | x b:1"),
        ] {
            assert_eq!(names(name, &expand(text).expect("a short form")).join(" | "), expected);
        }
    }

    #[test]
    fn a_name_may_stand_on_either_side_and_tags_anywhere() {
        assert_eq!(read("db1:5432 orders primary #db"), "db1:5432 = orders primary #db");
        assert_eq!(read("orders db1:5432"), "db1:5432 = orders");
        assert_eq!(read("db1 5432 orders"), "db1:5432 = orders");
        assert_eq!(read("tcp://db1:5432 #a #b"), "db1:5432 #a #b");
        assert_eq!(read("a:1 b:1,2 {c,d}:3 #x"), "a:1 b:1 b:2 c:3 d:3 #x");
        assert_eq!(read("a:1 b:x"), "a:1 = b:x");
    }

    #[test]
    fn each_line_of_a_paste_stands_for_itself() {
        let lines = parse_lines("# mine\n\ndb1:5432\r\nnonsense\nredis:6379 cache\n");
        let numbers: Vec<(usize, bool)> = lines.iter().map(|(number, line)| (*number, line.is_ok())).collect();
        assert_eq!(numbers, [(3, true), (4, false), (5, true)]);
    }
}
