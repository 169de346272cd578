//! What a child process did to its files, call by call, as strace wrote it down.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The calls that change files, their names, or what of both is safe.
const CALLS: &str = "trace=openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink";

/// A system call that matters to what is on disk.
#[derive(Clone, Debug)]
pub enum Call {
    /// A file was opened, and perhaps created or emptied.
    Open {
        path: PathBuf,
        creates: bool,
        empties: bool,
    },
    /// Bytes were written, at a place or behind what was written before.
    Write {
        descriptor: u32,
        path: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    Truncate {
        path: PathBuf,
        length: u64,
    },
    /// A file, or the names in a directory, were brought to the disk.
    Sync {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Unlink {
        path: PathBuf,
    },
}

/// A call began or ended; between the two, calls of other threads may stand.
#[derive(Clone, Debug)]
pub enum Event {
    Begin(usize, Call),
    /// With what it returned.
    End(usize, i64),
}

/// Runs a command, perhaps with a fault that strace knows, and writes down what it does, up to its end.
pub fn record(command: &[String], variables: &[(&str, &str)], fault: Option<&str>, log: &Path) -> Vec<Event> {
    let done = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "100000000", "-e", CALLS, "-e", "signal=none"])
        .args(fault.into_iter().flat_map(|fault| ["-e", fault]))
        .arg("-o")
        .arg(log)
        .args(command)
        .envs(variables.iter().copied())
        .output()
        .expect("strace");
    let events = read(&std::fs::read_to_string(log).expect("a log"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(events.len() > 100, "it did little: {said}");
    events
}

fn read(log: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let mut unfinished: HashMap<&str, Option<usize>> = HashMap::new();
    for (number, line) in log.lines().enumerate() {
        let (thread, rest) = line.split_once(' ').expect("a thread");
        let rest = rest.trim_start();
        if rest.starts_with("<... ") {
            if let Some(begun) = unfinished.remove(thread).flatten() {
                events.push(Event::End(begun, returned(rest)));
            }
            continue;
        }
        let call = read_call(rest);
        let is_known = call.is_some();
        events.extend(call.map(|call| Event::Begin(number, call)));
        if rest.ends_with("<unfinished ...>") {
            unfinished.insert(thread, is_known.then_some(number));
        } else if is_known {
            events.push(Event::End(number, returned(rest)));
        }
    }
    events
}

fn returned(line: &str) -> i64 {
    let value = line.rsplit_once(" = ").map_or("", |(_, value)| value);
    let digits = value.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(value.len());
    // A call that the end of the process cut short returns nothing.
    value[..digits].parse().unwrap_or(-1)
}

fn read_call(line: &str) -> Option<Call> {
    let (name, arguments) = line.split_once('(')?;
    let mut texts = arguments.split('"').skip(1).step_by(2).map(unhex);
    let mut path = || texts.next().map(|text| as_path(&text));
    let of_descriptor = || {
        let (number, rest) = arguments.split_once('<')?;
        Some((number.parse::<u32>().ok()?, as_path(&unhex(rest.split_once('>')?.0))))
    };
    let last_number = || {
        let end = arguments.rsplit_once('"').map_or(arguments, |(_, end)| end);
        let end = end.split(" <unfinished").next()?.rsplit_once(')').map_or(end, |(inside, _)| inside);
        end.trim_end_matches(" <unfinished ...>").rsplit(", ").next()?.trim().parse::<u64>().ok()
    };
    Some(match name {
        "openat" => Call::Open { path: path()?, creates: line.contains("O_CREAT"), empties: line.contains("O_TRUNC") },
        "write" | "pwrite64" => {
            let (descriptor, path) = of_descriptor()?;
            let at = if name == "write" { None } else { Some(last_number()?) };
            Call::Write { descriptor, path, at, bytes: texts.next()? }
        }
        "ftruncate" => Call::Truncate { path: of_descriptor()?.1, length: last_number()? },
        "fsync" | "fdatasync" => Call::Sync { path: of_descriptor()?.1 },
        "rename" => Call::Rename { from: path()?, to: path()? },
        "unlink" => Call::Unlink { path: path()? },
        _ => return None,
    })
}

/// `\x2f\x74` as bytes.
fn unhex(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).filter_map(|digits| u8::from_str_radix(digits.get(..2)?, 16).ok()).collect()
}

fn as_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
