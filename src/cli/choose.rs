//! Targets that are named on the command line: by name, else by address.

use super::args::addresses;
use crate::domain::{Definition, Endpoint};

/// Those of `all` that are meant, each once, in the order in which they are asked for; all if none is asked for.
/// `whose` says in a complaint who does not know a target.
///
/// # Errors
/// With the first that is not known.
pub(super) fn choose<T: Clone>(
    all: Vec<T>,
    wanted: &[String],
    definition: impl Fn(&T) -> &Definition,
    whose: &str,
) -> Result<Vec<T>, String> {
    if wanted.is_empty() {
        return Ok(all);
    }
    let mut chosen: Vec<usize> = Vec::new();
    for text in wanted {
        let places = |is_meant: &dyn Fn(&Definition) -> bool| -> Vec<usize> {
            all.iter().enumerate().filter(|(_, it)| is_meant(definition(it))).map(|(place, _)| place).collect()
        };
        let mut found = places(&|definition| definition.name == *text);
        if found.is_empty() {
            let meant = addresses(std::slice::from_ref(text)).unwrap_or_default();
            let is_there = |endpoint: &Endpoint| meant.contains(&endpoint.address);
            found = places(&|definition| definition.endpoints.iter().any(is_there));
        }
        if found.is_empty() {
            return Err(unknown(text, all.iter().map(|it| definition(it).name.as_str()), whose));
        }
        found.retain(|place| !chosen.contains(place));
        chosen.extend(found);
    }
    Ok(chosen.into_iter().map(|place| all[place].clone()).collect())
}

fn unknown<'n>(text: &str, names: impl Iterator<Item = &'n str>, whose: &str) -> String {
    let nearest = names.map(|name| (strsim::damerau_levenshtein(text, name), name)).min();
    let hint = nearest.filter(|(distance, _)| *distance <= 3).map(|(_, name)| format!("; did you mean `{name}`?"));
    format!("{whose} knows no target `{text}`{}", hint.unwrap_or_default())
}
