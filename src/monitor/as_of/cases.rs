//! Small histories as pictures, and what a look back at each moment of them shows.

#[cfg(test)]
mod tests {
    use crate::domain::record::Past;
    use crate::domain::{
        Address, CatalogEntry, Check, Clocked, Closing, Definition, Endpoint, EndpointId, Event, Failure, Fault, Gap,
        GapCause, Handshake, Happening, Outage, OutageId, Outcome, Path, Place, Reason, Target, TargetId, Timing,
        VantageId, Wall,
    };
    use crate::monitor::as_of::as_of;
    use crate::monitor::snapshot::{Sight, Soft, State};
    use std::time::Duration;

    /// So many minutes and seconds after the beginning.
    fn at(minute: i64, second: i64) -> Wall {
        Wall((minute * 60 + second) * 1_000)
    }

    fn target() -> Target {
        let address: Address = "192.0.2.1:5432".parse().expect("an address");
        let (timeout, handshake) = (Duration::from_secs(10), Handshake::Silent);
        let endpoint = Endpoint { timeout, handshake, ..Endpoint::new(address) };
        Target::plain(TargetId(1), EndpointId(1), Definition::new("db".into(), endpoint))
    }

    /// One character a minute: `.` success, `x` refused, `t` timed out, `?` inconclusive, space none.
    fn past(picture: &str) -> Past {
        let failed = |reason, after| {
            let (place, after) = (Place::Later, Duration::from_millis(after));
            Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
        };
        let check = |(minute, mark)| {
            let outcome = match mark {
                '.' => {
                    let connect = Duration::from_millis(3);
                    Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
                }
                'x' => failed(Reason::Refused, 1),
                't' => failed(Reason::TimedOut, 10_000),
                '?' => Outcome::Inconclusive(Fault::Memory),
                _ => return None,
            };
            let (endpoint, vantage, address) = (EndpointId(1), VantageId::HERE, Some([192, 0, 2, 1].into()));
            Some(Check { endpoint, vantage, at: at(minute, 0), outcome, dns: None, address, tried: 1, answered: 1 })
        };
        let entry = CatalogEntry { target: target(), added_at: at(0, 0), removed_at: None, paused_at: None };
        let checks = (0..).zip(picture.chars()).filter_map(check).collect();
        Past { catalog: vec![entry], checks: vec![(EndpointId(1), checks)], ..Past::default() }
    }

    fn outage(started: i64, detected: Wall, closing: Option<Closing>) -> Outage {
        Outage {
            id: OutageId(1),
            target: TargetId(1),
            name: "db".to_owned(),
            started_at: at(started, 0),
            detected_at: detected,
            last_failure_at: at(9, 0),
            closing,
            reason: Reason::Refused,
            failures: [99, 0, 0, 0, 0, 0, 0, 0],
            inconclusive: 9,
            unobserved: Duration::ZERO,
        }
    }

    fn recovered(ended: i64, confirmed: i64) -> Closing {
        Closing::Recovered { ended_at: at(ended, 0), confirmed_at: at(confirmed, 0) }
    }

    fn event(at: Wall, what: Happening) -> Event {
        Event { at, target: Some((TargetId(1), "db".to_owned())), what }
    }

    /// How the target stood, in words; the failures of its outage behind a `#`.
    fn seen(past: &Past, moment: Wall) -> String {
        let picture = as_of(moment, past.clone());
        assert_eq!(picture.at.wall, moment);
        let Some(view) = picture.targets.first() else { return "-".to_owned() };
        if view.state != State::Paused && view.is_unobserved() {
            return "no data".to_owned();
        }
        let word = match view.state {
            State::Pending => "new",
            State::Up => "up",
            State::Degraded => "slow",
            State::Down => "down",
            State::Paused => "paused",
        };
        let soft = match view.soft {
            Soft::Steady => String::new(),
            Soft::Failing { count, of, .. } => format!(" {count}/{of}"),
            Soft::Recovering { count, of } => format!(" up {count}/{of}"),
        };
        let failures = view.outage.as_ref().map(|outage| format!(" #{}", outage.failure_count()));
        format!("{word}{soft}{}", failures.unwrap_or_default())
    }

    #[track_caller]
    fn assert_seen(past: &Past, expected: &[(i64, i64, &str)]) {
        for (minute, second, words) in expected {
            assert_eq!(seen(past, at(*minute, *second)), *words, "at {minute}:{second:02}");
        }
    }

