//! The language of demo.tape (that of charmbracelet/vhs), as far as the tape uses it.

use std::time::Duration;

/// One line of a tape that does something.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Types bytes, some of them keys.
    Type(Vec<u8>),
    /// Lets time pass.
    Sleep(Duration),
    /// Waits until the screen shows a text.
    WaitForScreen(String),
    /// Waits until the line of the cursor ends with a text.
    WaitForLine(String),
    /// Takes a picture under this path.
    Screenshot(String),
}

/// Reads a tape; each step comes with the number of its line.
///
/// # Panics
/// If there is a line that is not understood: a tape is a test, too.
pub fn parse(tape: &str) -> Vec<(usize, Step)> {
    let mut steps = Vec::new();
    for (place, line) in tape.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (word, detail) = word.split_once(['@', '+']).map_or((word, ""), |(word, detail)| (word, detail));
        let step = match word {
            "Output" | "Set" | "Env" | "Require" | "Hide" | "Show" => continue,
            "Type" => Step::Type(unquote(rest).as_bytes().to_vec()),
            "Sleep" => Step::Sleep(humantime::parse_duration(rest).expect("a duration")),
            "Wait" if detail.starts_with("Screen") => Step::WaitForScreen(literal(rest)),
            "Wait" => Step::WaitForLine(literal(rest)),
            "Screenshot" => Step::Screenshot(rest.to_owned()),
            "Ctrl" => Step::Type(vec![detail.as_bytes()[0].to_ascii_uppercase() & 0x1f]),
            key => {
                Step::Type(bytes_of(key).unwrap_or_else(|| panic!("line {}: {line}", place + 1)).repeat(count(rest)))
            }
        };
        steps.push((place + 1, step));
    }
    steps
}

fn count(text: &str) -> usize {
    if text.is_empty() { 1 } else { text.parse().expect("a count") }
}

fn unquote(text: &str) -> &str {
    let quote = text.chars().next().expect("a text");
    text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).expect("a text in quotes")
}

/// The text that a plain expression stands for: its escapes and its anchor taken off.
fn literal(text: &str) -> String {
    let text = text.strip_prefix('/').and_then(|text| text.strip_suffix('/')).expect("an expression in slashes");
    let text = text.strip_suffix('$').filter(|text| !text.ends_with('\\')).unwrap_or(text);
    assert!(!text.contains(['*', '+', '(', '[', '^']), "only literals are understood: {text}");
    text.replace('\\', "")
}

fn bytes_of(key: &str) -> Option<&'static [u8]> {
    Some(match key {
        "Enter" => b"\r",
        "Tab" => b"\t",
        "Space" => b" ",
        "Escape" => b"\x1b",
        "Backspace" => b"\x7f",
        "Up" => b"\x1b[A",
        "Down" => b"\x1b[B",
        "Right" => b"\x1b[C",
        "Left" => b"\x1b[D",
        "PageUp" => b"\x1b[5~",
        "PageDown" => b"\x1b[6~",
        _ => return None,
    })
}
