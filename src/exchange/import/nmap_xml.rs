//! What `nmap -oX` writes. Nothing is expanded and nothing fetched: a document that declares entities is refused.

use super::nmap_grep::{Scanned, open_port};
use super::node::DEPTH_MAX;
use super::text::{Lines, line_of};
use super::{Entry, Mistake};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// How many attributes an element may have; nmap writes a dozen.
const ATTRIBUTES_MAX: usize = 64;

/// Reads the open TCP ports of all hosts.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Mistake> {
    let mut reader = Reader::from_str(text);
    let mut scan = Scan { lines: Lines::of(text), depth: 0, has_root: false, host: None, entries: Vec::new() };
    loop {
        let start = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let line = line_of(text.as_bytes(), reader.error_position() as usize);
                return Err(Mistake::at(line, format!("this is no XML: {error}")));
            }
        };
        if matches!(event, Event::Eof) {
            break;
        }
        scan.take(&event, start)?;
    }
    if !scan.has_root {
        return Err(Mistake::whole("has no <nmaprun> in it: is it from nmap -oX?"));
    }
    if scan.depth > 0 {
        let line = text.lines().count();
        return Err(Mistake::at(line, "the file ends before </nmaprun>: was the scan broken off?"));
    }
    Ok(scan.entries)
}

struct Scan<'t> {
    lines: Lines<'t>,
    depth: usize,
    has_root: bool,
    host: Option<Scanning>,
    entries: Vec<Entry>,
}

/// A host whose element is open.
#[derive(Default)]
struct Scanning {
    address: Option<String>,
    /// One that the user gave goes before one that was looked up.
    name: Option<(String, Given)>,
    ports: Vec<Port>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Given {
    ByUser,
    LookedUp,
}

struct Port {
    line: usize,
    number: String,
    protocol: String,
    state: String,
}

impl Scan<'_> {
    fn take(&mut self, event: &Event<'_>, start: usize) -> Result<(), Mistake> {
        match event {
            Event::DocType(declared) if declared.contains('[') || declared.to_uppercase().contains("<!ENTITY") => {
                let line = self.lines.at(start);
                return Err(Mistake::at(line, "this document declares entities, and nmap never does"));
            }
            Event::Start(element) => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(Mistake::at(
                        self.lines.at(start),
                        format!("this is nested more than {DEPTH_MAX} deep"),
                    ));
                }
                self.open(element, start)?;
            }
            Event::Empty(element) => {
                self.open(element, start)?;
                self.close(element.name().as_ref());
            }
            Event::End(element) => {
                self.depth = self.depth.saturating_sub(1);
                self.close(element.name().as_ref());
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, element: &BytesStart<'_>, start: usize) -> Result<(), Mistake> {
        let line = self.lines.at(start);
        let name = element.name();
        let name: &str = name.as_ref();
        if !self.has_root {
            if name != "nmaprun" {
                return Err(Mistake::at(line, "this is XML, and not from nmap -oX: it does not begin with <nmaprun>"));
            }
            self.has_root = true;
        }
        let get = |wanted: &[&str]| attributes(element, wanted, line);
        match (name, &mut self.host) {
            ("host", host) => *host = Some(Scanning::default()),
            ("address", Some(host)) => {
                let [address, kind] = pair(get(&["addr", "addrtype"])?);
                if kind != "mac" && host.address.is_none() {
                    host.address = Some(address);
                }
            }
            ("hostname", Some(host)) => {
                let [name, kind] = pair(get(&["name", "type"])?);
                let given = if kind == "user" { Given::ByUser } else { Given::LookedUp };
                let is_better =
                    host.name.as_ref().is_none_or(|(_, old)| *old == Given::LookedUp && given == Given::ByUser);
                if is_better && !name.is_empty() {
                    host.name = Some((name, given));
                }
            }
            ("port", Some(host)) => {
                let [protocol, number] = pair(get(&["protocol", "portid"])?);
                host.ports.push(Port { line, number, protocol, state: String::new() });
            }
            ("state", Some(host)) => {
                if let Some(port) = host.ports.last_mut() {
                    port.state = get(&["state"])?.pop().unwrap_or_default();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        if name != "host" {
            return;
        }
        let Some(host) = self.host.take() else { return };
        let address = host.address.unwrap_or_default();
        let name = host.name.map(|(name, _)| name).unwrap_or_default();
        self.entries.extend(host.ports.iter().map(|port| {
            let scanned = Scanned { number: &port.number, state: &port.state, protocol: &port.protocol };
            open_port(port.line, &address, &name, &scanned)
        }));
    }
}

/// The values of some attributes of an element, empty where they are missing.
fn attributes(element: &BytesStart<'_>, wanted: &[&str], line: usize) -> Result<Vec<String>, Mistake> {
    let mut values = vec![String::new(); wanted.len()];
    for (count, attribute) in element.attributes().with_checks(false).enumerate() {
        let attribute = attribute.map_err(|error| Mistake::at(line, format!("this is no XML: {error}")))?;
        if count >= ATTRIBUTES_MAX {
            return Err(Mistake::at(line, format!("this element has more than {ATTRIBUTES_MAX} attributes")));
        }
        if let Some(place) = wanted.iter().position(|name| *name == attribute.key.as_ref()) {
            let value: Cow<'_, str> = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| Mistake::at(line, format!("this is no XML: {error}")))?;
            values[place] = value.into_owned();
        }
    }
    Ok(values)
}

fn pair(values: Vec<String>) -> [String; 2] {
    let mut values = values.into_iter();
    [(); 2].map(|()| values.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_from_nmap_names_its_line() {
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]>\n<nmaprun/>";
        let open = "<nmaprun>\n<host>\n<address addr=\"10.0.0.1\" addrtype=\"ipv4\"/>";
        let unknown = "<nmaprun>\n<host><address addr=\"&b;\"/></host></nmaprun>";
        let deep = format!("<nmaprun>\n{}", "<a>\n".repeat(100));
        for (text, line, say) in [
            (bomb, Some(2), "declares entities"),
            (open, Some(3), "ends before"),
            (unknown, Some(2), "no XML"),
            (deep.as_str(), Some(65), "nested more than"),
            ("<html>\n</html>", Some(1), "not from nmap"),
            ("<nmaprun>\n</x>", Some(2), "no XML"),
            ("<!-- only this -->", None, "no <nmaprun>"),
        ] {
            let mistake = read(text).expect_err(text);
            assert!(mistake.what.contains(say), "{text}: {mistake}");
            assert_eq!(mistake.line, line, "{text}: {mistake}");
        }
    }
}
