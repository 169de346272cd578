//! What of a paste is added: everything that was understood and is new. The rest is left out, and that is told.

use super::super::model::Model;
use super::super::model::form::Form;
use super::super::text::count;
use crate::domain::{Address, Definition};
use std::collections::HashSet;

/// How many of those that are left out are named.
const NAMED_MAX: usize = 2;

/// Takes out what is there already. Returns what is left out and why, in words; nothing where nothing is.
pub(super) fn sift(model: &Model, form: &Form, definitions: &mut Vec<Definition>) -> Option<String> {
    form.lines()?;
    let mut watched: HashSet<Vec<&Address>> = HashSet::new();
    let mut names: HashSet<String> = HashSet::new();
    for view in &model.snapshot.targets {
        watched.insert(addresses(&view.target.definition));
        names.insert(view.target.definition.name.clone());
    }
    let (mut known, mut namesakes) = (Vec::new(), Vec::new());
    let mut keep = |definition: &Definition| {
        let is_known = watched.contains(&addresses(definition));
        let is_new = !is_known && names.insert(definition.name.clone());
        match (is_known, is_new) {
            (true, _) => known.extend(definition.endpoints.first().map(|endpoint| endpoint.address.to_string())),
            (_, false) => namesakes.push(definition.name.clone()),
            _ => {}
        }
        is_new
    };
    definitions.retain(&mut keep);
    let lines = form.understood().errors.iter().map(|(number, _)| format!("line {number}")).collect();
    let left: [(&str, Vec<String>); 3] =
        [("not understood", lines), ("watched already", known), ("with a name that is taken", namesakes)];
    let all: usize = left.iter().map(|(_, which)| which.len()).sum();
    let reasons: Vec<String> = left.iter().filter(|(_, which)| !which.is_empty()).map(reason).collect();
    (all > 0).then(|| format!("left out {}: {}", count(all as u64), reasons.join(", ")))
}

/// How many are left out for a reason, and the first of them.
fn reason((why, which): &(&str, Vec<String>)) -> String {
    let more = if which.len() > NAMED_MAX { ", ..." } else { "" };
    let named: Vec<&str> = which.iter().take(NAMED_MAX).map(String::as_str).collect();
    format!("{} {why} ({}{more})", count(which.len() as u64), named.join(", "))
}

fn addresses(definition: &Definition) -> Vec<&Address> {
    let mut all: Vec<&Address> = definition.endpoints.iter().map(|endpoint| &endpoint.address).collect();
    all.sort();
    all
}
