//! What an import changes in the configuration, and what it says about every entry.
//!
//! A target is known by where it connects: an entry that has all addresses of a target is that target, whatever it
//! is called; the target of just these addresses goes before a group that has more, and a group is not the single
//! target of another name that it watches, too. What has a part of the addresses of a group is not that group, and
//! would take the others from it: it is left out. Names are labels; one that is taken gets the address behind it.

use super::secrets::name_may_hold_secret;
use super::{Entry, Found};
use crate::config::{Defaults, NAME_MAX};
use crate::domain::text::clean;
use crate::domain::{Address, Definition, Evaluation};
use crate::monitor::Change;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::PathBuf;

/// Why an entry is skipped that would change nothing.
const SAME: &str = "it is there already, just the same";

/// What an entry is called whose name may hold a secret.
const UNTOLD: &str = "(may hold a secret)";

/// What to do with an entry for a target that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Leave the target as it is.
    Skip,
    /// What the file says goes into the target; what it does not say stays.
    Update,
}

impl OnConflict {
    /// What people call them.
    pub const NAMES: [(&'static str, Self); 2] = [("skip", Self::Skip), ("update", Self::Update)];
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A new target.
    Imported,
    /// A target that was there, changed.
    Updated,
    /// Nothing.
    Skipped,
}

/// What an import says about one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// In which file it stands.
    pub file: String,
    /// In which line.
    pub line: usize,
    /// What becomes of it.
    pub outcome: Outcome,
    /// What it is called here, or in the file if it is left out.
    pub name: String,
    /// Where it connects to.
    pub addresses: Vec<String>,
    /// Why it is left out.
    pub reason: Option<String>,
    /// What could not be taken along, or became something else.
    pub remarks: Vec<String>,
}

/// Everything that an import does.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the configuration, all at once.
    pub changes: Vec<Change>,
    /// About each entry, in their order.
    pub told: Vec<Told>,
}

impl Plan {
    /// How many entries come to this.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.told.iter().filter(|told| told.outcome == outcome).count()
    }
}

/// Works out what an import does to the targets that are there.
///
/// `place` is asked where the function of a target is kept, with a word to name the file by and the function.
///
/// # Errors
/// When `place` has none.
pub fn plan(
    there: &[Definition],
    defaults: &Defaults,
    files: Vec<(String, Vec<Entry>)>,
    on_conflict: OnConflict,
    place: &mut dyn FnMut(&str, &str) -> io::Result<PathBuf>,
) -> io::Result<Plan> {
    let mut planner = Planner::new(there, defaults, on_conflict);
    for (file, entries) in files {
        for entry in entries {
            let told = match entry {
                Entry::Skipped(skipped) => Told {
                    file: file.clone(),
                    line: skipped.line,
                    outcome: Outcome::Skipped,
                    name: if name_may_hold_secret(&skipped.name) { UNTOLD.to_owned() } else { skipped.name },
                    addresses: Vec::new(),
                    reason: Some(skipped.why),
                    remarks: Vec::new(),
                },
                Entry::Found(found) => planner.take(&file, *found, place)?,
            };
            planner.told.push(told);
        }
    }
    Ok(planner.finish())
}

struct Planner<'d> {
    there: &'d [Definition],
    defaults: &'d Defaults,
    on_conflict: OnConflict,
    /// The places in `there` of the targets that have an address.
    owners: HashMap<Address, Vec<usize>>,
    /// Where just these addresses were taken by this import, in order.
    taken: HashMap<Vec<Address>, String>,
    names: HashSet<String>,
    touched: HashSet<usize>,
    added: Vec<Definition>,
    edited: Vec<Change>,
    told: Vec<Told>,
}

impl<'d> Planner<'d> {
    fn new(there: &'d [Definition], defaults: &'d Defaults, on_conflict: OnConflict) -> Self {
        let mut owners: HashMap<Address, Vec<usize>> = HashMap::new();
        for (place, definition) in there.iter().enumerate() {
            for endpoint in &definition.endpoints {
                owners.entry(endpoint.address.clone()).or_default().push(place);
            }
        }
        Self {
            there,
            defaults,
            on_conflict,
            owners,
            taken: HashMap::new(),
            names: there.iter().map(|definition| definition.name.clone()).collect(),
            touched: HashSet::new(),
            added: Vec::new(),
            edited: Vec::new(),
            told: Vec::new(),
        }
    }

