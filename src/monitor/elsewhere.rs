//! Whether somebody else has the addresses of a target already.

use super::catalog::addresses;
use super::message::Refusal;
use crate::domain::{Definition, TargetId};
use std::collections::BTreeMap;

/// Addresses, who watches them, and under which name.
pub(super) type Watched = BTreeMap<Vec<crate::domain::Address>, (Option<TargetId>, String)>;

/// Refuses a definition whose addresses somebody else has.
pub(super) fn is_watched_elsewhere(
    definition: &Definition,
    myself: Option<TargetId>,
    watched: &Watched,
) -> Result<(), Refusal> {
    let Some((id, name)) = watched.get(&addresses(definition)) else { return Ok(()) };
    match definition.endpoints.first() {
        Some(endpoint) if id.is_none() || *id != myself => {
            Err(Refusal::AlreadyWatched(endpoint.address.clone(), name.clone()))
        }
        _ => Ok(()),
    }
}
