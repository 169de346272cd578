//! The state table of the design as pictures: checks in, outages out.

#[cfg(test)]
mod tests {
    use crate::domain::{Closing, Definition, Grade, Mono, Now, OutageId, Path, Reason, TargetId, Wall};
    use crate::monitor::health::{Change, Health, Paths, Verdict};
    use crate::monitor::moment::Moment;
    use crate::monitor::snapshot::{Soft, State};
    use std::time::Duration;

    fn definition() -> Definition {
        let endpoint = crate::domain::Endpoint {
            family: crate::domain::endpoint::Family::Auto,
            timeout: Duration::from_secs(10),
            handshake: crate::domain::endpoint::Handshake::Silent,
            ..crate::domain::Endpoint::new("db1:5432".parse().expect("an address"))
        };
        Definition::new("db1".to_owned(), endpoint)
    }

    /// Minute `n` on both clocks.
    fn minute(n: usize) -> Moment {
        let millis = u64::try_from(n).expect("small") * 60_000;
        Moment::at(Now { mono: Mono(millis), wall: Wall(i64::try_from(millis).expect("small")) })
    }

    fn minutes(at: Wall) -> i64 {
        at.0 / 60_000
    }

    /// One character a minute: `.` success, `x` failure, `?` inconclusive, space not observed.
    /// Every last strike is proven at once. The picture shows what each check brought about: `D` for an
    /// outage that opened, `U` for one that ended, `b` for a blip that passed; then the outages as
    /// `start-end`, `!` for an end that was not seen, `~` for unobserved minutes.
    fn picture(checks: &str) -> String {
        let mut health = Health::new(&definition());
        let (mut line, mut outages) = (String::new(), Vec::new());
        for (place, mark) in checks.chars().enumerate() {
            let verdict = match mark {
                '.' => Verdict::Open(Duration::from_millis(3), Grade::Up),
                'x' => Verdict::Failed(Reason::Refused, Paths::default().with(Path::Ipv4)),
                '?' => Verdict::Inconclusive,
                _ => {
                    line.push(' ');
                    continue;
                }
            };
            let change = health.take(minute(place), verdict);
            let opened = health.confirm(minute(place).wall, OutageId(1), TargetId(1), "db1").is_some();
            line.push(match change {
                _ if opened => 'D',
                Change::Blip { .. } => 'b',
                Change::Ended(_) => 'U',
                _ => mark,
            });
            if let Change::Ended(outage) = change {
                let not_seen = matches!(outage.closing, Some(Closing::EndNotSeen { .. }));
                let end = outage.ended_at().map(minutes).expect("an end");
                let unobserved = outage.unobserved.as_secs() / 60;
                outages.push(format!(
                    " {}-{end}{}{}",
                    minutes(outage.started_at),
                    if not_seen { "!" } else { "" },
                    if unobserved > 0 { format!("~{unobserved}") } else { String::new() },
                ));
            }
        }
        let open = health.outage().map(|outage| format!(" {}-", minutes(outage.started_at)));
        line + &outages.concat() + &open.unwrap_or_default()
    }

    #[test]
    fn the_state_table() {
        for (checks, expected) in [
            (".xx.", ".xxb"),
            (".xxx", ".xxD 1-"),
            (".xx.xxx", ".xxbxxD 4-"),
            (".x?x?x", ".x?x?D 1-"),
            (".xx       x", ".xx       D 1-"),
            (".xx         x", ".xx         D 1-"),
            (".xx          x", ".xx          x"),
            (".xx          xxx", ".xx          xxD 13-"),
            (".xxx.x..", ".xxD.x.U 1-6"),
            (".xxx.?.", ".xxD.?U 1-4"),
            (".xxx                 ..", ".xxD                 .U 1-21!~16"),
            (".xxx                 x..", ".xxD                 x.U 1-22~16"),
            (".xxx.  .", ".xxD.  U 1-4"),
            (".xxx.           ..", ".xxD.           .U 1-16!~10"),
            ("xxx", "xxD 0-"),
            ("...", "..."),
            ("?x?xx", "?x?xD 1-"),
        ] {
            assert_eq!(picture(checks), expected, "{checks:?}");
        }
    }

