//! The rules of the house, read off the sources: layers, sizes, and where clocks and printing may appear.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom. `cli` is the program and may use everything.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("window", &["domain"]),
    ("words", &["domain", "window"]),
    ("evaluate", &["domain"]),
    ("monitor", &["domain", "window", "evaluate"]),
    ("probe", &["domain"]),
    ("script", &["domain", "evaluate"]),
    ("store", &["domain", "window"]),
    ("engine", &["domain", "window", "monitor", "probe", "script", "store", "evaluate"]),
    ("config", &["domain", "evaluate", "monitor"]),
    ("notify", &["domain", "monitor", "engine", "store"]),
    ("link", &["domain", "monitor", "engine", "probe"]),
    ("serve", &["domain", "monitor", "engine", "config"]),
    ("exchange", &["domain", "window", "words", "monitor", "config", "store", "engine"]),
    ("tui", &["domain", "window", "words", "monitor", "engine", "config", "exchange"]),
];

/// A word, the files that may use it (by the start of their path), and what to do instead.
const CONFINED: &[(&str, &[&str], &str)] = &[
    (
        "Instant::now",
        &["src/engine/", "src/probe/", "src/script/", "src/store/", "src/tui/shell/", "src/cli/", "tests/", "benches/"],
        "take the time as an argument",
    ),
    (
        "SystemTime::now",
        &["src/engine/clock.rs", "src/store/", "src/cli/", "tests/", "benches/"],
        "take the time as an argument",
    ),
    ("Utc::now", &["src/cli/", "tests/", "benches/"], "take the time as an argument"),
    ("Local::now", &["src/cli/", "tests/", "benches/"], "take the time as an argument"),
    ("println!", &["src/cli/", "src/main.rs", "tests/", "benches/"], "only the command line prints"),
    ("print!", &["src/cli/", "src/main.rs", "tests/", "benches/"], "only the command line prints"),
    ("eprint!", &["src/cli/", "src/main.rs", "tests/", "benches/"], "only the command line prints"),
    ("io::stdout", &["src/cli/", "src/tui/shell/", "tests/", "benches/"], "the terminal has one owner"),
    ("unbounded", &["tests/tidy.rs"], "every queue has a limit"),
    ("process::exit", &["tests/"], "only main returns an exit code"),
    ("_exit(", &["src/tui/shell/", "tests/"], "only the watchdog of a vanished terminal ends the process"),
    ("todo!", &["tests/tidy.rs"], "finish it"),
    ("unimplemented!", &["tests/tidy.rs"], "finish it"),
    ("#[ignore", &["tests/tidy.rs"], "a test that does not run says why and returns"),
    ("TODO", &["tests/tidy.rs"], "finish it, or write an issue"),
    ("FIXME", &["tests/tidy.rs"], "finish it, or write an issue"),
];

/// Names that say nothing.
const EMPTY_NAMES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "misc", "manager", "types", "service_manager"];

/// Files that are one flat table of data and may be longer than [`FILE_LINES_MAX`].
const TABLES: &[&str] = &[];

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines before the unit tests, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .enumerate()
            .map(|(n, line)| (n + 1, line))
    }

    /// Part of the program: in `src`, and not a module that only tests are built with.
    fn is_product(&self) -> bool {
        let Some((folder, file)) = self.path.rsplit_once('/') else { return false };
        // What lies in the folder of a module of tests belongs to it.
        if folder.ends_with("/tests") {
            return false;
        }
        let declared = format!("#[cfg(test)]\nmod {};", file.trim_end_matches(".rs"));
        let parent = fs::read_to_string(root().join(folder).join("mod.rs")).unwrap_or_default();
        self.path.starts_with("src/") && !parent.contains(&declared)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a directory entry").path()) {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    assert!(!paths.is_empty(), "no sources found");
    paths
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).expect("a readable source"),
            path: path.strip_prefix(root()).expect("inside the package").display().to_string(),
        })
        .collect()
}

