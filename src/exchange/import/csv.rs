//! A line of names, then a line for each target: our own columns, and those of spreadsheets and `UptimeRobot`.

use super::found::{Found, Limit, Spot};
use super::text::{Lines, line_of};
use super::{Entry, Mistake, evaluate, go};
use crate::config::duration;
use crate::domain::endpoint::parse_port;
use crate::domain::{Activity, Address, AddressError, Addresses, Expect, Family, Handshake};
use std::time::Duration;

/// What a column is about, with the names that it is found under.
const COLUMNS: [(Column, &[&str]); 21] = [
    (Column::Name, &["name", "friendly name", "title", "display name"]),
    (Column::Host, &["host", "hostname", "url/ip", "url", "ip", "address", "target", "domain", "endpoint"]),
    (Column::Port, &["port"]),
    (Column::Family, &["family"]),
    (Column::Interval, &["interval", "check_interval"]),
    (Column::Timeout, &["timeout"]),
    (Column::RetryInterval, &["retry_interval"]),
    (Column::DownAfter, &["down_after"]),
    (Column::UpAfter, &["up_after"]),
    (Column::DegradedAbove, &["degraded_above"]),
    (Column::Handshake, &["handshake"]),
    (Column::Addresses, &["addresses"]),
    (Column::Expect, &["expect"]),
    (Column::Weight, &["weight"]),
    (Column::Evaluate, &["evaluate"]),
    (Column::Group, &["group", "category", "folder"]),
    (Column::Tags, &["tags", "tag", "labels"]),
    (Column::Note, &["note", "notes", "description", "comment"]),
    (Column::Paused, &["paused"]),
    (Column::Status, &["status", "state"]),
    (Column::Kind, &["type", "kind"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Host,
    Port,
    Family,
    Interval,
    Timeout,
    RetryInterval,
    DownAfter,
    UpAfter,
    DegradedAbove,
    Handshake,
    Addresses,
    Expect,
    Weight,
    Evaluate,
    Group,
    Tags,
    Note,
    Paused,
    Status,
    Kind,
}

/// How many columns are looked at.
const COLUMNS_MAX: usize = 1_000;

/// What separates the cells of a line of names: whatever there is most of.
fn separator(header: &str) -> u8 {
    let count = |mark: u8| header.bytes().filter(|&byte| byte == mark).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|&mark| count(mark)).unwrap_or(b',')
}

fn columns(header: &str, separator: u8) -> Vec<Option<Column>> {
    let cells = header.split(char::from(separator)).take(COLUMNS_MAX);
    let names = cells.map(|cell| cell.trim().trim_matches('"').trim().to_lowercase());
    names
        .map(|name| COLUMNS.iter().find(|(_, known)| known.contains(&name.as_str())).map(|(column, _)| *column))
        .collect()
}

/// Whether a line names the columns of a list of targets.
pub(super) fn is_header(line: &str) -> bool {
    let separator = separator(line);
    let columns = columns(line, separator);
    line.as_bytes().contains(&separator)
        && columns.contains(&Some(Column::Host))
        && columns.iter().flatten().count() > 1
}

/// Reads the rows; one that cannot be watched is left out with a reason. Rows one below the other that have one
/// name and an evaluation are the endpoints of one target.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Mistake> {
    let start = text.len() - text.trim_start().len();
    let header = text[start..].lines().next().unwrap_or_default();
    let first = line_of(text.as_bytes(), start);
    let separator = separator(header);
    let columns = columns(header, separator);
    if !columns.contains(&Some(Column::Host)) {
        return Err(Mistake::at(first, "the first line has to name the columns, with `host` and `port` among them"));
    }
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(&text.as_bytes()[start..]);
    let mut lines = Lines::of(text);
    let mut entries: Vec<Entry> = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| Mistake::whole(format!("this is no CSV: {error}")))?;
        let line = lines.behind(start + row.position().map_or(0, |place| place.byte() as usize));
        let cells = Cells { columns: &columns, row: &row };
        let name = cells.get(Column::Name).or_else(|| cells.get(Column::Host)).unwrap_or_default();
        match cells.read(line) {
            Err(why) => entries.push(Entry::skipped(line, name, why)),
            Ok(found) => join(&mut entries, found),
        }
    }
    Ok(entries)
}

