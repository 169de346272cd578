//! What requests and answers look like, as JSON Schema.

use super::words::{self, STATES, Status};
use crate::domain::Reason;
use serde_json::{Map, Value, json};

/// Every schema under its name.
pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    for (name, schema) in [
        ("NewResource", wanted()),
        ("Resource", resource()),
        ("Check", check()),
        ("Step", step()),
        ("Outage", outage()),
        ("Deleted", object(&json!({ "status": { "const": "deleted" } }), &[])),
        ("Problem", problem()),
    ] {
        all.insert(name.to_owned(), schema);
    }
    all
}

/// An object that has all of these properties but the optional ones, and no others.
fn object(properties: &Value, optional: &[&str]) -> Value {
    let names = properties.as_object().into_iter().flat_map(Map::keys);
    let required: Vec<&String> = names.filter(|name| !optional.contains(&name.as_str())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn wanted() -> Value {
    let text = json!({ "type": "string" });
    let properties = json!({
        "name": text,
        "resourceType": { "type": "string", "enum": ["TCP"] },
        "target": { "type": "string", "description": "host:port, or [v6]:port" },
        "skipTLS": { "type": "boolean", "description": "Taken for Kairos's sake; TCP checks know no TLS" },
        "recursive": { "type": "boolean", "description": "Taken for Kairos's sake; without effect" },
        "active": { "type": "boolean", "description": "False: paused" },
        "tags": { "type": "array", "items": text },
        "note": text,
    });
    object(&properties, &["skipTLS", "recursive", "active", "tags", "note"])
}

fn reasons() -> Value {
    let words: Vec<Value> = Reason::ALL.map(words::reason).map(Value::from).into_iter().chain([Value::Null]).collect();
    json!({ "enum": words })
}

fn statuses() -> Value {
    json!({ "type": "string", "enum": Status::ALL.map(Status::word) })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

fn maybe_moment() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn resource() -> Value {
    let (text, flag) = (json!({ "type": "string" }), json!({ "type": "boolean" }));
    object(
        &json!({
            "id": { "type": "integer" },
            "name": text,
            "resourceType": { "const": "TCP" },
            "target": text,
            "skipTLS": flag,
            "recursive": flag,
            "active": flag,
            "currentStatus": { "type": "string", "enum": Status::ALL.map(|it| it.word().to_ascii_lowercase()) },
            "latestCheckStatus": statuses(),
            "latestCheckedAt": maybe_moment(),
            "latestMessage": maybe("string"),
            "latestErrorCode": maybe("string"),
            "state": { "type": "string", "enum": STATES.map(|(_, word)| word) },
            "since": moment(),
            "reason": reasons(),
            "latencyMs": maybe("number"),
            "checking": flag,
            "inMaintenance": flag,
            "outageSince": maybe_moment(),
            "endpoints": { "type": "array", "items": text },
            "intervalSeconds": { "type": "number" },
            "tags": { "type": "array", "items": text },
            "note": text,
        }),
        &[],
    )
}

fn check() -> Value {
    object(
        &json!({
            "status": statuses(),
            "message": { "type": "string" },
            "errorCode": maybe("string"),
            "checkedAt": moment(),
            "reason": reasons(),
            "latencyMs": maybe("number"),
            "dnsMs": maybe("number"),
            "address": maybe("string"),
        }),
        &[],
    )
}

fn step() -> Value {
    let (count, time) = (json!({ "type": "integer", "minimum": 0 }), json!({ "type": "number", "minimum": 0 }));
    let mut latency =
        object(&json!({ "p50Ms": time, "p90Ms": time, "p95Ms": time, "p99Ms": time, "maxMs": time }), &[]);
    latency["type"] = json!(["object", "null"]);
    let share = json!({ "type": ["number", "null"], "minimum": 0, "maximum": 1 });
    object(
        &json!({
            "from": moment(),
            "to": moment(),
            "checks": count,
            "failed": count,
            "inconclusive": count,
            "uptime": share,
            "coverage": share,
            "latency": latency,
        }),
        &[],
    )
}

fn outage() -> Value {
    object(
        &json!({
            "id": { "type": "integer" },
            "active": { "type": "boolean" },
            "startedAt": moment(),
            "detectedAt": moment(),
            "endedAt": maybe_moment(),
            "durationSeconds": { "type": "number", "minimum": 0 },
            "reason": reasons(),
            "message": { "type": "string" },
            "failedChecks": { "type": "integer", "minimum": 0 },
        }),
        &[],
    )
}

/// RFC 9457.
fn problem() -> Value {
    let text = json!({ "type": "string" });
    object(&json!({ "type": text, "title": text, "status": { "type": "integer" }, "detail": text }), &[])
}