    fn take(
        &mut self,
        file: &str,
        mut found: Found,
        place: &mut dyn FnMut(&str, &str) -> io::Result<PathBuf>,
    ) -> io::Result<Told> {
        found.screen_name();
        let line = found.line;
        let addresses: Vec<Address> = found.spots.iter().map(|spot| spot.address.clone()).collect();
        let name = found.name.as_deref().map(|name| clean(name, NAME_MAX).trim().to_owned());
        let name = name.filter(|name| !name.is_empty());
        let shown = name.unwrap_or_else(|| addresses.first().map(Address::to_string).unwrap_or_default());
        let tell = |outcome, name, reason, remarks| Told {
            file: file.to_owned(),
            line,
            outcome,
            name,
            addresses: addresses.iter().map(Address::to_string).collect(),
            reason,
            remarks,
        };
        let skip = |reason: String| tell(Outcome::Skipped, shown.clone(), Some(reason), Vec::new());
        let all = in_order(&addresses);
        if let Some(first) = self.taken.get(&all) {
            return Ok(skip(format!("{} stands in {first} already", all_of(&all))));
        }
        let there = match self.owner(&addresses, &shown) {
            Ok(owner) => owner,
            Err(why) => return Ok(skip(why)),
        };
        if let Some(owner) = there {
            let known = &self.there[owner];
            if self.on_conflict == OnConflict::Skip {
                if self.says_the_same(&found, known) {
                    return Ok(skip(SAME.to_owned()));
                }
                return Ok(skip(format!("{} is there already: --on-conflict update changes it", quoted(known))));
            }
            if self.touched.contains(&owner) {
                return Ok(skip(format!("{} is changed by an entry before", quoted(known))));
            }
        }
        let base = there.map(|owner| &self.there[owner]);
        if let Err(why) = found.define(base, self.defaults) {
            return Ok(skip(why));
        }
        if let Some((stem, code)) = &found.script {
            found.evaluation = Some(Evaluation::Script(place(stem, code)?));
        }
        let (mut definition, mut remarks) = match found.define(base, self.defaults) {
            Ok(defined) => defined,
            Err(why) => return Ok(skip(why)),
        };
        if base.is_none_or(|base| base.name != definition.name) {
            self.name(&mut definition, &mut remarks);
        }
        self.names.insert(definition.name.clone());
        self.taken.insert(all, format!("{file}:{line}"));
        let name = definition.name.clone();
        let (Some(owner), Some(base)) = (there, base) else {
            self.added.push(definition);
            return Ok(tell(Outcome::Imported, name, None, remarks));
        };
        self.touched.insert(owner);
        if *base == definition {
            return Ok(tell(Outcome::Skipped, name, Some(SAME.to_owned()), remarks));
        }
        self.edited.push(Change::Edit(base.name.clone(), Box::new(definition)));
        Ok(tell(Outcome::Updated, name, None, remarks))
    }

    /// Whether an entry would change nothing of a target; a script of its own is not looked into.
    fn says_the_same(&self, found: &Found, known: &Definition) -> bool {
        let defined = found.define(Some(known), self.defaults);
        found.script.is_none() && defined.is_ok_and(|(definition, _)| definition == *known)
    }

    /// The target that is meant by addresses and what they are called, or why it cannot be told.
    fn owner(&self, addresses: &[Address], name: &str) -> Result<Option<usize>, String> {
        let wanted: HashSet<&Address> = addresses.iter().collect();
        let owners = addresses.iter().filter_map(|address| self.owners.get(address)).flatten().copied();
        let owners: BTreeSet<usize> = owners.collect();
        let known = |owner: usize| &self.there[owner].endpoints;
        let is_covered = |&owner: &usize| known(owner).iter().all(|endpoint| wanted.contains(&endpoint.address));
        let is_same = |owner: &usize| is_covered(owner) && known(*owner).len() == wanted.len();
        if let Some(same) = owners.iter().copied().find(is_same) {
            return Ok(Some(same));
        }
        let is_beside = |&owner: &usize| wanted.len() > 1 && known(owner).len() == 1 && self.there[owner].name != name;
        let mut owners = owners.into_iter().filter(|owner| !is_beside(owner));
        match (owners.next(), owners.next()) {
            (None, _) => Ok(None),
            (Some(owner), None) if is_covered(&owner) => Ok(Some(owner)),
            (Some(owner), None) => {
                let known = &self.there[owner];
                let shared = known.endpoints.iter().find(|endpoint| wanted.contains(&endpoint.address));
                let shared = shared.map(|endpoint| endpoint.address.to_string()).unwrap_or_default();
                let count = known.endpoints.len();
                Err(format!("{shared} is an endpoint of {}, a group of {count}", quoted(known)))
            }
            (Some(_), Some(_)) => Err("its addresses belong to several targets".to_owned()),
        }
    }

    /// Puts the address behind a name that is taken.
    fn name(&self, definition: &mut Definition, remarks: &mut Vec<String>) {
        if !self.names.contains(&definition.name) {
            return;
        }
        let address = definition.endpoints.first().map(|endpoint| endpoint.address.to_string()).unwrap_or_default();
        let behind = [format!(" ({address})")].into_iter().chain((2..).map(|number| format!(" ({address} {number})")));
        for behind in behind {
            let room = NAME_MAX.saturating_sub(behind.chars().count());
            let name = format!("{}{behind}", clean(&definition.name, room).trim_end());
            if !self.names.contains(&name) {
                remarks.push(format!("the name `{}` is taken", definition.name));
                definition.name = name;
                return;
            }
        }
    }

    fn finish(self) -> Plan {
        let mut changes = self.edited;
        if !self.added.is_empty() {
            changes.push(Change::Add(self.added));
        }
        Plan { changes, told: self.told }
    }
}

/// Addresses for comparing, each once.
fn in_order(addresses: &[Address]) -> Vec<Address> {
    addresses.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// What all addresses of an entry are called.
fn all_of(addresses: &[Address]) -> String {
    match addresses {
        [address] => address.to_string(),
        many => format!("this group of {}", many.len()),
    }
}

fn quoted(definition: &Definition) -> String {
    format!("`{}`", definition.name)
}