/// Adds a row, to the target of the row before where both are parts of one.
fn join(entries: &mut Vec<Entry>, found: Found) {
    if let Some(Entry::Found(last)) = entries.last_mut()
        && found.name.is_some()
        && found.evaluation.is_some()
        && (&last.name, &last.evaluation) == (&found.name, &found.evaluation)
    {
        last.spots.extend(found.spots);
    } else {
        entries.push(Entry::found(found));
    }
}

struct Cells<'r> {
    columns: &'r [Option<Column>],
    row: &'r ::csv::StringRecord,
}

impl<'r> Cells<'r> {
    /// What a cell says, if it says something.
    fn get(&self, column: Column) -> Option<&'r str> {
        let place = self.columns.iter().position(|other| *other == Some(column))?;
        self.row.get(place).map(str::trim).filter(|cell| !cell.is_empty())
    }

    fn read(&self, line: usize) -> Result<Found, String> {
        if let Some(kind) = self.get(Column::Kind).filter(|kind| !is_tcp(kind)) {
            return Err(format!("its type is {kind}, which is no TCP port"));
        }
        let mut spot = Spot::new(self.address().map_err(|error| error.to_string())?);
        spot.family = self.choice(Column::Family, "family", &FAMILIES)?;
        spot.timeout = self.duration(Column::Timeout, "timeout")?;
        spot.handshake = self.choice(Column::Handshake, "handshake", &HANDSHAKES)?;
        spot.addresses = self.choice(Column::Addresses, "addresses", &ADDRESSES)?;
        spot.expect = self.choice(Column::Expect, "expect", &EXPECTS)?;
        spot.weight = self.number(Column::Weight, "weight")?;
        let limit = match self.get(Column::DegradedAbove) {
            Some(NEVER) => Some(Limit::Never),
            Some(limit) => Some(Limit::Above(duration_of(limit, "degraded_above")?)),
            None => None,
        };
        let group = self.get(Column::Group).map(str::to_owned);
        let tags: Vec<String> = self
            .get(Column::Tags)
            .into_iter()
            .flat_map(str::split_whitespace)
            .map(str::to_owned)
            .chain(group)
            .collect();
        Ok(Found {
            line,
            name: self.get(Column::Name).map(str::to_owned),
            spots: vec![spot],
            evaluation: self.get(Column::Evaluate).map(evaluate::parse_evaluation).transpose()?,
            interval: self.duration(Column::Interval, "interval")?,
            retry_interval: self.duration(Column::RetryInterval, "retry_interval")?,
            down_after: self.number(Column::DownAfter, "down_after")?,
            up_after: self.number(Column::UpAfter, "up_after")?,
            degraded_above: limit,
            note: self.get(Column::Note).map(str::to_owned),
            tags: (!tags.is_empty()).then_some(tags),
            activity: self.activity()?,
            ..Found::default()
        })
    }

    fn address(&self) -> Result<Address, AddressError> {
        let host = self.get(Column::Host).unwrap_or_default();
        match self.get(Column::Port) {
            Some(port) => {
                let host = host.strip_prefix("tcp://").unwrap_or(host);
                Ok(Address { host: host.parse()?, port: parse_port(port)? })
            }
            None => host.parse(),
        }
    }

    fn activity(&self) -> Result<Option<Activity>, String> {
        let paused =
            self.choice(Column::Paused, "paused", &[("true", true), ("false", false), ("yes", true), ("no", false)])?;
        let status = self.get(Column::Status).map(str::to_lowercase);
        let paused = paused.or_else(|| {
            status.filter(|status| matches!(status.as_str(), "paused" | "inactive" | "disabled")).map(|_| true)
        });
        Ok(paused.map(|paused| if paused { Activity::Paused } else { Activity::Watching }))
    }

    fn choice<T: Copy>(&self, column: Column, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, String> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        let found = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(cell));
        let words = || choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.map(|(_, choice)| Some(*choice)).ok_or_else(|| format!("`{cell}` is no {name}: write {}", words()))
    }

    fn number<T: std::str::FromStr>(&self, column: Column, name: &str) -> Result<Option<T>, String> {
        let Some(cell) = self.get(column) else { return Ok(None) };
        cell.parse().map(Some).map_err(|_| format!("`{cell}` is no {name}: write a whole number"))
    }

    fn duration(&self, column: Column, name: &str) -> Result<Option<Duration>, String> {
        self.get(column).map(|cell| duration_of(cell, name)).transpose()
    }
}

