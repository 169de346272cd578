//! What calls for attention: the bell rings for a new outage, seldom enough to be listened to.

use super::super::message::Intent;
use super::super::model::Model;
use super::super::settings::Switch;
use crate::monitor::Notice;
use std::time::Duration;

/// At most one ring in this time.
const RINGS_APART: Duration = Duration::from_secs(10);

/// Something is worth attention.
pub fn arrive(model: &mut Model, notice: &Notice, out: &mut Vec<Intent>) {
    match notice {
        Notice::Down(outage) => {
            let quiet = model.rang_at.is_some_and(|at| model.clock >= at && model.clock.since(at) < RINGS_APART);
            if model.settings.bell == Switch::On && !quiet && !model.muted.contains(&outage.target) {
                model.rang_at = Some(model.clock);
                out.push(Intent::Bell);
            }
        }
        Notice::Up(outage) => {
            model.muted.remove(&outage.target);
        }
        Notice::Blind(_) | Notice::Sighted => {}
    }
}