    #[test]
    fn the_last_strike_waits_for_evidence_and_keeps_its_start() {
        let mut health = Health::new(&definition());
        let failed = Verdict::Failed(Reason::TimedOut, Paths::default().with(Path::Ipv4));
        for place in 0..5 {
            health.take(minute(place), failed);
        }
        assert_eq!(health.state(), State::Pending);
        assert_eq!(health.soft(), Soft::Failing { count: 3, of: 3, reason: Reason::TimedOut, since: minute(0).wall });
        assert_eq!(health.pending().map(|(at, _)| at), Some(minute(2)));
        let outage = health.confirm(minute(6).wall, OutageId(1), TargetId(1), "db1").cloned().expect("an outage");
        assert_eq!((minutes(outage.started_at), minutes(outage.detected_at)), (0, 6));
        assert_eq!(outage.failure_count(), 5);
    }

    #[test]
    fn a_last_strike_that_waits_is_told_once() {
        let mut health = Health::new(&definition());
        let failed = Verdict::Failed(Reason::TimedOut, Paths::default().with(Path::Ipv4));
        let told = |minutes: std::ops::Range<usize>, health: &mut Health| -> Vec<u8> {
            let changes = minutes.map(|place| health.take(minute(place), failed));
            let count = |change| if let Change::Failing { count, .. } = change { Some(count) } else { None };
            changes.filter_map(count).collect()
        };
        assert_eq!(told(0..9, &mut health), [1, 2, 3], "and not again, however long it waits");
        assert!(health.void(Path::Ipv4, minute(2), minute(9)));
        assert_eq!(told(9..13, &mut health), [3], "a place in the streak that was taken back comes again");
    }

    #[test]
    fn strikes_of_a_blind_time_are_taken_back() {
        let mut health = Health::new(&definition());
        let by = |path| Verdict::Failed(Reason::TimedOut, Paths::default().with(path));
        for (place, path) in [Path::Ipv4, Path::Ipv6, Path::Ipv4].into_iter().enumerate() {
            health.take(minute(place), by(path));
        }
        assert!(!health.void(Path::Names, minute(0), minute(9)));
        assert!(health.void(Path::Ipv4, minute(1), minute(9)));
        assert_eq!(health.pending(), None);
        assert_eq!(health.soft(), Soft::Failing { count: 2, of: 3, reason: Reason::TimedOut, since: minute(0).wall });
    }

    #[test]
    fn a_pause_closes_the_outage_without_a_recovery() {
        let mut health = Health::new(&definition());
        for place in 0..3 {
            health.take(minute(place), Verdict::Failed(Reason::Reset, Paths::default()));
        }
        health.confirm(minute(2).wall, OutageId(9), TargetId(1), "db1");
        let closed = health.abandon(minute(10), Closing::Paused).expect("an outage");
        assert_eq!(closed.closing, Some(Closing::Paused(minute(10).wall)));
        assert_eq!(closed.unobserved, Duration::from_secs(390), "2 + 1.5 minutes to 10");
        assert_eq!(health.state(), State::Pending);
        assert_eq!(health.abandon(minute(11), Closing::Paused), None);
    }

    #[test]
    fn a_clock_put_back_never_makes_an_outage_negative() {
        let mut health = Health::new(&definition());
        let failed = Verdict::Failed(Reason::Refused, Paths::default());
        let at = |minute: u64, wall: i64| Moment::at(Now { mono: Mono(minute * 60_000), wall: Wall(wall * 60_000) });
        for place in 0..3u8 {
            health.take(at(place.into(), 100 + i64::from(place)), failed);
        }
        health.confirm(Wall(102 * 60_000), OutageId(1), TargetId(1), "db1");
        health.take(at(3, 40), Verdict::Open(Duration::ZERO, Grade::Up));
        let Change::Ended(outage) = health.take(at(4, 41), Verdict::Open(Duration::ZERO, Grade::Up)) else {
            panic!("no end")
        };
        assert_eq!(outage.started_at, Wall(100 * 60_000));
        assert_eq!(outage.ended_at(), Some(outage.started_at));
    }
}
