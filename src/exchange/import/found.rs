//! A target as a foreign file describes it, and what it becomes here.

use super::secrets::{may_hold_secret, name_may_hold_secret};
use crate::config::defaults::{DEGRADED_ABOVE, INTERVAL, TIMEOUT};
use crate::config::{Defaults, NAME_MAX, NOTE_MAX, TAG_MAX, TAGS_MAX, duration, policy};
use crate::domain::text::clean;
use crate::domain::{
    Activity, Address, Addresses, Definition, ENDPOINTS_MAX, Endpoint, Evaluation, Expect, Family, Handshake,
};
use std::num::{NonZeroU8, NonZeroU32};
use std::ops::RangeInclusive;
use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation;

/// What a file says about a target. What it leaves open keeps what the target has here, or becomes what the
/// user gives to new targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Where it stands in the file, counted from 1.
    pub line: usize,
    /// What it is called.
    pub name: Option<String>,
    /// Where to connect.
    pub spots: Vec<Spot>,
    /// How the results become one verdict.
    pub evaluation: Option<Evaluation>,
    /// A function in JavaScript that makes the verdict, and a word to name its file by.
    pub script: Option<(String, String)>,
    /// Time between checks.
    pub interval: Option<Duration>,
    /// Time between checks while failing.
    pub retry_interval: Option<Duration>,
    /// Consecutive failures that make an outage.
    pub down_after: Option<u64>,
    /// Consecutive successes that end it.
    pub up_after: Option<u64>,
    /// What latency is slow.
    pub degraded_above: Option<Limit>,
    /// Free text.
    pub note: Option<String>,
    /// Words to filter by.
    pub tags: Option<Vec<String>>,
    /// Whether it is checked.
    pub activity: Option<Activity>,
    /// What could not be taken along, or became something else.
    pub remarks: Vec<String>,
}

/// What latency is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Above this.
    Above(Duration),
    /// None is.
    Never,
}

/// One place to connect to, with what a file says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Where to.
    pub address: Address,
    /// Which addresses of a name.
    pub family: Option<Family>,
    /// How long an attempt may take.
    pub timeout: Option<Duration>,
    /// How a check leaves.
    pub handshake: Option<Handshake>,
    /// How many addresses of a name have to answer.
    pub addresses: Option<Addresses>,
    /// What a check is expected to find.
    pub expect: Option<Expect>,
    /// How much it counts.
    pub weight: Option<NonZeroU32>,
}

impl Spot {
    pub(super) const fn new(address: Address) -> Self {
        Self { address, family: None, timeout: None, handshake: None, addresses: None, expect: None, weight: None }
    }

    /// All of an endpoint.
    pub(super) fn of(endpoint: &Endpoint) -> Self {
        Self {
            address: endpoint.address.clone(),
            family: Some(endpoint.family),
            timeout: Some(endpoint.timeout),
            handshake: Some(endpoint.handshake),
            addresses: Some(endpoint.addresses),
            expect: Some(endpoint.expect),
            weight: Some(endpoint.weight),
        }
    }

    fn endpoint(&self, base: &Endpoint) -> Endpoint {
        Endpoint {
            address: self.address.clone(),
            family: self.family.unwrap_or(base.family),
            timeout: self.timeout.unwrap_or(base.timeout),
            handshake: self.handshake.unwrap_or(base.handshake),
            addresses: self.addresses.unwrap_or(base.addresses),
            expect: self.expect.unwrap_or(base.expect),
            weight: self.weight.unwrap_or(base.weight),
        }
    }
}

impl Found {
    /// One place without more.
    pub(super) fn at(line: usize, address: Address) -> Self {
        Self { line, spots: vec![Spot::new(address)], ..Self::default() }
    }

    /// All of a definition, except for the script that it may name.
    pub(super) fn of(line: usize, definition: &Definition) -> Self {
        Self {
            line,
            name: Some(definition.name.clone()),
            spots: definition.endpoints.iter().map(Spot::of).collect(),
            evaluation: Some(definition.evaluation.clone()),
            script: None,
            interval: Some(definition.interval),
            retry_interval: Some(definition.retry_interval),
            down_after: Some(definition.down_after.get().into()),
            up_after: Some(definition.up_after.get().into()),
            degraded_above: Some(definition.degraded_above.map_or(Limit::Never, Limit::Above)),
            note: Some(definition.note.clone()),
            tags: Some(definition.tags.clone()),
            activity: Some(definition.activity),
            remarks: Vec::new(),
        }
    }