fn without_comment(line: &str) -> &str {
    line.find("//").map_or(line, |place| &line[..place])
}

/// Runs a rule over every source and fails with all that it found.
fn hold(rule: impl Fn(&Source, &mut String)) {
    let mut found = String::new();
    for source in sources() {
        rule(&source, &mut found);
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn layers_point_one_way() {
    hold(|source, found| {
        let Some(layer) = source.path.strip_prefix("src/").and_then(|rest| rest.split(['/', '.']).next()) else {
            return;
        };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            assert!(matches!(layer, "cli" | "main" | "lib"), "{}: `{layer}` is no layer of the table", source.path);
            return;
        };
        for (number, line) in source.code() {
            for used in without_comment(line).split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                let known = used == "cli" || LAYERS.iter().any(|(name, _)| *name == used);
                if known && used != layer && !allowed.contains(&used) {
                    writeln!(found, "{}:{number}: `{layer}` may not use `{used}`", source.path).expect("a string");
                }
            }
        }
    });
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    hold(|source, found| {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            writeln!(found, "{}:1: open with one `//!` sentence", source.path).expect("a string");
        }
        let lines = source.text.lines().count();
        if lines > FILE_LINES_MAX && !TABLES.contains(&source.path.as_str()) {
            writeln!(found, "{}: {lines} lines, at most {FILE_LINES_MAX}", source.path).expect("a string");
        }
        let name = Path::new(&source.path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if EMPTY_NAMES.contains(&name) {
            writeln!(found, "{}: `{name}` says nothing", source.path).expect("a string");
        }
    });
}

#[test]
fn functions_fit_on_a_screen() {
    hold(|source, found| {
        let lines: Vec<&str> = source.text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let body = line.trim_start();
            let opens = body.starts_with("fn ") || (body.contains(" fn ") && !body.starts_with("//"));
            if !opens || body.ends_with(';') {
                continue;
            }
            let indent = &line[..line.len() - body.len()];
            let end = lines[start..].iter().position(|l| *l == format!("{indent}}}")).unwrap_or(0);
            if end + 1 > FUNCTION_LINES_MAX {
                writeln!(found, "{}:{}: {} lines, at most {FUNCTION_LINES_MAX}", source.path, start + 1, end + 1)
                    .expect("a string");
            }
        }
    });
}

#[test]
fn clocks_terminals_and_printing_stay_where_they_belong() {
    hold(|source, found| {
        for (number, line) in source.text.lines().enumerate() {
            for (word, places, instead) in CONFINED {
                let marks = ["TODO", "FIXME"].contains(word);
                let searched = if marks { line } else { without_comment(line) };
                let hit = searched
                    .match_indices(word)
                    .any(|(place, _)| !searched[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
                if hit && source.path != "tests/tidy.rs" && !places.iter().any(|place| source.path.starts_with(place)) {
                    writeln!(found, "{}:{}: `{word}`: {instead}", source.path, number + 1).expect("a string");
                }
            }
        }
    });
}

#[test]
fn nothing_panics_on_purpose_outside_tests() {
    hold(|source, found| {
        if !source.is_product() {
            return;
        }
        for (number, line) in source.code() {
            let line = without_comment(line);
            for word in [".unwrap()", ".expect(", "panic!(", "unreachable!("] {
                if line.contains(word) {
                    writeln!(found, "{}:{number}: `{word}` outside tests", source.path).expect("a string");
                }
            }
            if line.contains("#[allow(") && !line.contains("reason") {
                writeln!(found, "{}:{number}: `allow` without a reason", source.path).expect("a string");
            }
        }
    });
}

#[test]
fn no_file_names_a_directory_of_the_machine_it_was_written_on() {
    let mut found = String::new();
    let listed = std::process::Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Ok(listed) = listed else { return };
    for path in String::from_utf8_lossy(&listed.stdout).lines() {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line.contains(env!("CARGO_MANIFEST_DIR")) {
                writeln!(found, "{path}:{}: a path of this machine", number + 1).expect("a string");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}
