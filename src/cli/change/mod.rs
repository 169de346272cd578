//! What the keys do, from a shell: one file for each command.

pub(super) mod activity;
pub(super) mod add;
pub(super) mod check_now;
pub(super) mod edit;
pub(super) mod list;
pub(super) mod maintenance;
mod registry;
pub(super) mod remove;
mod told;

use super::choose::choose;
use super::{Exit, complain};
use crate::domain::TargetId;
use crate::monitor::TargetView;
use registry::Registry;
use std::sync::Arc;

/// The targets that are meant; all if none is named.
///
/// # Errors
/// With the exit code, when it was told which is not known.
fn meant(registry: &Registry, wanted: &[String]) -> Result<Vec<Arc<TargetView>>, Exit> {
    let whose = if registry.owner().is_some() { "portpulse" } else { "the configuration" };
    let chosen = choose(registry.views(), wanted, |view| &view.target.definition, whose);
    chosen.map_err(|why| complain(&why, Exit::Usage))
}

/// The one target that is meant.
///
/// # Errors
/// With the exit code, when it was told that there is none, or several.
fn the_one(registry: &Registry, wanted: &str) -> Result<Arc<TargetView>, Exit> {
    let found = meant(registry, &[wanted.to_owned()])?;
    match found.as_slice() {
        [one] => Ok(Arc::clone(one)),
        several => {
            let names: Vec<&str> = several.iter().map(|view| view.target.definition.name.as_str()).collect();
            let why = format!("`{wanted}` is several targets: name one of {}", names.join(", "));
            Err(complain(&why, Exit::Usage))
        }
    }
}

fn ids(views: &[Arc<TargetView>]) -> Vec<TargetId> {
    views.iter().map(|view| view.target.id).collect()
}
