//! What the form that adds or edits targets stands for, or what must be corrected and where.

use super::super::understood::{Rest, TARGETS_MAX};
use super::{Field, Form, NAME_MAX, NO_GROUP, Purpose, common_timeout, parse_duration};
use crate::config::defaults::{DEGRADED_ABOVE, INTERVAL, TIMEOUT};
use crate::config::{self, Defaults, policy};
use crate::domain::listing::names;
use crate::domain::text::clean;
use crate::domain::{Activity, Address, Definition, ENDPOINTS_MAX, Endpoint, Evaluation, Target};
use crate::tui::text::period;
use std::collections::HashSet;
use std::num::NonZeroU8;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a note may be, in graphemes.
const NOTE_MAX: usize = 1000;

/// Which field must be corrected, and why.
type Wrong = (Field, String);

/// What all targets of a form have in common.
struct Shared {
    interval: Duration,
    timeout: Duration,
    down_after: NonZeroU8,
    up_after: NonZeroU8,
    degraded_above: Option<Duration>,
    note: String,
}

impl Form {
    /// The definitions that the form stands for, or what must be corrected and where.
    pub fn definitions(&self) -> Result<Vec<Definition>, Wrong> {
        let understood = self.understood();
        if understood.rest == Rest::TooMany {
            return Err((Field::Target, format!("more than {TARGETS_MAX} targets at once: add them in parts")));
        }
        // Of pasted lines those that were understood are added; a group of a part is another group.
        let is_whole = self.lines().is_none() || understood.listed.is_empty() || self.group()?.is_some();
        if let Some((number, error)) = understood.errors.first().filter(|_| is_whole) {
            let place = if self.lines().is_some() { format!("line {number}: ") } else { String::new() };
            return Err((Field::Target, format!("{place}{error}")));
        }
        let shared = self.shared()?;
        let group = self.group()?;
        let addresses = self.addresses();
        match (&self.purpose, group) {
            _ if addresses.is_empty() => Err((Field::Target, "nothing to watch yet: write host:port".to_owned())),
            (Purpose::Edit(_), None) if addresses.len() > 1 => {
                Err((Field::Group, "several addresses are a group: choose how it is judged, such as all".to_owned()))
            }
            (Purpose::Edit(target), group) => {
                let single = self.edited_evaluation(target, group);
                Ok(vec![self.edited(target, &shared, &addresses, single)?])
            }
            (Purpose::Add, Some(evaluation)) => Ok(vec![self.grouped(&shared, addresses, evaluation)?]),
            (Purpose::Add, None) => Ok(self.each(&shared)),
        }
    }

    /// Every address that the form names, each once.
    fn addresses(&self) -> Vec<Address> {
        let mut seen = HashSet::new();
        let all = self.understood().listed.iter().flat_map(|(_, listed)| &listed.addresses);
        all.filter(|address| seen.insert(*address)).cloned().collect()
    }

    /// The addresses that an edit brings in.
    pub fn new_addresses(&self) -> Vec<Address> {
        let Purpose::Edit(target) = &self.purpose else { return Vec::new() };
        let known = |address: &Address| target.definition.endpoints.iter().any(|it| it.address == *address);
        self.addresses().into_iter().filter(|address| !known(address)).collect()
    }

    /// The tags that stand in the form.
    pub(super) fn tag_words(&self) -> Vec<String> {
        let words = self.text(Field::Tags).split([' ', ',', '#']).filter(|tag| !tag.is_empty());
        words.map(|tag| clean(tag, NAME_MAX)).collect()
    }

    /// How all addresses are judged together; `None` where each is a target of its own.
    pub fn group(&self) -> Result<Option<Evaluation>, Wrong> {
        let text = self.text(Field::Group).trim();
        match &self.purpose {
            _ if text.is_empty() || text == NO_GROUP => Ok(None),
            Purpose::Edit(target) if text == self.before(Field::Group) => {
                Ok(Some(target.definition.evaluation.clone()))
            }
            _ => policy::parse(text).map(Some).map_err(|why| (Field::Group, why)),
        }
    }

    /// An evaluation that no field shows stays.
    fn edited_evaluation(&self, target: &Target, group: Option<Evaluation>) -> Evaluation {
        match group {
            Some(evaluation) => evaluation,
            None if self.before(Field::Group) == NO_GROUP => target.definition.evaluation.clone(),
            None => Evaluation::All,
        }
    }

