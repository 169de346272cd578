//! Several targets in one text: port lists, port ranges and pasted lines.

use super::endpoint::{parse_port, split_port};
use super::{Address, AddressError, Host};

/// How many targets one line may stand for.
pub const ADDRESSES_PER_LINE_MAX: usize = 1024;

/// One line of a listing that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What to watch; more than one where the line lists ports.
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
    /// More targets than one line may stand for.
    #[error("that is {0} ports in one line; at most {ADDRESSES_PER_LINE_MAX}")]
    TooMany(usize),
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

/// Reads `host:port`, `host:p1,p2,p3-p4`, `host port`, `host:port name #tag` or `name host:port`.
pub fn parse_line(line: &str) -> Result<Listed, ListingError> {
    let (tags, words): (Vec<&str>, Vec<&str>) =
        line.split_whitespace().partition(|word| word.len() > 1 && word.starts_with('#'));
    let tags = tags.iter().map(|tag| tag.trim_start_matches('#').to_owned()).collect();
    let (addresses, name) = match words.as_slice() {
        [] => return Err(AddressError::Empty.into()),
        [address] => (parse_ports(address)?, None),
        [host, ports] if is_ports(ports) && !has_port(host) => (parse_ports(&format!("{host} {ports}"))?, None),
        [host, ports, name @ ..] if is_ports(ports) && !has_port(host) => {
            (parse_ports(&format!("{host} {ports}"))?, Some(name.join(" ")))
        }
        [address, name @ ..] if has_port(address) => (parse_ports(address)?, Some(name.join(" "))),
        [name @ .., address] if has_port(address) => (parse_ports(address)?, Some(name.join(" "))),
        _ => (parse_ports(line)?, None),
    };
    Ok(Listed { addresses, name, tags })
}

fn is_ports(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'-')
}

fn has_port(word: &str) -> bool {
    split_port(word).is_ok_and(|(_, ports)| is_ports(ports))
}

fn parse_ports(text: &str) -> Result<Vec<Address>, ListingError> {
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
    fn a_name_may_stand_on_either_side_and_tags_anywhere() {
        assert_eq!(read("db1:5432 orders primary #db"), "db1:5432 = orders primary #db");
        assert_eq!(read("orders db1:5432"), "db1:5432 = orders");
        assert_eq!(read("db1 5432 orders"), "db1:5432 = orders");
        assert_eq!(read("tcp://db1:5432 #a #b"), "db1:5432 #a #b");
    }

    #[test]
    fn each_line_of_a_paste_stands_for_itself() {
        let lines = parse_lines("# mine\n\ndb1:5432\r\nnonsense\nredis:6379 cache\n");
        let numbers: Vec<(usize, bool)> = lines.iter().map(|(number, line)| (*number, line.is_ok())).collect();
        assert_eq!(numbers, [(3, true), (4, false), (5, true)]);
    }
}
