//! What goes out of portpulse: rows for other programs, as CSV or as JSON, and reports for people.

mod check;
pub mod export;
pub mod file;
pub mod import;
mod markdown;
mod outage;
pub mod report;
mod summary;
pub mod targets;
pub mod words;

pub use check::CheckRow;
pub use outage::OutageRow;
pub use summary::SummaryRow;

use serde::Serialize;
use std::io::{self, Write};
use std::time::Duration;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of names, then a line for each row (RFC 4180, with line feeds).
    Csv,
    /// An object on a line of its own for each row.
    Json,
}

impl Format {
    /// What people call them.
    pub const NAMES: [(&'static str, Self); 2] = [("csv", Self::Csv), ("json", Self::Json)];
}

/// One kind of row. The names of the columns are promised: new ones come at the end.
pub trait Row: Serialize {
    /// The names of its columns, in their order.
    const COLUMNS: &'static [&'static str];
}

/// Writes rows of one kind, as they come.
#[derive(Debug)]
pub enum Writer<W: Write> {
    /// Through a buffer of its own.
    Csv(Box<csv::Writer<W>>),
    /// Straight through.
    Json(W),
}

impl<W: Write> Writer<W> {
    /// Begins, for CSV with the line of names.
    pub fn begin<R: Row>(format: Format, out: W) -> io::Result<Self> {
        Ok(match format {
            Format::Json => Self::Json(out),
            Format::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(out);
                csv.write_record(R::COLUMNS).map_err(plain)?;
                Self::Csv(Box::new(csv))
            }
        })
    }

    /// Writes a row.
    pub fn write<R: Row>(&mut self, row: &R) -> io::Result<()> {
        match self {
            Self::Csv(csv) => csv.serialize(row).map_err(plain),
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
        }
    }

    /// Brings everything out.
    pub fn finish(mut self) -> io::Result<()> {
        match &mut self {
            Self::Csv(csv) => csv.flush(),
            Self::Json(out) => out.flush(),
        }
    }
}

/// What the system said, so that a reader who has gone is still known for one.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("a row cannot be written: {other:?}")),
    }
}

/// Milliseconds, exact to the microsecond.
pub fn millis(duration: Duration) -> f64 {
    ((duration.as_nanos() + 500) / 1_000) as f64 / 1_000.0
}

/// Seconds, exact to the millisecond.
fn seconds(duration: Duration) -> f64 {
    duration.as_millis() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the columns are the names of the fields, so that both formats say the same.
    pub(super) fn assert_columns<R: Row>(row: &R) {
        let mut names: Vec<String> = Vec::new();
        let text = serde_json::to_string(row).expect("JSON");
        for part in text.trim_matches(['{', '}']).split(",\"") {
            names.push(part.trim_start_matches('"').split('"').next().unwrap_or_default().to_owned());
        }
        assert_eq!(names, R::COLUMNS);
    }

    #[derive(Serialize)]
    struct Pair {
        name: &'static str,
        count: Option<u32>,
    }

    impl Row for Pair {
        const COLUMNS: &'static [&'static str] = &["name", "count"];
    }

    fn written(format: Format, rows: &[Pair]) -> String {
        let mut out = Vec::new();
        let mut writer = Writer::begin::<Pair>(format, &mut out).expect("a beginning");
        for row in rows {
            writer.write(row).expect("a row");
        }
        writer.finish().expect("an end");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn both_formats_say_the_same() {
        let rows = [Pair { name: "a, \"b\"", count: Some(1) }, Pair { name: "c", count: None }];
        assert_eq!(written(Format::Csv, &rows), "name,count\n\"a, \"\"b\"\"\",1\nc,\n");
        let json = "{\"name\":\"a, \\\"b\\\"\",\"count\":1}\n{\"name\":\"c\",\"count\":null}\n";
        assert_eq!(written(Format::Json, &rows), json);
        assert_eq!(written(Format::Csv, &[]), "name,count\n", "the names are there without rows, too");
    }
}
