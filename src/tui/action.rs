//! Everything that a key can do, in one table: the keymap, the footer, the help and the README are made from it.

use super::model::View;

/// Something that a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Down,
    Up,
    First,
    Last,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    NextProblem,
    PreviousProblem,
    Open,
    Back,
    Leave,
    Repeat,
    Keep,
    ClearHistory,
    Add,
    Edit,
    Delete,
    Undo,
    Pause,
    Maintenance,
    CheckNow,
    CheckProblems,
    Instant,
    Mute,
    Copy,
    CopySummary,
    Note,
    RemoveNote,
    OpenTarget,
    Filter,
    Sort,
    Reverse,
    Mark,
    MarkAll,
    Command,
    ShowTargets,
    ShowOutages,
    ShowChecks,
    ShowEvents,
    Window,
    StepBack,
    StepForward,
    NextEndpoint,
    PreviousEndpoint,
    PreviousChange,
    NextChange,
    CursorLeft,
    CursorRight,
    MarkTime,
    ZoomIn,
    Scale,
    NextPane,
    PreviousPane,
    Zoom,
    Freeze,
    Theme,
    Mouse,
    Bell,
    Help,
    Repaint,
    Suspend,
    Interrupt,
    Quit,
}

/// Under which heading the help lists an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Where the selection goes.
    Move,
    /// What happens to targets.
    Targets,
    /// Finding and naming.
    Find,
    /// Instant checks.
    Instant,
    /// The time that is shown.
    Time,
    /// What is on the screen.
    View,
}

/// A word for the footer of one view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// In which view.
    pub view: View,
    /// What the key does there, in a word or two.
    pub word: &'static str,
    /// Left out on screens with fewer columns than this.
    pub columns: u16,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionSpec {
    /// What it is.
    pub action: Action,
    /// In which views it can be called.
    pub views: &'static [View],
    /// Its name in `[keys]`.
    pub name: &'static str,
    /// What it does, for the help and the README; empty where the row above speaks for both.
    pub help: &'static str,
    /// Where the help lists it.
    pub group: Group,
    /// Its keys unless `[keys]` says otherwise.
    pub keys: &'static [&'static str],
    /// Where the footer mentions it.
    pub hints: &'static [Hint],
}

const fn row(
    action: Action,
    views: &'static [View],
    name: &'static str,
    help: &'static str,
    group: Group,
    keys: &'static [&'static str],
    hints: &'static [Hint],
) -> ActionSpec {
    ActionSpec { action, views, name, help, group, keys, hints }
}

const fn hint(view: View, word: &'static str, columns: u16) -> Hint {
    Hint { view, word, columns }
}

const ANY: &[View] = &View::ALL;
const TARGET: &[View] = &[View::Targets, View::Detail];
const NOT_CHECKS: &[View] = &[View::Targets, View::Detail, View::Outages, View::Outage, View::Events];
const PANES: &[View] = &[View::Targets, View::Checks, View::Detail, View::Outage];
const COPIES: &[View] = &[View::Targets, View::Detail, View::Outages, View::Outage, View::Checks];
const WORKS: &[View] = &[View::Targets, View::Detail, View::Outages, View::Outage];
const OF_OUTAGES: &[View] = &[View::Outages, View::Outage];
const NOTES: &[View] = &[View::Outage, View::Events];
const TARGETS: &[View] = &[View::Targets];
const DETAIL: &[View] = &[View::Detail];
const CHECKS: &[View] = &[View::Checks];
const SPANS: &[View] = &[View::Targets, View::Detail, View::Outages];
/// Where time can be stepped through.
const STEPS: &[View] = &[View::Targets, View::Detail];
const CHART: &[View] = &[View::Chart];
const OPENS: &[View] = &[View::Targets, View::Outages, View::Outage, View::Events, View::Checks, View::OutagesOfTarget];
const LISTS: &[View] = &[View::Targets, View::Outages];
const FILTERS: &[View] = &[View::Targets, View::Outages, View::Events];

use Action as A;
use Group::{Find, Instant, Move, Targets, Time};
use View::{Chart, Checks, Detail, Events, Outage, Outages, OutagesOfTarget};
const T: View = View::Targets;
const V: Group = Group::View;

