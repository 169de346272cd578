//! Which targets a command is about: by name, else by address.

use super::args::addresses;
use crate::domain::{Endpoint, Target};

/// Those of all that are meant, in the order in which they were named; all, if none was named. `unknown` is
/// what is said of one that is not among them.
///
/// # Errors
/// In words, if one that was named is not among them.
pub(super) fn choose<T: Clone>(
    all: Vec<T>,
    wanted: &[String],
    unknown: &str,
    target: impl Fn(&T) -> &Target,
) -> Result<Vec<T>, String> {
    if wanted.is_empty() {
        return Ok(all);
    }
    let mut chosen: Vec<&T> = Vec::new();
    for text in wanted {
        let mut found: Vec<&T> = all.iter().filter(|one| target(one).definition.name == *text).collect();
        if found.is_empty() {
            let meant = addresses(std::slice::from_ref(text)).unwrap_or_default();
            let is_there = |endpoint: &Endpoint| meant.contains(&endpoint.address);
            found = all.iter().filter(|one| target(one).definition.endpoints.iter().any(is_there)).collect();
        }
        if found.is_empty() {
            return Err(format!("{unknown} `{text}`{}", hint(text, all.iter().map(target))));
        }
        let is_new = |one: &&T| !chosen.iter().any(|known| target(known).id == target(one).id);
        let found: Vec<&T> = found.into_iter().filter(is_new).collect();
        chosen.extend(found);
    }
    Ok(chosen.into_iter().cloned().collect())
}

/// What may have been meant.
fn hint<'t>(text: &str, all: impl Iterator<Item = &'t Target>) -> String {
    let names = all.map(|target| &target.definition.name);
    let nearest = names.map(|name| (strsim::damerau_levenshtein(text, name), name)).min();
    let hint = nearest.filter(|(distance, _)| *distance <= 3).map(|(_, name)| format!("; did you mean `{name}`?"));
    hint.unwrap_or_default()
}