    /// Everything but the addresses.
    fn shared(&self) -> Result<Shared, Wrong> {
        let degraded_above = match self.text(Field::SlowAt).trim() {
            "" | "off" | "never" | "-" => None,
            _ => Some(self.duration(Field::SlowAt, &DEGRADED_ABOVE)?),
        };
        Ok(Shared {
            interval: self.duration(Field::Every, &INTERVAL)?,
            timeout: self.duration(Field::Timeout, &TIMEOUT)?,
            down_after: self.count(Field::DownAfter)?,
            up_after: self.count(Field::UpAfter)?,
            degraded_above,
            note: clean(self.text(Field::Note).trim(), NOTE_MAX),
        })
    }

    /// A target for each address.
    fn each(&self, shared: &Shared) -> Vec<Definition> {
        let name = self.text(Field::Name).trim();
        let all = self.addresses();
        let mut given_names = if name.is_empty() { Vec::new() } else { names(Some(name), &all) }.into_iter();
        let mut left: HashSet<Address> = all.into_iter().collect();
        let mut definitions = Vec::new();
        for (_, listed) in &self.understood().listed {
            let own_names = names(listed.name.as_deref(), &listed.addresses);
            let (given, tags) = self.given_with(&listed.tags);
            for (address, own) in listed.addresses.iter().zip(own_names) {
                if left.remove(address) {
                    let name = given_names.next().unwrap_or(own);
                    let mut endpoint = given.endpoint(address.clone());
                    endpoint.timeout = follow(shared.timeout, self.shown.timeout, given.timeout);
                    definitions.push(self.added(shared, &given, &name, vec![endpoint], tags.clone()));
                }
            }
        }
        definitions
    }

    /// One target for all addresses.
    fn grouped(&self, shared: &Shared, addresses: Vec<Address>, evaluation: Evaluation) -> Result<Definition, Wrong> {
        let name = self.name_of_all(&addresses)?;
        check(&evaluation, addresses.len())?;
        let (given, tags) = self.given_with(&self.all_tags());
        let timeout = follow(shared.timeout, self.shown.timeout, given.timeout);
        let endpoints = addresses.into_iter().map(|address| Endpoint { timeout, ..given.endpoint(address) }).collect();
        Ok(Definition { evaluation, ..self.added(shared, &given, &name, endpoints, tags) })
    }

    /// What one target for all addresses is called.
    fn name_of_all(&self, addresses: &[Address]) -> Result<String, Wrong> {
        let mut beside = self.understood().listed.iter().filter_map(|(_, listed)| listed.name.clone());
        match (self.text(Field::Name).trim(), beside.next(), beside.next(), addresses) {
            ("", Some(only), None, _) => Ok(only),
            ("", _, _, [address]) => Ok(address.to_string()),
            ("", ..) => {
                let why = "a group needs a name, because no address can stand for all of it";
                Err((Field::Name, why.to_owned()))
            }
            (name, ..) => Ok(name.to_owned()),
        }
    }

    /// The tags of all lines.
    fn all_tags(&self) -> Vec<String> {
        self.understood().listed.iter().flat_map(|(_, listed)| listed.tags.clone()).collect()
    }

    /// The tags of the form and of lines, and what they and the defaults say.
    fn given_with(&self, more: &[String]) -> (Defaults, Vec<String>) {
        let mut tags = self.tag_words();
        for tag in more.iter().map(|tag| clean(tag, NAME_MAX)) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        (self.tags.over(&self.defaults, &tags), tags)
    }

    /// A new target. A figure that is as the tags of the form say is as those of the line say, too.
    fn added(
        &self,
        shared: &Shared,
        given: &Defaults,
        name: &str,
        endpoints: Vec<Endpoint>,
        tags: Vec<String>,
    ) -> Definition {
        let interval = follow(shared.interval, self.shown.interval, given.interval);
        Definition {
            name: clean(name, config::NAME_MAX),
            evaluation: given.evaluation_for(endpoints.len()),
            endpoints,
            interval,
            retry_interval: given.retry_interval_for(interval),
            down_after: follow(shared.down_after, self.shown.down_after, given.down_after),
            up_after: follow(shared.up_after, self.shown.up_after, given.up_after),
            degraded_above: follow(shared.degraded_above, self.shown.degraded_above, given.degraded_above),
            note: shared.note.clone(),
            tags,
            activity: Activity::Watching,
        }
    }

