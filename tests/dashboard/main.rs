//! The dashboard and everything that lies over it: keys in, screen and intents out.

mod changes;
mod configured;
mod grouping;
mod keys;
mod looks;
#[path = "../support/pictures.rs"]
mod pictures;
mod windows;

use pictures::{fleet, model, render, settings};
use portpulse::monitor::Command;
use portpulse::tui::Intent;
use portpulse::tui::model::Model;

fn dashboard() -> Model {
    model(settings(), fleet(), 80, 24)
}

fn screen(model: &Model) -> String {
    render(model, model.size.columns, model.size.rows)
}

fn line(model: &Model, number: usize) -> String {
    screen(model).lines().nth(number).unwrap_or_default().to_owned()
}

fn selected(model: &Model) -> &str {
    &model.selected().expect("a selected target").target.definition.name
}

/// The number under which the last intent asked something.
fn asked(intents: &[Intent]) -> (u64, &Command) {
    match intents.last() {
        Some(Intent::Ask(number, command)) => (*number, command),
        other => panic!("nothing was asked: {other:?}"),
    }
}
