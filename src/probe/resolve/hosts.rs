//! Our own reading of the hosts file, so that its names need no resolver.

use std::collections::HashMap;
use std::net::IpAddr;

/// The addresses of each name in a hosts file (hosts(5)).
#[derive(Debug, Default)]
pub(super) struct HostsTable(HashMap<String, Vec<IpAddr>>);

impl HostsTable {
    /// Reads a hosts file; lines that are none are left out, as the C library does.
    pub fn read(text: &str) -> Self {
        let mut table: HashMap<String, Vec<IpAddr>> = HashMap::new();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(Ok(address)) = words.next().map(str::parse) else { continue };
            for name in words {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                table.entry(name).or_default().push(address);
            }
        }
        Self(table)
    }

    /// The addresses of a name in lower case, none when it is not in the file.
    pub fn find(&self, name: &str) -> &[IpAddr] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_aliases_and_repeated_names_are_found() {
        let table = HostsTable::read(
            "127.0.0.1 localhost\n::1\tlocalhost ip6-localhost # loopback\n# 10.0.0.9 no\n10.0.0.1 DB1.Example. db1\nnonsense here\n",
        );
        let found = |name: &str| table.find(name).iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(found("localhost"), "127.0.0.1 ::1");
        assert_eq!(found("db1"), "10.0.0.1");
        assert_eq!(found("db1.example"), "10.0.0.1");
        assert_eq!(found("no"), "");
        assert_eq!(found("here"), "");
    }
}