/// The table. The order is that of the footer and, within a group, of the help.
#[rustfmt::skip]
pub const ACTIONS: &[ActionSpec] = &[
    row(A::Open, OPENS, "open", "open target", V, &["enter", "l", "right"],
        &[hint(T, "detail", 0), hint(Outages, "open", 0), hint(Outage, "target", 0), hint(Events, "open target", 0), hint(OutagesOfTarget, "zoom to it", 0)]),
    row(A::OpenTarget, OF_OUTAGES, "open-target", "", V, &["d"], &[hint(Outages, "target", 0)]),
    row(A::Back, ANY, "back", "close, back", V, &["esc"],
        &[hint(Detail, "back", 0), hint(Outages, "back", 0), hint(Outage, "back", 0), hint(Events, "back", 0), hint(Checks, "back", 0),
            hint(Chart, "out", 0), hint(OutagesOfTarget, "out", 0)]),
    row(A::ZoomIn, CHART, "zoom-in", "zoom in, mark", Time, &["enter"], &[hint(Chart, "zoom", 0)]),
    row(A::MarkTime, CHART, "mark-time", "", Time, &["space"], &[hint(Chart, "mark", 0)]),
    row(A::CursorLeft, CHART, "cursor-left", "read the chart", Time, &["h", "left"], &[hint(Chart, "read", 0)]),
    row(A::CursorRight, CHART, "cursor-right", "", Time, &["l", "right"], &[]),
    row(A::Leave, ANY, "leave", "back", V, &["h", "left"], &[]),
    row(A::Down, ANY, "down", "down, up", Move, &["j", "down"], &[hint(Detail, "next target", 0), hint(OutagesOfTarget, "next", 0)]),
    row(A::Up, ANY, "up", "", Move, &["k", "up"], &[]),
    row(A::First, ANY, "first", "first, last", Move, &["g", "home"], &[]),
    row(A::Last, ANY, "last", "", Move, &["G", "end"], &[]),
    row(A::HalfPageDown, ANY, "half-page-down", "half a page", Move, &["^d"], &[]),
    row(A::HalfPageUp, ANY, "half-page-up", "", Move, &["^u"], &[]),
    row(A::PageDown, ANY, "page-down", "a page", Move, &["pgdn", "^f"], &[]),
    row(A::PageUp, ANY, "page-up", "", Move, &["pgup", "^b"], &[]),
    row(A::NextProblem, TARGET, "next-problem", "next problem", Move, &["n"], &[]),
    row(A::PreviousProblem, TARGET, "previous-problem", "", Move, &["N"], &[]),
    row(A::Repeat, CHECKS, "repeat", "check again", Instant, &["r"], &[hint(Checks, "repeat", 0)]),
    row(A::Keep, CHECKS, "keep", "keep as target", Instant, &["a"], &[hint(Checks, "add as target", 0)]),
    row(A::ClearHistory, CHECKS, "clear-history", "clear (asks)", Instant, &["x"], &[]),
    row(A::Add, NOT_CHECKS, "add", "add targets", Targets, &["a"], &[hint(T, "add", 0)]),
    row(A::Edit, TARGET, "edit", "edit", Targets, &["e"], &[hint(T, "edit", 100), hint(Detail, "edit", 100)]),
    row(A::Delete, TARGET, "delete", "delete (asks)", Targets, &["d"], &[hint(T, "delete", 100)]),
    row(A::Undo, NOT_CHECKS, "undo", "undo last change", Targets, &["u"], &[hint(T, "undo", 160)]),
    row(A::Pause, TARGET, "pause", "pause, resume", Targets, &["p"], &[hint(T, "pause", 100), hint(Detail, "pause", 100)]),
    row(A::Maintenance, WORKS, "maintenance", "maintenance 30m", Targets, &["w"],
        &[hint(T, "maintenance", 160), hint(Detail, "maintenance", 160), hint(Outages, "maintenance", 100), hint(Outage, "maintenance", 100)]),
    row(A::CheckNow, TARGET, "check-now", "check, all not up", Targets, &["c"], &[hint(T, "check now", 100), hint(Detail, "check", 0)]),
    row(A::CheckProblems, TARGET, "check-problems", "", Targets, &["R"], &[]),
    row(A::Instant, NOT_CHECKS, "instant-check", "any host:port", Instant, &["i"], &[hint(T, "check", 0)]),
    row(A::Mute, TARGET, "mute", "mute its bell", Targets, &["m"], &[]),
    row(A::NextEndpoint, DETAIL, "next-endpoint", "its endpoints", Targets, &["}"], &[]),
    row(A::PreviousEndpoint, DETAIL, "previous-endpoint", "", Targets, &["{"], &[]),
    row(A::Filter, FILTERS, "filter", "filter, !x not", Find, &["/"], &[hint(T, "filter", 0), hint(Outages, "filter", 0), hint(Events, "filter", 0)]),
    row(A::Sort, LISTS, "sort", "sort, reverse", Find, &["s"], &[hint(T, "sort", 0), hint(Outages, "sort", 0)]),
    row(A::Reverse, LISTS, "reverse", "", Find, &["S"], &[]),
    row(A::Mark, TARGETS, "mark", "mark, mark all", Find, &["space"], &[]),
    row(A::MarkAll, TARGETS, "mark-all", "", Find, &["*"], &[]),
    row(A::Window, SPANS, "window", "1h to 31d, log", Time, &["t"],
        &[hint(T, "window", 100), hint(Detail, "window", 0), hint(Outages, "window", 0)]),
    row(A::Scale, DETAIL, "scale", "", Time, &["L"], &[hint(Detail, "scale", 100), hint(Chart, "scale", 100)]),
    row(A::StepBack, STEPS, "step-back", "steps, changes", Time, &["["], &[hint(Detail, "earlier", 0), hint(Chart, "earlier", 0)]),
    row(A::StepForward, STEPS, "step-forward", "", Time, &["]"], &[]),
    row(A::PreviousChange, TARGETS, "previous-change", "", Time, &["{"], &[]),
    row(A::NextChange, TARGETS, "next-change", "", Time, &["}"], &[]),
    row(A::Copy, COPIES, "copy", "copy, in words", Targets, &["y"], &[hint(Detail, "copy", 100), hint(Checks, "copy", 0)]),
    row(A::CopySummary, TARGET, "copy-summary", "", Targets, &["Y"], &[]),
    row(A::Note, TARGET, "note", "notes, take back", Targets, &["o"], &[]),
    row(A::RemoveNote, NOTES, "remove-note", "", Targets, &["x"], &[hint(Outage, "remove note", 100), hint(Events, "remove note", 100)]),
    row(A::NextPane, PANES, "next-pane", "pane, field", V, &["tab"], &[hint(T, "pane", 160), hint(Outage, "section", 0), hint(Detail, "chart", 0), hint(Chart, "outages", 0), hint(OutagesOfTarget, "target", 0)]),
    row(A::PreviousPane, PANES, "previous-pane", "", V, &["shift-tab"], &[]),
    row(A::Zoom, ANY, "zoom", "zoom", V, &["z"], &[hint(T, "zoom", 160), hint(Chart, "whole", 0), hint(OutagesOfTarget, "whole", 0)]),
    row(A::Freeze, ANY, "freeze", "freeze", V, &["f"], &[hint(T, "freeze", 160)]),
    row(A::Command, ANY, "command", "command", Find, &[":"], &[hint(T, "cmd", 0), hint(Outages, "report", 100), hint(Outage, "note, report", 0)]),
    row(A::Help, ANY, "help", "every key", V, &["?"],
        &[hint(T, "help", 0), hint(Detail, "help", 0), hint(Outages, "help", 0), hint(Outage, "help", 0), hint(Events, "help", 0), hint(Checks, "help", 0),
            hint(Chart, "help", 0), hint(OutagesOfTarget, "help", 0)]),
    row(A::Quit, ANY, "quit", "close, quit", V, &["q"], &[hint(T, "quit", 160)]),
    row(A::ShowTargets, ANY, "show-targets", "the views", V, &["1"], &[]),
    row(A::ShowOutages, ANY, "show-outages", "", V, &["2"], &[]),
    row(A::ShowChecks, ANY, "show-checks", "", V, &["3"], &[]),
    row(A::ShowEvents, ANY, "show-events", "", V, &["4"], &[]),
    row(A::Theme, ANY, "theme", "next theme", V, &["T"], &[]),
    row(A::Mouse, ANY, "mouse", "mouse", V, &["M"], &[]),
    row(A::Bell, ANY, "bell", "bell", V, &["b"], &[]),
    row(A::Repaint, ANY, "repaint", "draw again", V, &["^l"], &[]),
    row(A::Suspend, ANY, "suspend", "suspend", V, &["^z"], &[]),
    row(A::Interrupt, ANY, "interrupt", "stop, quit", V, &["^c"], &[hint(Checks, "stop", 0)]),
];

/// Actions that the help shows in one line: the first says what all of them do.
pub fn lines() -> impl Iterator<Item = &'static [ActionSpec]> {
    ACTIONS.chunk_by(|_, next| next.help.is_empty())
}

impl Action {
    /// The row of the table.
    pub fn spec(self) -> Option<&'static ActionSpec> {
        ACTIONS.iter().find(|spec| spec.action == self)
    }

    /// Whether it changes or checks something, which nobody can do in the past.
    pub const fn is_of_the_present(self) -> bool {
        matches!(
            self,
            Self::Add
                | Self::Edit
                | Self::Delete
                | Self::Undo
                | Self::Pause
                | Self::Maintenance
                | Self::CheckNow
                | Self::CheckProblems
                | Self::RemoveNote
        )
    }
}

impl Group {
    /// Every group in the order of the help.
    pub const ALL: [Self; 6] = [Self::Move, Self::Find, Self::Targets, Self::Time, Self::Instant, Self::View];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "MOVE",
            Self::Targets => "TARGETS",
            Self::Find => "FIND AND COMMAND",
            Self::Instant => "INSTANT CHECK",
            Self::Time => "TIME",
            Self::View => "VIEW",
        }
    }
}