    #[test]
    fn an_outage_is_failing_then_down_then_recovering_then_over() {
        let mut past = past(".....xxxxx.....");
        past.outages = vec![outage(5, Wall(at(7, 0).0 + 1), Some(recovered(10, 11)))];
        let story = [
            (0, 0, "new"),
            (0, 30, "up"),
            (4, 59, "up"),
            (5, 0, "up"),
            (5, 30, "up 1/3"),
            (6, 30, "up 2/3"),
            (7, 0, "up 2/3"),
            (7, 30, "down #3"),
            (9, 30, "down #5"),
            (10, 30, "down up 1/2 #5"),
            (11, 0, "down up 1/2 #5"),
            (11, 30, "up"),
            (14, 30, "up"),
        ];
        assert_seen(&past, &story);
        let view = |moment| as_of(moment, past.clone()).targets.first().cloned().expect("it was watched");
        assert_eq!((view(at(8, 0)).since, view(at(12, 0)).since), (at(5, 0), at(10, 0)));
        let reason = |moment| view(moment).latest.as_ref().and_then(|latest| latest.check.outcome.reason());
        assert_eq!((reason(at(4, 30)), reason(at(8, 30))), (None, Some(Reason::Refused)));
    }

    #[test]
    fn a_last_strike_that_waits_for_evidence_is_no_outage_yet() {
        let mut past = past(".....xxxxx");
        past.outages = vec![outage(5, at(8, 30), None)];
        assert_seen(&past, &[(7, 30, "up 3/3"), (8, 20, "up 3/3"), (8, 40, "down #4"), (9, 30, "down #5")]);
    }

    #[test]
    fn a_check_counts_from_its_end() {
        let past = past(".....ttt..");
        assert_seen(&past, &[(5, 9, "up"), (5, 11, "up 1/3"), (6, 9, "up 1/3"), (6, 11, "up 2/3"), (8, 30, "up")]);
    }

    #[test]
    fn what_says_nothing_changes_nothing() {
        let silent = format!(".....{}", "?".repeat(60));
        assert_seen(&past(&silent), &[(40, 30, "up"), (64, 30, "up")]);
        assert_seen(&past("..x?x?x"), &[(3, 30, "up 1/3"), (4, 30, "up 2/3"), (5, 30, "up 2/3")]);
    }

    #[test]
    fn who_was_there_and_who_was_paused_is_told_by_what_came_later() {
        let mut past = past(&format!("{}     {}     {}", ".".repeat(20), ".".repeat(10), ".".repeat(20)));
        past.events = vec![
            event(at(0, 0), Happening::Added),
            event(at(20, 0), Happening::Paused),
            event(at(25, 0), Happening::Resumed),
            event(at(35, 0), Happening::Removed),
            event(at(40, 0), Happening::Restored),
        ];
        let story = [
            (-1, 0, "-"),
            (19, 30, "up"),
            (20, 0, "paused"),
            (24, 59, "paused"),
            (25, 30, "up"),
            (35, 0, "-"),
            (39, 0, "-"),
            (41, 0, "up"),
        ];
        assert_seen(&past, &story);
        let newest = past.clone();
        past.events.drain(..2);
        assert_eq!(seen(&past, at(22, 0)), "paused", "the pause itself is forgotten, its end is not");
        past = newest;
        past.events.truncate(4);
        past.catalog[0].removed_at = Some(at(35, 0));
        assert_seen(&past, &[(22, 0, "paused"), (34, 0, "up"), (36, 0, "-")]);
        past.events.clear();
        past.catalog[0].removed_at = None;
        past.catalog[0].paused_at = Some(at(50, 0));
        past.catalog[0].target.definition.activity = crate::domain::Activity::Paused;
        assert_seen(&past, &[(44, 0, "up"), (51, 0, "paused")]);
    }

    #[test]
    fn an_outage_that_was_closed_by_hand_was_open_before() {
        let mut past = past(".....xxxxx");
        past.outages = vec![outage(5, Wall(at(7, 0).0 + 1), Some(Closing::Removed(at(9, 30))))];
        past.events = vec![event(at(9, 30), Happening::Removed)];
        past.catalog[0].removed_at = Some(at(9, 30));
        assert_seen(&past, &[(9, 20, "down #5"), (9, 30, "-")]);
    }

    #[test]
    fn where_nobody_watched_there_is_no_data() {
        let mut past = past("..........          ..........");
        assert_seen(&past, &[(10, 0, "up"), (12, 0, "no data"), (19, 59, "no data"), (20, 30, "up")]);
        let (vantage, from, to) = (VantageId::HERE, at(9, 20), at(19, 50));
        past.gaps = vec![Gap { vantage, from, to, cause: GapCause::NotRunning, path: None }];
        assert_seen(&past, &[(9, 10, "up"), (9, 30, "no data"), (15, 0, "no data"), (21, 0, "up")]);
        past.checks.clear();
        assert_seen(&past, &[(0, 10, "new"), (15, 0, "no data"), (25, 0, "no data")]);
    }