    /// Says the timeout of every place that says none.
    pub(super) fn set_timeout(&mut self, timeout: Option<Duration>) {
        for spot in &mut self.spots {
            spot.timeout = spot.timeout.or(timeout);
        }
    }

    /// Says what every check is expected to find.
    pub(super) fn set_expect(&mut self, expect: Expect) {
        for spot in &mut self.spots {
            spot.expect = Some(expect);
        }
    }

    /// Notes something that a person should know.
    pub(super) fn remark(&mut self, what: impl Into<String>) {
        self.remarks.push(what.into());
    }

    /// Takes away a name that may hold a secret as far as it is used, before it is written or told.
    pub(super) fn screen_name(&mut self) {
        if self.name.take_if(|name| name_may_hold_secret(&clean(name, NAME_MAX))).is_some() {
            self.remark("left out its name, which may hold a secret");
        }
    }

    /// The target that it becomes, on top of `base` where there is one, and what a person should know about it.
    ///
    /// # Errors
    /// With the reason when it cannot be watched.
    pub(super) fn define(
        &self,
        base: Option<&Definition>,
        defaults: &Defaults,
    ) -> Result<(Definition, Vec<String>), String> {
        let mut remarks = self.remarks.clone();
        let Some(first) = self.spots.first() else { return Err("it has no endpoint".to_owned()) };
        let mut definition = base.cloned().unwrap_or_else(|| defaults.definition(first.address.clone()));
        definition.endpoints = self.endpoints(base, defaults, &mut remarks)?;
        if let Some(name) = self.name.as_deref().map(|name| clean(name, NAME_MAX)) {
            let name = name.trim();
            if !name.is_empty() {
                name.clone_into(&mut definition.name);
            }
        }
        if let Some(evaluation) = &self.evaluation {
            definition.evaluation = evaluation.clone();
        }
        policy::check(&definition.evaluation, definition.endpoints.len())?;
        self.define_cadence(&mut definition, defaults, &mut remarks);
        if let Some(note) = &self.note {
            definition.note = harmless_note(note, &mut remarks);
        }
        if let Some(tags) = &self.tags {
            definition.tags = harmless_tags(tags, &mut remarks);
        }
        definition.activity = self.activity.unwrap_or(definition.activity);
        Ok((definition, remarks))
    }

