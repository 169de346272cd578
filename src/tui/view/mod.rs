//! The screen as a function of the model.

pub mod checks;
mod command;
mod confirm;
mod dashboard;
pub mod detail;
mod empty;
pub mod events;
mod footer;
mod form;
pub mod frame;
mod heading;
mod help;
pub mod incident;
pub mod input;
mod maintenance;
mod note;
pub mod outages;
pub mod pen;
mod problems;

pub use footer::footer;

use super::banner::banners;
use super::layout::Shape;
use super::model::{Model, Overlay, View, overlay::Confirm};
use super::theme::Role;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;

/// The screen of a model.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a>(pub &'a Model);

impl Widget for Screen<'_> {
    /// Draws everything; the area is that which the model was told with [`super::Msg::Resized`], or a
    /// part of it where the terminal has become smaller meanwhile.
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.0;
        let area = area.intersection(buffer.area);
        if area.is_empty() || model.size.columns > area.width || model.size.rows > area.height {
            return;
        }
        if Shape::of(model.size) == Shape::Problems {
            return problems::draw(model, area, buffer);
        }
        let frame = model.frame();
        for (line, y) in banners(model).iter().zip(frame.banners.top()..frame.banners.bottom()) {
            let text = super::text::pad_right(
                &super::text::clip(&format!(" {line}"), usize::from(area.width), model.glyphs().ellipsis),
                usize::from(area.width),
            );
            pen::put(buffer, area.x, y, area.width, &text, model.style(Role::Banner));
        }
        match model.view {
            View::Targets if model.snapshot.targets.is_empty() => empty::draw(model, frame.body, buffer),
            View::Targets => dashboard::draw(model, buffer),
            View::Detail | View::Chart | View::OutagesOfTarget => detail::draw(model, frame.body, buffer),
            View::Outages => outages::draw(model, frame.body, buffer),
            View::Outage => incident::draw(model, frame.body, buffer),
            View::Checks => checks::draw(model, frame.body, buffer),
            View::Events => events::draw(model, frame.body, buffer),
        }
        footer::draw(model, frame.footer, buffer);
        overlay(model, frame.body, frame.footer, buffer);
    }
}

/// What lies over the view.
fn overlay(model: &Model, body: Rect, footer: Rect, buffer: &mut Buffer) {
    match &model.overlay {
        Some(Overlay::Help(help)) => help::draw(model, help, body, buffer),
        Some(Overlay::Confirm(Confirm::Discard(form))) => {
            form::draw(model, form, body, buffer);
            confirm::draw(model, &Confirm::Discard(form.clone()), body, buffer);
        }
        Some(Overlay::Confirm(question)) => confirm::draw(model, question, body, buffer),
        Some(Overlay::Form(form)) => form::draw(model, form, body, buffer),
        Some(Overlay::Command(line)) => command::draw(model, line, body, footer, buffer),
        Some(Overlay::Maintenance(prompt)) => maintenance::draw(model, prompt, body, footer, buffer),
        Some(Overlay::Note(id)) => note::draw(model, *id, body, buffer),
        Some(Overlay::Filter(_)) | None => {}
    }
}
