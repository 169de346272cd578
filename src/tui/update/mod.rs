//! What every message does to the model, and what is wanted because of it.

use super::message::{Intent, Msg};
use super::model::Model;

/// Changes the model by one message and says what is wanted. Pure: no clock, no I/O.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Intent> {
    if let Msg::Resized(columns, rows) = msg {
        model.size = super::model::Size { columns, rows };
        model.touch();
    }
    Vec::new()
}
