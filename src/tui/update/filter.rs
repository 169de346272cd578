//! The filter of whichever list has the keys.

use super::super::filter::Filter;
use super::super::model::{Model, Overlay, View};
use super::targets;
use tui_input::Input;

/// What is let through at present.
pub fn text(model: &Model) -> &str {
    match model.place() {
        View::Targets | View::Detail | View::Checks | View::Chart | View::OutagesOfTarget | View::Outage => {
            model.targets.filter.text()
        }
        View::Outages => model.outages.filter.text(),
        View::Events => model.events.filter.text(),
    }
}

/// Lets other rows through.
pub fn set(model: &mut Model, text: &str) {
    match model.place() {
        View::Targets | View::Detail | View::Checks | View::Chart | View::OutagesOfTarget | View::Outage => {
            targets::set_filter(model, text);
        }
        View::Outages => model.outages.filter = Filter::new(text),
        View::Events => model.events.filter = Filter::new(text),
    }
}

/// Opens the line that it is typed into.
pub fn open(model: &mut Model) {
    model.overlay = Some(Overlay::Filter(Input::new(text(model).to_owned())));
}