    /// The target that is edited, with everything that the form says about it. What no field shows stays as it is:
    /// whether it is paused, and whatever an endpoint says of its own.
    fn edited(
        &self,
        target: &Target,
        shared: &Shared,
        addresses: &[Address],
        evaluation: Evaluation,
    ) -> Result<Definition, Wrong> {
        let old = &target.definition;
        check(&evaluation, addresses.len())?;
        let name = self.name_of_all(addresses)?;
        let (_, tags) = self.given_with(&self.all_tags());
        Ok(Definition {
            name: clean(&name, config::NAME_MAX),
            endpoints: self.edited_endpoints(&old.endpoints, shared.timeout, addresses),
            evaluation,
            interval: shared.interval,
            retry_interval: old.retry_interval.min(shared.interval),
            down_after: shared.down_after,
            up_after: shared.up_after,
            degraded_above: shared.degraded_above,
            note: shared.note.clone(),
            tags,
            activity: old.activity,
        })
    }

    /// The endpoints of an edited target: a known address keeps what is its own, a single one that was replaced
    /// hands it on, any other one is as all are.
    fn edited_endpoints(&self, old: &[Endpoint], timeout: Duration, addresses: &[Address]) -> Vec<Endpoint> {
        let gone: Vec<&Endpoint> = old.iter().filter(|endpoint| !addresses.contains(&endpoint.address)).collect();
        let come = self.new_addresses().len();
        let usual = common_timeout(old).unwrap_or(timeout);
        let like_all = |address: Address| {
            let mut new = Endpoint { timeout: usual, ..self.given.endpoint(address) };
            if let Some((first, others)) = old.split_first() {
                let all = |alike: fn(&Endpoint, &Endpoint) -> bool| others.iter().all(|other| alike(first, other));
                new.handshake = if all(|a, b| a.handshake == b.handshake) { first.handshake } else { new.handshake };
                new.family = if all(|a, b| a.family == b.family) { first.family } else { new.family };
                new.addresses = if all(|a, b| a.addresses == b.addresses) { first.addresses } else { new.addresses };
                new.expect = if all(|a, b| a.expect == b.expect) { first.expect } else { new.expect };
            }
            new
        };
        let endpoint = |address: &Address| {
            let known = old.iter().find(|endpoint| endpoint.address == *address).cloned();
            let mut endpoint = known.unwrap_or_else(|| match gone.as_slice() {
                [only] if come == 1 => Endpoint { address: address.clone(), ..(*only).clone() },
                _ => like_all(address.clone()),
            });
            endpoint.timeout = follow(endpoint.timeout, usual, timeout);
            endpoint.handshake = follow(endpoint.handshake, self.given.handshake, self.shown.handshake);
            endpoint.family = follow(endpoint.family, self.given.family, self.shown.family);
            endpoint.addresses = follow(endpoint.addresses, self.given.addresses, self.shown.addresses);
            endpoint.expect = follow(endpoint.expect, self.given.expect, self.shown.expect);
            endpoint
        };
        addresses.iter().map(endpoint).collect()
    }

    fn duration(&self, field: Field, range: &RangeInclusive<Duration>) -> Result<Duration, Wrong> {
        let text = self.text(field).trim();
        let wrong = |why: String| (field, format!("{}: {why}", field.label()));
        let found =
            parse_duration(text).ok_or_else(|| wrong(format!("`{text}` is no duration: write 30s, 1m30s, 250ms")))?;
        if range.contains(&found) {
            return Ok(found);
        }
        Err(wrong(format!("from {} to {}", period(*range.start()), period(*range.end()))))
    }

    fn count(&self, field: Field) -> Result<NonZeroU8, Wrong> {
        let text = self.text(field).trim();
        text.parse().map_err(|_| (field, format!("{}: `{text}` is no number from 1 to 255", field.label())))
    }
}

/// A value that was as something else said is as that says now.
fn follow<T: PartialEq + Copy>(value: T, said: T, says: T) -> T {
    if value == said { says } else { value }
}

/// Refuses more endpoints than a target can have, and what so many can never satisfy.
fn check(evaluation: &Evaluation, endpoints: usize) -> Result<(), Wrong> {
    if endpoints > ENDPOINTS_MAX {
        return Err((Field::Target, format!("{endpoints} endpoints are too many: at most {ENDPOINTS_MAX}")));
    }
    policy::check(evaluation, endpoints).map_err(|why| (Field::Group, why))
}
