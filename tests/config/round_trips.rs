//! Whatever a target can be, it is written so that it reads back the same, and changed in place the same way.

use super::read;
use portpulse::config::edit::edit;
use portpulse::domain::{Activity, Addresses, Definition, Endpoint, Evaluation, Expect, Family, Handshake};
use portpulse::monitor::Change;
use proptest::prelude::*;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::path::Path;
use std::time::Duration;

/// Files that a target may come into: bare, with other defaults, with tags, with everything.
const FILES: [&str; 4] = [
    "",
    "[defaults]\ninterval = \"20s\"\ntimeout = \"2s\"\nfamily = \"ipv6\"\nevaluate = \"any\"\ndegraded_above = \"1s\"\n",
    "[tag.a]\ninterval = \"15s\"\nretry_interval = \"3s\"\naddresses = \"every\"\nexpect = \"refused\"\n\
     evaluate = \"weighted\"\ndegraded_from = 20\n[tag.b]\ntimeout = \"1s\"\ndegraded_above = \"never\"\nscript = \"b.js\"\n",
    "[defaults]\nhandshake = \"full\"\ndown_after = 7\nup_after = 7\nevaluate = \"percentile\"\n\
     [[target]]\naddress = \"{x,y}:1\"\n[tag.b]\nevaluate = \"quorum\"\nquorum = 1\ninterval = \"1d\"\n# end\n",
];

fn milliseconds() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (10..2_000_u64).prop_map(Duration::from_millis),
        Just(Duration::from_secs(2)),
        Just(Duration::from_secs(10))
    ]
}

prop_compose! {
    fn endpoint(port: u16)(
        timeout in milliseconds(),
        family in prop::sample::select(vec![Family::Auto, Family::Ipv4, Family::Ipv6, Family::Both]),
        handshake in prop::sample::select(vec![Handshake::Silent, Handshake::Full]),
        addresses in prop::sample::select(vec![Addresses::Any, Addresses::Every]),
        expect in prop::sample::select(vec![Expect::Open, Expect::Refused, Expect::Closed]),
        weight in prop_oneof![Just(1_u32), 1..50_u32],
    ) -> Endpoint {
        let address = format!("host:{port}").parse().expect("an address");
        let weight = NonZeroU32::new(weight).expect("at least one");
        Endpoint { timeout, family, handshake, addresses, expect, weight, ..Endpoint::new(address) }
    }
}

/// Some endpoints of ten, in any order, alike or not.
fn endpoints() -> impl Strategy<Value = Vec<Endpoint>> {
    let ports = Just((1..=10_u16).collect::<Vec<_>>()).prop_shuffle();
    (ports, 1..5_usize, any::<bool>()).prop_flat_map(|(ports, count, alike)| {
        let all: Vec<_> = ports.into_iter().take(count).map(endpoint).collect();
        all.prop_map(move |mut all| {
            let first = all[0].clone();
            if alike {
                for endpoint in &mut all {
                    *endpoint =
                        Endpoint { address: endpoint.address.clone(), weight: endpoint.weight, ..first.clone() };
                }
            }
            all
        })
    })
}

fn evaluation(endpoints: usize) -> impl Strategy<Value = Evaluation> {
    let needed = (0..=endpoints as u16).prop_map(|needed| Evaluation::Quorum { needed: NonZeroU16::new(needed) });
    let latencies = (milliseconds(), milliseconds());
    prop_oneof![
        Just(Evaluation::All),
        Just(Evaluation::Any),
        needed,
        Just(Evaluation::Failover),
        (1..=100_u8).prop_map(|degraded_from| Evaluation::Weighted { degraded_from }),
        Just(Evaluation::Timeouts),
        latencies.prop_map(|(degraded_above, down_above)| Evaluation::Percentile { degraded_above, down_above }),
        prop::sample::select(vec!["b.js", "../ä/c.js", "/s/d.js"]).prop_map(|path| Evaluation::Script(path.into())),
    ]
}

fn definition() -> impl Strategy<Value = Definition> {
    let shape = endpoints().prop_flat_map(|endpoints| (evaluation(endpoints.len()), Just(endpoints)));
    let times = (1..100_u64, 1..100_u64, prop::option::of(milliseconds()), 1..=9_u8, 1..=9_u8);
    let words =
        (prop::sample::subsequence(vec!["a", "b", "c"], 0..=3).prop_shuffle(), any::<bool>(), "[a-z \"'#]{0,8}");
    (shape, times, words, any::<bool>()).prop_map(
        |((evaluation, endpoints), times, (tags, paused, note), is_nameless)| {
            let (interval, retry, degraded_above, down, up) = times;
            let first = endpoints[0].address.to_string();
            Definition {
                name: if is_nameless && endpoints.len() == 1 { first } else { "group".to_owned() },
                interval: Duration::from_secs(interval),
                retry_interval: Duration::from_secs(retry.min(interval)),
                down_after: NonZeroU8::new(down).expect("at least one"),
                up_after: NonZeroU8::new(up).expect("at least one"),
                degraded_above,
                note: note.trim().to_owned(),
                tags: tags.into_iter().map(str::to_owned).collect(),
                activity: if paused { Activity::Paused } else { Activity::Watching },
                evaluation,
                endpoints,
            }
        },
    )
}

fn after(before: &str, change: &Change) -> String {
    edit(Path::new("p.toml"), before, change).unwrap_or_else(|errors| panic!("{errors}\n{before}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_target_is_written_and_changed_so_that_it_reads_back_the_same(
        file in prop::sample::select(FILES.to_vec()),
        first in definition(),
        second in definition(),
    ) {
        let others = read(file).declared.targets;
        let written = after(file, &Change::Add(vec![first.clone()]));
        let mut expected = others.clone();
        expected.push(first.clone());
        prop_assert_eq!(&read(&written).declared.targets, &expected, "{}", &written);
        let changed = after(&written, &Change::Edit(first.name.clone(), Box::new(second.clone())));
        expected.pop();
        expected.push(second.clone());
        prop_assert_eq!(&read(&changed).declared.targets, &expected, "{}\n{}", &written, &changed);
        let same = after(&changed, &Change::Edit(second.name.clone(), Box::new(second.clone())));
        prop_assert_eq!(&same, &changed, "an edit of nothing changes nothing");
        let back = after(&changed, &Change::Remove(vec![second.name]));
        prop_assert_eq!(read(&back).declared.targets, others, "{}", &back);
    }
}
