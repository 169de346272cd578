//! Which part of time the chart shows: other lengths, steps back and forward, and the way out.

use super::super::super::model::detail::{Focus, Sight, Stuck};
use super::super::super::model::{Model, Window};
use super::super::super::settings::Switch;

/// The next length, at the present.
pub fn other_length(model: &mut Model) {
    set_length(model, model.detail.sight.length().next());
}

/// This length, at the present.
pub fn set_length(model: &mut Model, length: Window) {
    model.detail.preferred = length;
    model.detail.sight = Sight::latest(length);
}

/// Half of what is shown further back.
pub fn step_back(model: &mut Model) {
    let oldest = model.detail.oldest;
    moved(model, |sight, now| sight.step_back(now, oldest));
}

/// Half of what is shown further on.
pub fn step_forward(model: &mut Model) {
    moved(model, Sight::step_forward);
}

/// Moves the sight, and the cursor with it: it stays in its column.
fn moved(model: &mut Model, step: impl FnOnce(&mut Sight, crate::domain::Wall) -> Result<(), Stuck>) {
    let now = model.now;
    let before = model.detail.sight.look().span(now);
    if let Err(stuck) = step(&mut model.detail.sight, now) {
        return refuse(model, stuck);
    }
    let after = model.detail.sight.look().span(now);
    let (on, back) = (after.from.since(before.from), before.from.since(after.from));
    if let Some(cursor) = &mut model.detail.cursor {
        cursor.at = cursor.at + on - back;
        cursor.mark = cursor.mark.map(|mark| mark + on - back);
    }
}

/// Says why there is no way on.
pub fn refuse(model: &mut Model, stuck: Stuck) {
    let words = match stuck {
        Stuck::Oldest(oldest) => format!("nothing is known from before {}", model.settings.zone.day_clock(oldest)),
        Stuck::Newest if model.travel.is_some() => "the moment that is shown ends here; `:at now` leads on".to_owned(),
        Stuck::Newest => "there is nothing newer".to_owned(),
        Stuck::Closest => "there is nothing to see from closer".to_owned(),
    };
    model.refuse(words);
}

/// Undoes one thing, the innermost first: the mark, what was zoomed into, what fills the view, what has the
/// keys, what was stepped back to. Whether there was anything.
pub fn step_out(model: &mut Model) -> bool {
    let detail = &mut model.detail;
    if detail.cursor.as_mut().is_some_and(|cursor| cursor.mark.take().is_some()) || detail.sight.zoom_out() {
        return true;
    }
    if detail.spread == Switch::On {
        detail.spread = Switch::Off;
        return true;
    }
    if detail.focus != Focus::Target {
        (detail.focus, detail.cursor) = (Focus::Target, None);
        return true;
    }
    detail.sight.return_to_now()
}
