//! What can be written behind `:`, in one table: what runs it, what completes it and what explains it.

use super::action::Action;
use super::model::targets::Column;
use super::model::{View, Window};
use super::standing::Standing;
use super::theme::Theme;

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Add,
    Edit,
    Delete,
    Pause,
    Resume,
    Check,
    Every,
    Timeout,
    Fails,
    Tag,
    Maintenance,
    Filter,
    Sort,
    At,
    Window,
    View,
    Theme,
    Ascii,
    Utc,
    Bell,
    Mouse,
    Note,
    NoteAll,
    Report,
    Export,
    BackUp,
    ReadOnly,
    Keys,
    Quit,
    QuitNow,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct CommandSpec {
    /// Which command.
    pub verb: Verb,
    /// Its name.
    pub name: &'static str,
    /// What may stand behind it.
    pub arguments: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The action that a key does the same with.
    pub action: Option<Action>,
}

const fn row(
    verb: Verb,
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    action: Option<Action>,
) -> CommandSpec {
    CommandSpec { verb, name, arguments, help, action }
}

/// The table.
#[rustfmt::skip]
pub const COMMANDS: &[CommandSpec] = &[
    row(Verb::Add, "add", "host:port [name] [#tag]", "add targets", Some(Action::Add)),
    row(Verb::Edit, "edit", "", "edit the selected target", Some(Action::Edit)),
    row(Verb::Delete, "delete", "", "delete the selected or marked targets", Some(Action::Delete)),
    row(Verb::Pause, "pause", "", "pause the selected or marked targets", Some(Action::Pause)),
    row(Verb::Resume, "resume", "", "resume the selected or marked targets", Some(Action::Pause)),
    row(Verb::Check, "check", "host:port", "instant check, nothing saved", Some(Action::Instant)),
    row(Verb::Every, "every", "10s", "interval of the selected or marked targets", None),
    row(Verb::Timeout, "timeout", "3s", "timeout of the selected or marked targets", None),
    row(Verb::Fails, "fails", "3", "failures in a row that make them DOWN", None),
    row(Verb::Tag, "tag", "+db -old", "put on and take off tags", None),
    row(Verb::Maintenance, "maintenance", "30m|end [title]", "or 02:00 to 03:30; checks go on, no alarm", Some(Action::Maintenance)),
    row(Verb::Note, "note", "[@02:14] words", "write a note on the timeline", None),
    row(Verb::NoteAll, "note!", "[@02:14] words", "the same on that of all targets", None),
    row(Verb::Report, "report", "[from [to]] [file]", "write a post-mortem (Markdown)", None),
    row(Verb::Export, "export", "[what] [1h] file.csv", "what is shown, as rows (.csv, .json)", None),
    row(Verb::BackUp, "backup", "file", "copy the whole history into a new file", None),
    row(Verb::Filter, "filter", "words", "show only what matches", Some(Action::Filter)),
    row(Verb::Sort, "sort", "column", "order by a column", Some(Action::Sort)),
    row(Verb::At, "at", "02:14", "all as it was: yesterday 02:14, -2h, now", Some(Action::StepBack)),
    row(Verb::Window, "window", "1h|24h|7d|31d", "how far charts and strips look back", Some(Action::Window)),
    row(Verb::View, "view", "name", "go to a view", None),
    row(Verb::Theme, "theme", "name", "colours", Some(Action::Theme)),
    row(Verb::Ascii, "ascii", "", "ASCII or Unicode", None),
    row(Verb::Utc, "utc", "", "UTC or local time", None),
    row(Verb::Bell, "bell", "on|off", "ring when a target goes down", Some(Action::Bell)),
    row(Verb::Mouse, "mouse", "on|off", "capture the mouse", Some(Action::Mouse)),
    row(Verb::ReadOnly, "readonly", "", "refuse or allow changes", None),
    row(Verb::Keys, "keys", "", "every key as it is bound now", Some(Action::Help)),
    row(Verb::Quit, "q", "", "quit (asks)", Some(Action::Quit)),
    row(Verb::QuitNow, "q!", "", "quit at once", None),
];