    #[test]
    fn blindness_is_known_from_its_notice_and_takes_its_failures_back_when_it_ends() {
        let mut past = past(".....tttttttt...");
        let blind = "IPv4: no usable local route".to_owned();
        let notice = Event { at: at(6, 30), target: None, what: Happening::Blind { why: blind } };
        let restored = Event { at: at(13, 1), target: None, what: Happening::SightRestored { after: Duration::ZERO } };
        past.events = vec![notice, restored];
        let (vantage, path, from, to) = (VantageId::HERE, Some(Path::Ipv4), at(4, 0), at(13, 0));
        past.gaps = vec![Gap { vantage, from, to, cause: GapCause::Blind, path }];
        assert_seen(&past, &[(5, 30, "up 1/3"), (6, 40, "up 2/3"), (9, 30, "up 3/3"), (13, 30, "up"), (15, 30, "up")]);
        let sight = |moment| as_of(moment, past.clone()).sight;
        assert_eq!((sight(at(6, 0)), sight(at(14, 0))), (Sight::Clear, Sight::Clear));
        let why = "no usable local route".to_owned();
        assert_eq!(sight(at(8, 0)), Sight::Blind { since: from, why, scope: "IPv4".to_owned() });
    }

    #[test]
    fn blindness_goes_on_until_somebody_was_told_that_it_is_over() {
        let mut past = past(".....tttttttt...");
        let why = "no usable local route".to_owned();
        let blind = Happening::Blind { why: format!("IPv4: {why}") };
        let restored = Happening::SightRestored { after: Duration::from_mins(9) };
        past.events = vec![
            Event { at: at(6, 30), target: None, what: blind },
            Event { at: at(13, 8), target: None, what: restored },
        ];
        let (vantage, path, from, to) = (VantageId::HERE, Some(Path::Ipv4), at(4, 0), at(13, 0));
        past.gaps = vec![Gap { vantage, from, to, cause: GapCause::Blind, path }];
        let sight = |moment| as_of(moment, past.clone()).sight;
        assert_eq!(sight(at(13, 7)), Sight::Blind { since: from, why, scope: "IPv4".to_owned() });
        assert_eq!(sight(at(13, 8)), Sight::Clear);
        assert_seen(&past, &[(12, 59, "up 3/3"), (13, 8, "up")]);
    }

    #[test]
    fn a_connection_that_opened_counts_wherever_it_began() {
        let mut past = past(".....xxx..");
        let (vantage, path, from, to) = (VantageId::HERE, Some(Path::Ipv4), at(8, 0), at(8, 30));
        past.outages = vec![outage(5, at(7, 0), Some(recovered(8, 9)))];
        past.gaps = vec![Gap { vantage, from, to, cause: GapCause::Blind, path }];
        assert_seen(&past, &[(8, 45, "down up 1/2 #3"), (9, 30, "up")]);
    }

    #[test]
    fn a_target_that_was_brought_back_begins_anew() {
        let mut past = past("....................     ??.");
        past.events = vec![
            event(at(0, 0), Happening::Added),
            event(at(20, 0), Happening::Removed),
            event(at(24, 30), Happening::Restored),
        ];
        assert_seen(&past, &[(19, 30, "up"), (21, 0, "-"), (24, 45, "new"), (26, 30, "new"), (27, 30, "up")]);
        let latest = |moment| as_of(moment, past.clone()).targets[0].latest.is_some();
        assert_eq!([at(19, 30), at(24, 45), at(25, 30)].map(latest), [true, false, true]);
    }

    /// Rounds of a target that is slow above 100 ms: `s` takes 300 ms, `.` takes 3.
    fn paced(picture: &str) -> Past {
        let mut past = past(&picture.replace('s', "."));
        past.catalog[0].target.definition.degraded_above = Some(Duration::from_millis(100));
        for (check, mark) in past.checks[0].1.iter_mut().zip(picture.chars()) {
            if let ('s', Outcome::Open(timing)) = (mark, &mut check.outcome) {
                timing.connect = Duration::from_millis(300);
            }
        }
        past
    }

    #[test]
    fn a_target_stays_slow_until_five_rounds_in_a_row_are_fast_however_long_ago_it_became_so() {
        let long = format!("......sss{}", "..s.".repeat(30));
        let past = paced(&long);
        assert_seen(&past, &[(6, 30, "up"), (8, 30, "slow"), (60, 30, "slow"), (128, 30, "slow")]);
        let limit = Some(Duration::from_millis(100));
        let checks = &past.checks[0].1;
        let from = crate::monitor::telling_from(checks, limit).expect("three slow ones of five");
        assert!(from <= 8, "the newest rounds settle nothing, but {from} on are enough");
        assert_eq!(crate::monitor::telling_from(&checks[9..], limit), None);
        assert_eq!(crate::monitor::telling_from(checks, None), Some(checks.len() - 5));
        assert_seen(&paced("..s.s......."), &[(11, 30, "up")]);
    }

    #[test]
    fn the_day_of_the_moment_is_the_day_before_it() {
        let past = past(&format!("{}{}", ".".repeat(120), " ".repeat(60)));
        let day = |moment| as_of(moment, past.clone()).targets[0].day.uptime;
        assert_eq!(day(at(120, 0)).up, Duration::from_hours(2));
        assert_eq!(day(at(60, 0)).up, Duration::from_hours(1));
        assert_eq!(day(at(60, 0)).expected, Duration::from_hours(1));
    }
}
