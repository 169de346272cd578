//! The rounds that a function is tried on: made up, or read from a file.

use crate::evaluate::{Kind, Ping, Status};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest file of results.
const BYTES_MAX: u64 = 16 << 20;

/// The results of one round under a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) name: String,
    pub(super) pings: Vec<Ping>,
}

/// Rounds that a function should have an answer to. Letters as in [`round`].
pub(super) fn made_up() -> Vec<Round> {
    let rounds = [
        ("all open", "ooo"),
        ("one timed out", "oot"),
        ("one refused", "ooe"),
        ("the first refused", "eoo"),
        ("one left", "eto"),
        ("all timed out", "ttt"),
        ("all refused", "eee"),
        ("one is slow", "oos"),
        ("all are slow", "sss"),
        ("open", "o"),
        ("timed out", "t"),
        ("half open", "oooooooooottttteeeee"),
    ];
    rounds.into_iter().map(|(name, letters)| round(name, letters)).collect()
}

/// `o` open after about 10 ms, `s` open after 450, `t` timed out after 1000, `e` refused after 1.
fn round(name: &str, letters: &str) -> Round {
    let ping = |(place, letter)| {
        let (status, latency) = match letter {
            'o' => (Status::Open, 10.0 + place as f64),
            's' => (Status::Open, 450.0),
            't' => (Status::Timeout, 1_000.0),
            _ => (Status::Error, 1.0),
        };
        Ping { status, latency, host: format!("node-{}.example.com", place + 1), port: 6_379, kind: Kind::V4 }
    };
    Round { name: name.to_owned(), pings: letters.chars().enumerate().map(ping).collect() }
}

/// Reads rounds: one array of pings, or an array of such arrays.
///
/// # Errors
/// In words, with the place in the file.
pub(super) fn read(path: &Path) -> Result<Vec<Round>, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(|error| wrong(&error))?;
    let length = file.take(BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| wrong(&error))? as u64;
    if length > BYTES_MAX {
        return Err(wrong(&format_args!("too long: at most {BYTES_MAX} bytes")));
    }
    // Which of the two it is shows at the second bracket; asking for both at once would lose the place of an error.
    let is_many = text.trim_start().strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('['));
    let rounds: Vec<Vec<Ping>> = if is_many {
        serde_json::from_str(&text).map_err(|error| wrong(&error))?
    } else {
        vec![serde_json::from_str(&text).map_err(|error| wrong(&error))?]
    };
    if rounds.iter().all(Vec::is_empty) {
        return Err(wrong(&"no results in it: write [{\"status\": \"open\", \"latency\": 1.5, ...}, ...]"));
    }
    let named = |(place, pings)| Round { name: format!("round {}", place + 1), pings };
    Ok(rounds.into_iter().enumerate().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Round>, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("it is written");
        read(file.path()).map_err(|why| why.replace(&file.path().display().to_string(), "seen.json"))
    }

    #[test]
    fn one_round_and_many_are_read_and_what_is_wrong_has_a_place() {
        let ping = r#"{"status": "open", "latency": 1.5, "host": "::1", "port": 22, "type": "IP6"}"#;
        let one = read_text(&format!("[{ping}]")).expect("a round");
        assert_eq!((one.len(), one[0].pings.len(), one[0].pings[0].kind), (1, 1, Kind::V6));
        let many = read_text(&format!(" [ [{ping}], [{ping}, {ping}] ]")).expect("rounds");
        assert_eq!(
            many.iter().map(|it| (it.name.as_str(), it.pings.len())).collect::<Vec<_>>(),
            [("round 1", 1), ("round 2", 2)]
        );
        let wrong = read_text("[\n{\"status\": \"ajar\"}]").expect_err("no status");
        assert!(wrong.starts_with("seen.json: unknown variant `ajar`") && wrong.contains("line 2 column"), "{wrong}");
        for text in ["", "[]", "[[]]", "{}", "nonsense"] {
            read_text(text).expect_err(text);
        }
    }
}
