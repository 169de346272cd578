//! The state of the instant checks.

use super::{List, Model};
use crate::domain::{AdHoc, Wall};
use crate::monitor::snapshot::Finished;
use std::time::Duration;
use tui_input::Input;

/// Where the keys go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Into the field.
    #[default]
    Field,
    /// To the history below it.
    History,
}

/// Which finished check: its start, and its place among those of the same start.
pub type CheckKey = (Wall, u16);

/// The state of the instant checks.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// What is being typed.
    pub input: Input,
    /// How long a check may take; `None` is the time that new targets are given.
    pub timeout: Option<Duration>,
    /// Where the keys go.
    pub focus: Focus,
    /// Which earlier check is selected; `None` is the newest.
    pub list: List<CheckKey>,
}

/// The finished checks, newest first.
pub fn finished(model: &Model) -> Vec<(CheckKey, &AdHoc)> {
    let mut keyed: Vec<(CheckKey, &AdHoc)> = Vec::with_capacity(model.snapshot.ad_hoc.finished.len());
    for Finished { check, .. } in &model.snapshot.ad_hoc.finished {
        let place = match keyed.last() {
            Some(((at, place), _)) if *at == check.at => place.saturating_add(1),
            _ => 0,
        };
        keyed.push(((check.at, place), check));
    }
    keyed.reverse();
    keyed
}

/// The check whose result is told in full: the selected one, or the newest.
pub fn selected(model: &Model) -> Option<&AdHoc> {
    let key = model.checks.list.selected;
    let rows = finished(model);
    rows.iter().find(|(row, _)| key.is_none_or(|key| key == *row)).or(rows.first()).map(|(_, check)| *check)
}

/// How long the next check may take.
pub fn timeout(model: &Model) -> Duration {
    model.checks.timeout.unwrap_or(model.settings.defaults.timeout)
}
