//! What goes out in any form and comes in again is the same, as far as the form can hold it.

use super::{added, plan_of};
use portpulse::config::defaults::{DEGRADED_ABOVE, INTERVAL, TIMEOUT};
use portpulse::domain::text::clean;
use portpulse::domain::{
    Activity, Address, Addresses, Definition, Endpoint, Evaluation, Expect, Family, Handshake, Host,
};
use portpulse::exchange::import::Foreign;
use portpulse::exchange::targets::{Form, write};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::HashSet;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many targets are written at once.
const TARGETS_MAX: usize = 6;

fn between(range: &RangeInclusive<Duration>) -> impl Strategy<Value = Duration> + use<> {
    let (low, high) = (range.start().as_micros() as u64, range.end().as_micros() as u64);
    prop_oneof![low..=high, (low.div_ceil(1_000)..=high / 1_000).prop_map(|millis| millis * 1_000)]
        .prop_map(Duration::from_micros)
}

fn host() -> impl Strategy<Value = Host> {
    prop_oneof![
        "[a-z][a-z0-9_-]{0,10}[a-z0-9](\\.[a-z][a-z0-9]{0,5}){0,2}".prop_map(|name| name.parse().expect("a name")),
        (1u8..224, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| Host::V4([a, b, c, d].into())),
        any::<u64>().prop_map(|low| format!("2001:db8::{:x}:1", low & 0xffff).parse().expect("an address")),
        Just("fe80::1%eth0".parse().expect("an address")),
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let family = select(vec![Family::Auto, Family::Ipv4, Family::Ipv6, Family::Both]);
    let choices = (
        select(vec![Handshake::Silent, Handshake::Full]),
        select(vec![Addresses::Any, Addresses::Every]),
        select(vec![Expect::Open, Expect::Refused, Expect::Closed]),
    );
    (host(), 1u16.., family, between(&TIMEOUT), choices, 1u32..=1_000_000).prop_map(
        |(host, port, family, timeout, (handshake, addresses, expect), weight)| {
            // A literal of the other family cannot be asked for.
            let family = if host.literal().is_some() { Family::Auto } else { family };
            let address = Address { host, port: NonZeroU16::new(port).expect("above 0") };
            let weight = NonZeroU32::new(weight).expect("above 0");
            Endpoint { address, family, timeout, handshake, addresses, expect, weight }
        },
    )
}

fn evaluation() -> impl Strategy<Value = Evaluation> {
    prop_oneof![
        select(vec![Evaluation::All, Evaluation::Any, Evaluation::Failover, Evaluation::Timeouts]),
        option::of(1u16..=255).prop_map(|needed| Evaluation::Quorum { needed: needed.and_then(NonZeroU16::new) }),
        (1u8..=100).prop_map(|degraded_from| Evaluation::Weighted { degraded_from }),
        (between(&DEGRADED_ABOVE), between(&DEGRADED_ABOVE))
            .prop_map(|(degraded_above, down_above)| Evaluation::Percentile { degraded_above, down_above }),
        "[a-z]{1,8}( [a-z]{1,8})?".prop_map(|stem| Evaluation::Script(PathBuf::from(format!("{stem}.js")))),
    ]
}

/// A text as a configuration has it.
fn words(pattern: &'static str, max: usize) -> impl Strategy<Value = String> + use<> {
    pattern.prop_map(move |text: String| clean(&text, max).split_whitespace().collect::<Vec<_>>().join(" "))
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9]{1,10}", "[a-z_]{1,8}=[a-z0-9.]{1,8}", "[!-~äß]{1,12}"]
        .prop_map(|tag| clean(&tag, 32))
        // What may be a secret stays behind on purpose.
        .prop_filter("a secret", |tag| !tag.to_lowercase().contains("pwd="))
}

fn definition() -> impl Strategy<Value = Definition> {
    let cadence = (between(&INTERVAL), any::<Index>(), 1u8.., 1u8.., option::of(between(&DEGRADED_ABOVE)));
    let texts = (words("[ -~äß€\u{202e}]{0,30}", 60), words("[ -~\n\"äß€]{0,60}", 200), vec(tag(), 0..5));
    (vec(endpoint(), 1..4), evaluation(), cadence, texts, any::<bool>()).prop_map(
        |(mut endpoints, evaluation, (interval, retry, down, up, degraded_above), (name, note, tags), is_paused)| {
            let mut seen = HashSet::new();
            endpoints.retain(|endpoint| seen.insert(endpoint.address.clone()));
            let name = if name.is_empty() { endpoints[0].address.to_string() } else { name };
            let retry = 1_000_000 + retry.index(interval.as_micros() as usize - 999_999);
            let mut unique = HashSet::new();
            Definition {
                endpoints,
                evaluation,
                interval,
                retry_interval: Duration::from_micros(retry as u64),
                down_after: NonZeroU8::new(down).expect("above 0"),
                up_after: NonZeroU8::new(up).expect("above 0"),
                degraded_above,
                note,
                tags: tags.into_iter().filter(|tag| unique.insert(tag.clone())).collect(),
                activity: if is_paused { Activity::Paused } else { Activity::Watching },
                name,
            }
        },
    )
}

/// Targets of which no two have a name or an address in common.
fn definitions(endpoints_max: usize) -> impl Strategy<Value = Vec<Definition>> {
    vec(definition(), 1..TARGETS_MAX).prop_map(move |mut all| {
        let (mut names, mut addresses) = (HashSet::new(), HashSet::new());
        for definition in &mut all {
            definition.endpoints.truncate(endpoints_max);
            // More than there are cannot be asked for.
            if let Evaluation::Quorum { needed: Some(needed) } = &mut definition.evaluation {
                *needed = (*needed).min(NonZeroU16::new(definition.endpoints.len() as u16).expect("an endpoint"));
            }
        }
        all.retain(|definition| {
            names.insert(definition.name.clone())
                && definition.endpoints.iter().all(|endpoint| addresses.insert(endpoint.address.clone()))
        });
        all
    })
}

