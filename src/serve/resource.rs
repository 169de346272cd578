//! What is told of a target, its checks and its outages: Kairos's fields, and more of our own beside them.

use super::words::{self, Status};
use crate::domain::{Activity, Check, Outage, Wall};
use crate::engine::query::{Figures, Percentiles};
use crate::monitor::TargetView;
use serde_json::{Value, json};
use std::time::Duration;

/// A target. A group tells its endpoints; its `target` is the first of them.
pub(super) fn resource(view: &TargetView) -> Value {
    let definition = &view.target.definition;
    let addresses: Vec<String> = definition.endpoints.iter().map(|endpoint| endpoint.address.to_string()).collect();
    let latest = view.latest.as_ref().map(|latest| &latest.check);
    json!({
        "id": view.target.id.0,
        "name": definition.name,
        "resourceType": "TCP",
        "target": addresses.first(),
        "skipTLS": false,
        "recursive": false,
        "active": definition.activity == Activity::Watching,
        "currentStatus": Status::of_target(view).word().to_ascii_lowercase(),
        "latestCheckStatus": latest.map_or(Status::Unknown, |check| Status::of_check(&check.outcome)).word(),
        "latestCheckedAt": latest.map(|check| words::moment(check.at)),
        "latestMessage": latest.map(|check| words::message(&check.outcome)),
        "latestErrorCode": latest.and_then(|check| words::error_code(&check.outcome)),
        "state": words::state(view.state),
        "since": words::moment(view.since),
        "reason": latest.and_then(|check| check.outcome.reason()).map(words::reason),
        "latencyMs": latest.and_then(Check::latency).map(millis),
        "checking": view.checking,
        "inMaintenance": view.maintenance.is_some(),
        "outageSince": view.outage.as_ref().map(|outage| words::moment(outage.started_at)),
        "endpoints": addresses,
        "intervalSeconds": definition.interval.as_secs_f64(),
        "tags": definition.tags,
        "note": definition.note,
    })
}

/// A check.
pub(super) fn check(check: &Check) -> Value {
    json!({
        "status": Status::of_check(&check.outcome).word(),
        "message": words::message(&check.outcome),
        "errorCode": words::error_code(&check.outcome),
        "checkedAt": words::moment(check.at),
        "reason": check.outcome.reason().map(words::reason),
        "latencyMs": check.latency().map(millis),
        "dnsMs": check.dns.map(millis),
        "address": check.address.map(|address| address.to_string()),
    })
}

/// What checks say together over a step of time.
pub(super) fn step(figures: &Figures) -> Value {
    let Figures { span, summary, uptime, .. } = figures;
    let latency = summary.latency.map(|Percentiles { p50, p90, p95, p99, max, .. }| {
        json!({
            "p50Ms": millis(p50),
            "p90Ms": millis(p90),
            "p95Ms": millis(p95),
            "p99Ms": millis(p99),
            "maxMs": millis(max),
        })
    });
    json!({
        "from": words::moment(span.from),
        "to": words::moment(span.to),
        "checks": summary.checks,
        "failed": summary.failed(),
        "inconclusive": summary.inconclusive,
        "uptime": uptime.share(),
        "coverage": uptime.coverage(),
        "latency": latency,
    })
}

/// An outage.
pub(super) fn outage(outage: &Outage, now: Wall) -> Value {
    json!({
        "id": outage.id.0,
        "active": outage.closing.is_none(),
        "startedAt": words::moment(outage.started_at),
        "detectedAt": words::moment(outage.detected_at),
        "endedAt": outage.ended_at().map(words::moment),
        "durationSeconds": outage.lasted(now).as_secs_f64(),
        "reason": words::reason(outage.reason),
        "message": outage.reason.sentence(),
        "failedChecks": outage.failure_count(),
    })
}

fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e3
}