/// The word for having no limit of latency.
pub(in crate::exchange) const NEVER: &str = "never";

const FAMILIES: [(&str, Family); 4] =
    [("auto", Family::Auto), ("ipv4", Family::Ipv4), ("ipv6", Family::Ipv6), ("both", Family::Both)];
const HANDSHAKES: [(&str, Handshake); 2] = [("silent", Handshake::Silent), ("full", Handshake::Full)];
const ADDRESSES: [(&str, Addresses); 2] = [("any", Addresses::Any), ("every", Addresses::Every)];
const EXPECTS: [(&str, Expect); 3] = [("open", Expect::Open), ("refused", Expect::Refused), ("closed", Expect::Closed)];

/// A duration with its unit; a bare number is seconds, as other programs write it.
fn duration_of(cell: &str, name: &str) -> Result<Duration, String> {
    let bare = cell.parse::<f64>().ok().and_then(go::seconds);
    let read = bare.or_else(|| duration::parse(cell, &(Duration::ZERO..=Duration::MAX)).ok());
    read.ok_or_else(|| format!("`{cell}` is no {name}: write it with its unit, such as 10s"))
}

fn is_tcp(kind: &str) -> bool {
    ["tcp", "port", "tcp port", "tcp-port"].iter().any(|known| known.eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_many_names() {
        let text = "ID;Type;Status;Friendly Name;URL/IP;Keyword Type;Keyword Value;Port;Interval\r\n\
                    1;Port;Paused;DB;db1;;;5432;300\r\n2;HTTP(s);Up;Web;https://x;;;;300\r\n";
        assert!(is_header(text.lines().next().expect("a line")));
        let entries = read(text).expect("CSV");
        let Entry::Found(found) = &entries[0] else { panic!("{entries:?}") };
        assert_eq!((found.line, found.name.as_deref(), found.activity), (2, Some("DB"), Some(Activity::Paused)));
        assert_eq!(
            (found.spots[0].address.to_string(), found.interval),
            ("db1:5432".to_owned(), Some(Duration::from_mins(5)))
        );
        assert!(matches!(&entries[1], Entry::Skipped(skipped) if skipped.line == 3 && skipped.why.contains("HTTP(s)")));
    }

    #[test]
    fn rows_of_one_name_and_an_evaluation_are_one_target() {
        let text = "name,host,port,evaluate,weight\nr,a,1,quorum,\nr,b,1,quorum,3\nr,c,1,,\n";
        let entries = read(text).expect("CSV");
        let Entry::Found(group) = &entries[0] else { panic!("{entries:?}") };
        assert_eq!((group.spots.len(), group.spots[1].weight.map(u32::from), entries.len()), (2, Some(3), 2));
    }

    #[test]
    fn a_row_that_makes_no_sense_is_left_out_with_a_reason() {
        let text = "host,port,interval,down_after\na,0,,\nb,1,soon,\nc,1,,x\n,,,\nd,1\n";
        let entries = read(text).expect("CSV");
        let told: Vec<(usize, bool)> = entries
            .iter()
            .map(|entry| match entry {
                Entry::Skipped(skipped) => (skipped.line, false),
                Entry::Found(found) => (found.line, true),
            })
            .collect();
        assert_eq!(told, [(2, false), (3, false), (4, false), (5, false), (6, true)]);
        assert_eq!(read("a,b\n1,2\n").expect_err("no columns").line, Some(1));
    }
}
