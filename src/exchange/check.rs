//! A check as a row.

use super::{Row, millis, words};
use crate::domain::{Address, Check, Outcome, Target, Zone};
use serde::Serialize;

/// A check as a row. Times are milliseconds, exact to the microsecond.
#[derive(Debug, Serialize)]
pub struct CheckRow {
    /// When it started, RFC 3339 with milliseconds, UTC.
    at: String,
    /// The name of the target today.
    target: String,
    /// Host and port; `verdict` for what a round came to.
    endpoint: String,
    /// `open`, `failed` or `inconclusive`.
    outcome: &'static str,
    /// Why it was not open.
    reason: Option<&'static str>,
    errno: Option<i32>,
    /// Empty for a literal.
    dns_ms: Option<f64>,
    /// For a failure, the time until it showed.
    connect_ms: Option<f64>,
    /// Both together.
    total_ms: Option<f64>,
    /// `kernel` or `stopwatch`, of an open one.
    clocked: Option<&'static str>,
    syn_lost: u8,
    /// The address that the outcome is about.
    address: Option<String>,
    /// How many addresses of the name were tried, and how many answered.
    tried: u8,
    answered: u8,
}

impl Row for CheckRow {
    const COLUMNS: &'static [&'static str] = &[
        "at",
        "target",
        "endpoint",
        "outcome",
        "reason",
        "errno",
        "dns_ms",
        "connect_ms",
        "total_ms",
        "clocked",
        "syn_lost",
        "address",
        "tried",
        "answered",
    ];
}

impl CheckRow {
    /// The row of a check of the endpoint at this address, or of the verdict of a round.
    pub fn new(target: &Target, endpoint: Option<&Address>, check: &Check) -> Self {
        let (connect, errno, clocked, syn_lost) = match check.outcome {
            Outcome::Open(timing) => (Some(timing.connect), None, Some(timing.clocked), timing.syn_lost),
            Outcome::Failed(failure) => (Some(failure.after), failure.errno, None, failure.syn_lost),
            Outcome::Inconclusive(_) => (None, None, None, 0),
        };
        Self {
            at: Zone::Utc.rfc3339_millis(check.at),
            target: target.definition.name.clone(),
            endpoint: endpoint.map_or_else(|| "verdict".to_owned(), Address::to_string),
            outcome: words::outcome(&check.outcome),
            reason: words::reason(&check.outcome),
            errno,
            dns_ms: check.dns.map(millis),
            connect_ms: connect.map(millis),
            total_ms: connect.map(|connect| millis(connect + check.dns.unwrap_or_default())),
            clocked: clocked.map(words::clocked),
            syn_lost,
            address: check.address.map(|address| address.to_string()),
            tried: check.tried,
            answered: check.answered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_columns;
    use super::*;
    use crate::domain::{
        Address, Clocked, Definition, Endpoint, EndpointId, Failure, Fault, Place, Reason, TargetId, Timing, VantageId,
        Wall,
    };
    use std::time::Duration;

    fn row(outcome: Outcome, dns: Option<Duration>) -> String {
        let address: Address = "db1:5432".parse().expect("an address");
        let timeout = Duration::from_secs(10);
        let endpoint = Endpoint { timeout, ..Endpoint::new(address) };
        let definition = Definition::new("orders".to_owned(), endpoint.clone());
        let target = Target::plain(TargetId(1), EndpointId(1), definition);
        let at = Wall(1_795_181_527_042);
        let address = Some([10, 0, 0, 7].into());
        let (endpoint_id, vantage) = (EndpointId(1), VantageId::HERE);
        let check = Check { endpoint: endpoint_id, vantage, at, outcome, dns, address, tried: 2, answered: 1 };
        let row = CheckRow::new(&target, Some(&endpoint.address), &check);
        assert_columns(&row);
        serde_json::to_string(&row).expect("JSON")
    }

    #[test]
    fn each_outcome_is_a_row() {
        let micros = Duration::from_micros;
        let timing = Timing { connect: micros(1_234), clocked: Clocked::Kernel, syn_lost: 1 };
        let (reason, place) = (Reason::Refused, Place::Later);
        let failure = Failure { reason, place, errno: Some(111), name: None, after: micros(90), syn_lost: 0 };
        let begin = "{\"at\":\"2026-11-20T13:32:07.042Z\",\"target\":\"orders\",\"endpoint\":\"db1:5432\",";
        let end = "\"address\":\"10.0.0.7\",\"tried\":2,\"answered\":1}";
        for (outcome, dns, middle) in [
            (
                Outcome::Open(timing),
                Some(micros(500)),
                "\"outcome\":\"open\",\"reason\":null,\"errno\":null,\"dns_ms\":0.5,\"connect_ms\":1.234,\
                 \"total_ms\":1.734,\"clocked\":\"kernel\",\"syn_lost\":1,",
            ),
            (
                Outcome::Failed(failure),
                None,
                "\"outcome\":\"failed\",\"reason\":\"refused\",\"errno\":111,\"dns_ms\":null,\"connect_ms\":0.09,\
                 \"total_ms\":0.09,\"clocked\":null,\"syn_lost\":0,",
            ),
            (
                Outcome::Inconclusive(Fault::Memory),
                None,
                "\"outcome\":\"inconclusive\",\"reason\":\"memory\",\"errno\":null,\"dns_ms\":null,\
                 \"connect_ms\":null,\"total_ms\":null,\"clocked\":null,\"syn_lost\":0,",
            ),
        ] {
            assert_eq!(row(outcome, dns), format!("{begin}{middle}{end}"));
        }
    }
}
