//! An outage as a row.

use super::{Row, seconds, words};
use crate::domain::{Closing, Maintenance, Outage, Reason, Wall, Zone};
use serde::Serialize;

/// An outage as a row. Moments are RFC 3339, UTC.
#[derive(Debug, Serialize)]
pub struct OutageRow {
    /// The same over restarts.
    id: u64,
    /// The name of the target at the time.
    target: String,
    /// What the target is called now; empty where it is forgotten.
    target_now: Option<String>,
    /// `open`, `recovered`, `end_not_seen`, `paused` or `removed`.
    state: &'static str,
    /// The start of the first failing check.
    started_at: String,
    /// When it was confirmed.
    detected_at: String,
    ended_at: Option<String>,
    /// When its end was confirmed.
    confirmed_at: Option<String>,
    /// Up to now for an open one.
    lasted_s: f64,
    /// The reason of the failure that confirmed it.
    reason: &'static str,
    refused: u32,
    timed_out: u32,
    reset: u32,
    dns_failed: u32,
    network_unreachable: u32,
    host_unreachable: u32,
    unexpected: u32,
    judged: u32,
    /// Checks inside that were our own fault.
    inconclusive: u32,
    /// Time inside that nobody observed.
    unobserved_s: f64,
    /// Whether it was confirmed in maintenance, so that nobody was called then.
    in_maintenance: bool,
}

impl Row for OutageRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "target",
        "target_now",
        "state",
        "started_at",
        "detected_at",
        "ended_at",
        "confirmed_at",
        "lasted_s",
        "reason",
        "refused",
        "timed_out",
        "reset",
        "dns_failed",
        "network_unreachable",
        "host_unreachable",
        "unexpected",
        "judged",
        "inconclusive",
        "unobserved_s",
        "in_maintenance",
    ];
}

impl OutageRow {
    /// The row of an outage as it stands now, of a target that has this name today, with all maintenance of it.
    pub fn new(outage: &Outage, name: Option<&str>, works: &[Maintenance], now: Wall) -> Self {
        let confirmed_at = match outage.closing {
            Some(Closing::Recovered { confirmed_at, .. } | Closing::EndNotSeen { confirmed_at, .. }) => {
                Some(confirmed_at)
            }
            Some(Closing::Paused(_) | Closing::Removed(_)) | None => None,
        };
        let moment = |at| Zone::Utc.rfc3339_millis(at);
        let count = |reason: Reason| outage.failures.get(reason.index()).copied().unwrap_or_default();
        Self {
            id: outage.id.0,
            target: outage.name.clone(),
            target_now: name.map(str::to_owned),
            state: words::closing(outage.closing),
            started_at: moment(outage.started_at),
            detected_at: moment(outage.detected_at),
            ended_at: outage.ended_at().map(moment),
            confirmed_at: confirmed_at.map(moment),
            lasted_s: seconds(outage.lasted(now)),
            reason: words::failure_word(outage.reason),
            refused: count(Reason::Refused),
            timed_out: count(Reason::TimedOut),
            reset: count(Reason::Reset),
            dns_failed: count(Reason::DnsFailed),
            network_unreachable: count(Reason::NetworkUnreachable),
            host_unreachable: count(Reason::HostUnreachable),
            unexpected: count(Reason::Unexpected),
            judged: count(Reason::Judged),
            inconclusive: outage.inconclusive,
            unobserved_s: seconds(outage.unobserved),
            in_maintenance: works.iter().any(|works| works.is_on(outage.detected_at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_columns;
    use super::*;
    use crate::domain::maintenance::Origin;
    use crate::domain::{OutageId, Span, TargetId};
    use std::time::Duration;

    #[test]
    fn an_open_outage_has_no_end_and_a_closed_one_has_two() {
        let started_at = Wall(1_795_181_527_000);
        let mut outage = Outage {
            id: OutageId(7),
            target: TargetId(1),
            name: "orders".to_owned(),
            started_at,
            detected_at: started_at + Duration::from_secs(20),
            last_failure_at: started_at + Duration::from_secs(40),
            closing: None,
            reason: Reason::TimedOut,
            failures: [1, 2, 3, 4, 5, 6, 7, 8],
            inconclusive: 9,
            unobserved: Duration::from_millis(1_500),
        };
        let now = started_at + Duration::from_mins(1);
        let span = Span { from: started_at, to: outage.detected_at };
        let mut works = [Maintenance { span, title: String::new(), origin: Origin::Declared }];
        let counts = "\"refused\":1,\"timed_out\":2,\"reset\":3,\"dns_failed\":4,\"network_unreachable\":5,\
                      \"host_unreachable\":6,\"unexpected\":7,\"judged\":8,\"inconclusive\":9,\"unobserved_s\":1.5,\"in_maintenance\":false}";
        let begin = "{\"id\":7,\"target\":\"orders\",\"target_now\":\"orders-eu\",";
        let forgotten = "{\"id\":7,\"target\":\"orders\",\"target_now\":null,";
        let starts = "\"started_at\":\"2026-11-20T13:32:07.000Z\",\"detected_at\":\"2026-11-20T13:32:27.000Z\",";
        let row = OutageRow::new(&outage, Some("orders-eu"), &works, now);
        assert_columns(&row);
        let open = "\"ended_at\":null,\"confirmed_at\":null,\"lasted_s\":60.0,\"reason\":\"timed_out\",";
        let text = serde_json::to_string(&row).expect("JSON");
        assert_eq!(text, format!("{begin}\"state\":\"open\",{starts}{open}{counts}"));
        let (ended_at, confirmed_at) = (started_at + Duration::from_secs(50), started_at + Duration::from_secs(51));
        outage.closing = Some(Closing::Recovered { ended_at, confirmed_at });
        let text = serde_json::to_string(&OutageRow::new(&outage, None, &works, now)).expect("JSON");
        let closed = "\"ended_at\":\"2026-11-20T13:32:57.000Z\",\"confirmed_at\":\"2026-11-20T13:32:58.000Z\",\
                      \"lasted_s\":50.0,\"reason\":\"timed_out\",";
        assert_eq!(text, format!("{forgotten}\"state\":\"recovered\",{starts}{closed}{counts}"));
        works[0].span.to = outage.detected_at + Duration::from_millis(1);
        let text = serde_json::to_string(&OutageRow::new(&outage, None, &works, now)).expect("JSON");
        assert!(text.ends_with(",\"in_maintenance\":true}"), "{text}");
    }
}