/// What comes in again, read as whatever it looks like.
fn there_and_back(form: Form, definitions: &[Definition]) -> (String, Vec<Definition>) {
    let text = write(form, definitions, Path::new("portpulse.toml")).expect("a text");
    let file = Foreign { name: "x".to_owned(), bytes: text.clone().into_bytes() };
    (text, added(&plan_of(&[file], None)))
}

/// One target for each endpoint, with what a form without groups can hold.
fn singles(definitions: &[Definition]) -> Vec<(String, Definition)> {
    let singles = definitions.iter().flat_map(|definition| {
        let endpoints = definition.endpoints.iter().cloned();
        endpoints.map(|endpoint| {
            (endpoint.address.to_string(), Definition { endpoints: vec![endpoint], ..definition.clone() })
        })
    });
    singles.collect()
}

#[test]
fn a_group_beside_targets_of_its_own_endpoints_comes_back_in_every_form() {
    let plain = |name: &str, hosts: &[&str]| {
        let line = format!("{}:1 {name}", hosts[0]);
        let read = &added(&plan_of(&[super::text("list", &line)], None))[0];
        let endpoints = hosts.iter().map(|host| Endpoint {
            address: format!("{host}:1").parse().expect("an address"),
            ..read.endpoints[0].clone()
        });
        Definition { endpoints: endpoints.collect(), ..read.clone() }
    };
    let alone = [plain("alpha", &["a"]), plain("beta", &["b"])];
    let groups = [plain("trio", &["c", "a", "b"]), plain("pair", &["a", "b"])];
    for form in [Form::Csv, Form::Json, Form::Toml] {
        for all in [[&alone[..], &groups].concat(), [&groups[..], &alone].concat()] {
            let (text, back) = there_and_back(form, &all);
            assert_eq!(back, all, "{text}");
            let file = Foreign { name: "x".to_owned(), bytes: text.into_bytes() };
            let again = super::plan_beside(&all, std::slice::from_ref(&file), None, super::OnConflict::Update);
            assert!(again.changes.is_empty(), "{again:?}");
            let beside = super::plan_beside(&alone, &[file], None, super::OnConflict::Update);
            assert_eq!(added(&beside), groups, "{beside:?}");
            assert_eq!(beside.changes.len(), 1, "{beside:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_holds_everything(definitions in definitions(4)) {
        let (text, back) = there_and_back(Form::Csv, &definitions);
        prop_assert_eq!(back, definitions, "{}", text);
    }

    #[test]
    fn json_holds_everything(definitions in definitions(4)) {
        let (text, back) = there_and_back(Form::Json, &definitions);
        prop_assert_eq!(back, definitions, "{}", text);
    }

    #[test]
    fn a_configuration_holds_everything(definitions in definitions(4)) {
        let (text, back) = there_and_back(Form::Toml, &definitions);
        prop_assert_eq!(back, definitions, "{}", text);
    }

    #[test]
    fn lines_hold_addresses_names_and_tags(definitions in definitions(3)) {
        let (text, back) = there_and_back(Form::Lines, &definitions);
        let singles = singles(&definitions);
        prop_assert_eq!(back.len(), singles.len(), "{}", text);
        for (found, (address, meant)) in back.iter().zip(&singles) {
            prop_assert_eq!(&found.endpoints[0].address, &meant.endpoints[0].address, "{}", text);
            let line = format!("{address} {}", meant.name);
            let is_readable = portpulse::domain::listing::parse_line(&line).is_ok_and(|read| {
                read.name.as_ref() == Some(&meant.name) && read.tags.is_empty() && read.addresses.len() == 1
            });
            let is_meant = |definition: &&Definition| definition.name == meant.name;
            let is_group = definitions.iter().find(is_meant).is_some_and(|it| it.endpoints.len() > 1);
            if is_readable && !is_group {
                prop_assert_eq!(&found.name, &meant.name, "{}", text);
            }
            let plain_tags = meant.tags.iter().all(|tag| !tag.starts_with('#'));
            if plain_tags && (is_readable || meant.name == *address) {
                prop_assert_eq!(&found.tags, &meant.tags, "{}", text);
            }
        }
    }

    #[test]
    fn prometheus_holds_names_labels_notes_and_cadence(definitions in definitions(1)) {
        let (text, back) = there_and_back(Form::Prometheus, &definitions);
        prop_assert_eq!(back.len(), definitions.len(), "{}", text);
        for (found, meant) in back.iter().zip(&definitions) {
            prop_assert_eq!(&found.endpoints[0].address, &meant.endpoints[0].address, "{}", text);
            prop_assert_eq!((&found.name, &found.note, found.activity), (&meant.name, &meant.note, meant.activity));
            prop_assert_eq!(found.interval.as_millis(), meant.interval.as_millis(), "{}", text);
            if meant.endpoints[0].timeout <= meant.interval {
                prop_assert_eq!(found.endpoints[0].timeout.as_millis(), meant.endpoints[0].timeout.as_millis());
            }
            // A comma separates tags there.
            if meant.tags.iter().all(|tag| !tag.contains(',')) {
                let set = |tags: &[String]| tags.iter().cloned().collect::<HashSet<_>>();
                prop_assert_eq!(set(&found.tags), set(&meant.tags), "{}", text);
            }
        }
    }
}