    fn endpoints(
        &self,
        base: Option<&Definition>,
        defaults: &Defaults,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<Endpoint>, String> {
        let mut endpoints: Vec<Endpoint> = Vec::with_capacity(self.spots.len());
        for spot in &self.spots {
            let known = base.and_then(|base| base.endpoints.iter().find(|known| known.address == spot.address));
            let fallback = defaults.endpoint(spot.address.clone());
            let mut endpoint = spot.endpoint(known.unwrap_or(&fallback));
            endpoint.timeout = inside("timeout", endpoint.timeout, &TIMEOUT, remarks);
            if !endpoint.family.admits(&endpoint.address.host) {
                return Err(format!("{} is no address of the family that it asks for", endpoint.address));
            }
            if endpoints.iter().any(|other| other.address == endpoint.address) {
                remarks.push(format!("{} stands in it twice", endpoint.address));
            } else {
                endpoints.push(endpoint);
            }
        }
        if endpoints.len() > ENDPOINTS_MAX {
            return Err(format!("it has {} endpoints, at most {ENDPOINTS_MAX}", endpoints.len()));
        }
        Ok(endpoints)
    }

    fn define_cadence(&self, definition: &mut Definition, defaults: &Defaults, remarks: &mut Vec<String>) {
        if let Some(interval) = self.interval {
            definition.interval = inside("interval", interval, &INTERVAL, remarks);
            definition.retry_interval = defaults.retry_interval_for(definition.interval);
        }
        if let Some(retry) = self.retry_interval {
            let range = *INTERVAL.start()..=definition.interval;
            definition.retry_interval = inside("retry interval", retry, &range, remarks);
        }
        let mut threshold = |count: u64| {
            let inside = count.clamp(1, 255);
            if inside != count {
                remarks.push(format!("a threshold of {count} became {inside}"));
            }
            NonZeroU8::new(inside as u8).unwrap_or(NonZeroU8::MIN)
        };
        if let Some(count) = self.down_after {
            definition.down_after = threshold(count);
        }
        if let Some(count) = self.up_after {
            definition.up_after = threshold(count);
        }
        match self.degraded_above {
            Some(Limit::Above(limit)) => {
                definition.degraded_above = Some(inside("latency limit", limit, &DEGRADED_ABOVE, remarks));
            }
            Some(Limit::Never) => definition.degraded_above = None,
            None => {}
        }
    }
}

/// The duration, or the end of the range that is next to it.
fn inside(name: &str, duration: Duration, range: &RangeInclusive<Duration>, remarks: &mut Vec<String>) -> Duration {
    let inside = duration.clamp(*range.start(), (*range.end()).max(*range.start()));
    if inside != duration {
        let (said, became) = (duration::text(duration), duration::text(inside));
        let remark = format!("the {name} of {said} became {became}");
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    inside
}

fn harmless_note(note: &str, remarks: &mut Vec<String>) -> String {
    if may_hold_secret(note) {
        remarks.push("left out its note, which may hold a secret".to_owned());
        return String::new();
    }
    if note.graphemes(true).nth(NOTE_MAX).is_some() {
        remarks.push(format!("cut its note after {NOTE_MAX} characters"));
    }
    clean(note, NOTE_MAX).trim().to_owned()
}

/// Tags are single words.
fn harmless_tags(tags: &[String], remarks: &mut Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for tag in tags {
        let word = clean(tag, 4 * TAG_MAX).split_whitespace().collect::<Vec<_>>().join("-");
        let shown = word.split(['=', ':']).next().unwrap_or_default().to_owned();
        if may_hold_secret(&word) {
            remarks.push(format!("left out the tag {shown}, which may hold a secret"));
        } else if word.graphemes(true).count() > TAG_MAX {
            remarks.push(format!("left out the tag {word}, which is longer than {TAG_MAX} characters"));
        } else if !word.is_empty() && !out.contains(&word) {
            out.push(word);
        }
    }
    if out.len() > TAGS_MAX {
        remarks.push(format!("left out all tags after the first {TAGS_MAX}"));
        out.truncate(TAGS_MAX);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn define(found: &Found) -> (Definition, Vec<String>) {
        found.define(None, &Defaults::default()).expect("a target")
    }

    fn db1() -> Found {
        Found::at(1, "db1:5432".parse().expect("an address"))
    }

    #[test]
    fn what_a_file_leaves_open_stays_as_it_is() {
        let defaults = Defaults::default();
        let mut base = defaults.definition("db1:5432".parse().expect("an address"));
        base.note = "mine".to_owned();
        base.endpoints[0].timeout = Duration::from_secs(3);
        let found = Found { interval: Some(Duration::from_secs(30)), ..db1() };
        let (definition, remarks) = found.define(Some(&base), &defaults).expect("a target");
        assert_eq!(definition, Definition { interval: Duration::from_secs(30), ..base });
        assert!(remarks.is_empty(), "{remarks:?}");
    }

    #[test]
    fn what_lies_outside_comes_inside_and_is_told() {
        let mut found = Found {
            interval: Some(Duration::from_millis(5)),
            retry_interval: Some(Duration::from_secs(50)),
            down_after: Some(0),
            degraded_above: Some(Limit::Above(Duration::ZERO)),
            ..db1()
        };
        found.set_timeout(Some(Duration::from_hours(2)));
        let (definition, remarks) = define(&found);
        assert_eq!(definition.interval, Duration::from_secs(1));
        assert_eq!((definition.retry_interval, definition.down_after), (Duration::from_secs(1), NonZeroU8::MIN));
        assert_eq!(definition.endpoints[0].timeout, *TIMEOUT.end());
        assert_eq!(remarks.len(), 5, "{remarks:?}");
    }

    #[test]
    fn secrets_stay_behind_and_hostile_characters_lose_their_power() {
        let tags = ["two words", "token=abc", "a", "a", &"x".repeat(33)].map(str::to_owned).to_vec();
        let found = Found {
            name: Some(" \u{202e}db\u{1b}[2J ".to_owned()),
            note: Some("password: hunter2".to_owned()),
            tags: Some(tags),
            ..db1()
        };
        let (definition, remarks) = define(&found);
        assert_eq!(definition.name, "\u{fffd}db\u{fffd}[2J");
        assert_eq!((definition.note.as_str(), definition.tags), ("", vec!["two-words".to_owned(), "a".to_owned()]));
        assert!(remarks.len() == 3 && !remarks.concat().contains("abc"), "{remarks:?}");
    }

    #[test]
    fn a_literal_of_the_other_family_cannot_be_watched() {
        let mut found = Found::at(1, "[2001:db8::1]:443".parse().expect("an address"));
        found.spots[0].family = Some(Family::Ipv4);
        assert!(found.define(None, &Defaults::default()).is_err());
    }
}
