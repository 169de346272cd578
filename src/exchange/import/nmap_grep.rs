//! What `nmap -oG` writes: a line for each host, its ports in one field.

use super::found::Found;
use super::{Entry, Mistake};
use crate::domain::endpoint::parse_port;
use crate::domain::{Address, Host};

/// Whether a text looks like it.
pub(super) fn is_it(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.next().is_some_and(|line| line.starts_with("# Nmap ") || is_host(line))
}

fn is_host(line: &str) -> bool {
    line.starts_with("Host: ") && line.contains('\t')
}

/// Reads the open TCP ports. What is closed or filtered is no target.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Mistake> {
    let mut entries = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(place, line)| (place + 1, line)) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut fields = line.split('\t');
        let host = fields.next().and_then(|field| field.strip_prefix("Host: "));
        let Some(host) = host else {
            return Err(Mistake::at(number, "this is no line of nmap -oG, which begin with `Host: ` or `#`"));
        };
        let (address, name) = host.split_once(' ').unwrap_or((host, ""));
        let name = name.trim().trim_start_matches('(').trim_end_matches(')');
        let Some(ports) = fields.find_map(|field| field.strip_prefix("Ports: ")) else { continue };
        for port in ports.split(", ") {
            entries.push(entry(number, address, name, port));
        }
    }
    Ok(entries)
}

/// Reads `number/state/protocol/owner/service/rpc/version`.
fn entry(line: usize, address: &str, name: &str, port: &str) -> Entry {
    let mut parts = port.trim().split('/');
    let [number, state, protocol] = [(); 3].map(|()| parts.next().unwrap_or_default());
    open_port(line, address, name, &Scanned { number, state, protocol })
}

/// A port as nmap saw it.
pub(super) struct Scanned<'t> {
    pub(super) number: &'t str,
    pub(super) state: &'t str,
    pub(super) protocol: &'t str,
}

/// The target that a port makes, named after the host where that has a name.
pub(super) fn open_port(line: usize, address: &str, name: &str, port: &Scanned<'_>) -> Entry {
    let shown = format!("{address} {}/{}", port.number, port.protocol);
    if port.protocol != "tcp" {
        return Entry::skipped(line, &shown, format!("its protocol is {}, not tcp", port.protocol));
    }
    if port.state != "open" {
        return Entry::skipped(line, &shown, format!("nmap found it {}, not open", port.state));
    }
    let address = address.parse::<Host>().and_then(|host| Ok(Address { host, port: parse_port(port.number)? }));
    match address {
        Err(error) => Entry::skipped(line, &shown, error),
        Ok(address) => {
            let name = (!name.is_empty()).then(|| format!("{name}:{}", address.port));
            Entry::found(Found { name, ..Found::at(line, address) })
        }
    }
}