/// The command of that name; a beginning that only one command has will do.
pub fn named(name: &str) -> Option<&'static CommandSpec> {
    let exact = COMMANDS.iter().find(|spec| spec.name == name);
    exact.or_else(|| {
        let mut starting = COMMANDS.iter().filter(|spec| spec.name.starts_with(name) && !name.is_empty());
        starting.next().filter(|_| starting.next().is_none())
    })
}

/// The name that looks most like what was written.
pub fn nearest(name: &str) -> &'static str {
    let names = COMMANDS.iter().map(|spec| spec.name);
    names.min_by_key(|known| strsim::damerau_levenshtein(known, name)).unwrap_or_default()
}

/// The commands that a line can still become.
pub fn matching(line: &str) -> impl Iterator<Item = &'static CommandSpec> {
    let word = line.split_whitespace().next().unwrap_or_default();
    let is_closed = line.trim_start().contains(' ');
    COMMANDS.iter().filter(move |spec| if is_closed { spec.name == word } else { spec.name.starts_with(word) })
}

/// Whole lines that complete the line, in order.
pub fn complete<'a>(line: &str, tags: impl Iterator<Item = &'a str>) -> Vec<String> {
    let line = line.trim_start();
    let Some((name, rest)) = line.split_once(' ') else {
        return matching(line).map(|spec| spec.name.to_owned()).collect();
    };
    let Some(spec) = named(name) else { return Vec::new() };
    let last = rest.rsplit(' ').next().unwrap_or_default();
    let before = &line[..line.len() - last.len()];
    let words: Vec<String> = match spec.verb {
        Verb::Sort => Column::ALL.iter().map(|column| column.name().to_owned()).collect(),
        Verb::Window => Window::ALL.iter().map(|window| window.name().to_owned()).collect(),
        Verb::View => View::ALL.iter().map(|view| view.name().to_owned()).collect(),
        Verb::Theme => Theme::ALL.iter().map(|theme| theme.name().to_owned()).collect(),
        Verb::At => ["now", "-10m", "-1h", "-1d", "today", "yesterday"].map(str::to_owned).to_vec(),
        Verb::Bell | Verb::Mouse => vec!["on".to_owned(), "off".to_owned()],
        Verb::Export => ["checks", "outages", "summary", "stop"].map(str::to_owned).to_vec(),
        Verb::Every => ["5s", "10s", "30s", "1m", "5m"].map(str::to_owned).to_vec(),
        Verb::Timeout => ["1s", "3s", "10s"].map(str::to_owned).to_vec(),
        Verb::Maintenance => ["30m", "1h", "2h", "until", "end"].map(str::to_owned).to_vec(),
        Verb::Filter => Standing::ALL
            .iter()
            .map(|standing| format!("state:{}", standing.name()))
            .chain(["tag:", "port:", "host:", "name:", "reason:"].map(str::to_owned))
            .collect(),
        Verb::Tag => tags.flat_map(|tag| [format!("+{tag}"), format!("-{tag}")]).collect(),
        _ => Vec::new(),
    };
    let fitting = words.into_iter().filter(|word| word.starts_with(last) && word != last);
    fitting.map(|word| format!("{before}{word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_so_are_arguments() {
        let none = || std::iter::empty();
        assert_eq!(complete("th", none()), ["theme"]);
        assert_eq!(complete("theme ", none()), ["theme ansi", "theme cb", "theme mono", "theme true"]);
        assert_eq!(complete("sort la", none()), ["sort latency"]);
        assert_eq!(complete("filter db state:d", none()), ["filter db state:down"]);
        assert_eq!(complete("tag +", ["db", "prod"].into_iter()), ["tag +db", "tag +prod"]);
        assert!(complete("nonsense x", none()).is_empty());
    }

    #[test]
    fn a_beginning_will_do_where_only_one_command_has_it() {
        assert_eq!(named("del").map(|spec| spec.verb), Some(Verb::Delete));
        assert_eq!(named("q").map(|spec| spec.verb), Some(Verb::Quit));
        assert!(named("t").is_none() && named("").is_none());
        assert_eq!(nearest("thmee"), "theme");
    }
}
