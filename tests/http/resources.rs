//! `/api/resources`: targets in the shapes of Kairos.

use super::{BRISK, Service, open_and_closed, open_port};
use hyper::StatusCode;
use serde_json::{Value, json};
use std::fs;

/// A service that may add what lies on loopback.
fn loopback(configuration: &str) -> Service {
    Service::start(&format!("{configuration}[serve]\nallow = [\"127.0.0.0/8\"]\n"))
}

fn body(name: &str, target: &str) -> String {
    json!({ "name": name, "resourceType": "TCP", "target": target }).to_string()
}

#[test]
fn a_target_is_created_as_kairos_documents_it_and_checked_at_once() {
    let (_port, address) = open_port();
    // A turn that comes by itself would take an hour.
    let service = loopback("# mine\n[defaults]\ninterval = \"1h\"\nup_after = 1\n");
    let wanted = json!({ "name": "PostgreSQL", "resourceType": "TCP", "target": address.to_string(), "skipTLS": true });
    let created = service.client.ask("POST", "/api/resources", &wanted.to_string());
    assert_eq!(created.status, 200, "{created:?}");
    let created = created.json();
    assert_eq!(
        (&created["name"], &created["resourceType"], &created["target"], &created["active"]),
        (&json!("PostgreSQL"), &json!("TCP"), &json!(address.to_string()), &json!(true))
    );
    let path = format!("/api/resources/{}", created["id"]);
    let found = service.wait(&path, |answer| answer.json()["latestCheckStatus"] == "AVAILABLE").json();
    assert_eq!((&found["currentStatus"], &found["state"]), (&json!("available"), &json!("up")));
    assert_eq!((&found["latestErrorCode"], &found["latestMessage"]), (&Value::Null, &json!("Open")));
    assert!(found["latencyMs"].as_f64().is_some_and(|latency| latency > 0.0), "{found}");
    assert_eq!(service.get("/api/resources").json(), json!([found]));
    let file = fs::read_to_string(service.home.configuration()).expect("a file");
    assert!(file.starts_with("# mine\n") && file.contains("name = \"PostgreSQL\""), "{file}");
    let again = service.client.ask("POST", &format!("{path}/check"), "");
    assert!(again.status == 200 && again.json()["latestCheckedAt"] != found["latestCheckedAt"], "{again:?}");
    assert_eq!(service.client.ask("DELETE", &path, "").json(), json!({ "status": "deleted" }));
    service.get(&path).is_problem(StatusCode::NOT_FOUND, "not-found", "/api/resources");
    let file = fs::read_to_string(service.home.configuration()).expect("a file");
    assert!(!file.contains("PostgreSQL"), "{file}");
    assert_eq!(service.end(), Some(0));
}

#[test]
fn a_target_is_changed_and_paused_and_keeps_what_is_not_said() {
    let (_port, address) = open_port();
    let target = format!(
        "[[target]]\nname = \"db\"\naddress = \"{address}\"\nnote = \"page 3\"\ntags = [\"prod\"]\ndown_after = 7\n"
    );
    let service = loopback(&format!("{BRISK}{target}"));
    let id = service.get("/api/resources").json()[0]["id"].clone();
    let path = format!("/api/resources/{id}");
    let wanted = json!({ "name": "DB", "resourceType": "tcp", "target": address.to_string(), "active": false });
    let changed = service.client.ask("PUT", &path, &wanted.to_string());
    assert_eq!(changed.status, 200, "{changed:?}");
    let changed = changed.json();
    assert_eq!(
        (&changed["name"], &changed["note"], &changed["tags"], &changed["active"], &changed["state"]),
        (&json!("DB"), &json!("page 3"), &json!(["prod"]), &json!(false), &json!("paused"))
    );
    assert_eq!(changed["currentStatus"], "unknown");
    let file = fs::read_to_string(service.home.configuration()).expect("a file");
    assert!(file.contains("down_after = 7") && file.contains("\"DB\""), "{file}");
    service.client.ask("POST", &format!("{path}/check"), "").is_problem(StatusCode::CONFLICT, "conflict", "paused");
    let moved = service.client.ask("PUT", &path, &body("DB", "127.0.0.1:1"));
    assert_eq!(moved.json()["target"], "127.0.0.1:1", "{moved:?}");
}

#[test]
fn a_group_is_told_and_its_endpoints_cannot_be_taken_for_one() {
    let (_port, address) = open_port();
    let group =
        format!("[[target]]\nname = \"group\"\nendpoints = [\"{address}\", \"127.0.0.1:1\"]\nevaluate = \"any\"\n");
    let service = loopback(&format!("{BRISK}{group}"));
    let told = service.wait("/api/resources", |answer| answer.json()[0]["latestCheckStatus"] == "AVAILABLE").json();
    assert_eq!(told[0]["endpoints"], json!([address.to_string(), "127.0.0.1:1"]));
    let path = format!("/api/resources/{}", told[0]["id"]);
    let refused = service.client.ask("PUT", &path, &body("group", &address.to_string()));
    refused.is_problem(StatusCode::CONFLICT, "conflict", "several endpoints");
    let rounds = service.wait(&format!("{path}/history"), |answer| answer.json() != json!([])).json();
    let words: Vec<&Value> = rounds.as_array().expect("a list").iter().map(|round| &round["status"]).collect();
    assert!(words.iter().all(|word| *word == "AVAILABLE"), "only verdicts are told: {words:?}");
}

#[test]
fn what_is_wrong_with_a_target_is_told_as_a_problem() {
    let (_port, address, configuration) = open_and_closed();
    let service = loopback(&configuration);
    let post = |body: &str| service.client.ask("POST", "/api/resources", body);
    let kind = |kind| json!({ "name": "x", "resourceType": kind, "target": "127.0.0.1:2" }).to_string();
    let bad = StatusCode::BAD_REQUEST;
    post(&kind("HTTP")).is_problem(bad, "unknown-resource-type", "HTTP");
    post(&kind("DOCKER")).is_problem(bad, "unknown-resource-type", "TCP");
    post(&body("x", "db1")).is_problem(bad, "invalid-target", "db1:PORT");
    post(&body("", "127.0.0.1:2")).is_problem(bad, "malformed", "name");
    post("{").is_problem(bad, "malformed", "JSON");
    post(&body("open", "127.0.0.1:2")).is_problem(StatusCode::CONFLICT, "conflict", "another name");
    post(&body("x", &address.to_string())).is_problem(StatusCode::CONFLICT, "conflict", "already watched as `open`");
    for path in ["/api/resources/4000000000", "/api/resources/4000000000/history", "/api/resources/4000000000/outages"]
    {
        service.get(path).is_problem(StatusCode::NOT_FOUND, "not-found", "id");
    }
    assert_eq!(service.get("/api/resources").json().as_array().map(Vec::len), Some(2));
    service.client.ask("PATCH", "/api/resources", "{}").is_problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "GET, POST",
    );
}

#[test]
fn no_request_makes_it_connect_where_that_is_not_allowed() {
    let (port, address) = open_port();
    port.set_nonblocking(true).expect("a port");
    let configuration = "[[target]]\nname = \"closed\"\naddress = \"127.0.0.1:1\"\n[serve]\nallow = [\"127.0.0.2:1-9\", \"*.internal\"]\n";
    let service = Service::start(configuration);
    let id = service.get("/api/resources").json()[0]["id"].clone();
    let path = format!("/api/resources/{id}");
    for target in [address.to_string(), format!("[::ffff:127.0.0.1]:{}", address.port()), "localhost:80".to_owned()] {
        let refused = service.client.ask("POST", "/api/resources", &body("x", &target));
        refused.is_problem(StatusCode::FORBIDDEN, "not-allowed", "allow = [");
        let refused = service.client.ask("PUT", &path, &body("closed", &target));
        refused.is_problem(StatusCode::FORBIDDEN, "not-allowed", "[serve]");
    }
    assert!(port.accept().is_err(), "it was called");
    // The same address and another name are no new place.
    assert_eq!(service.client.ask("PUT", &path, &body("shut", "127.0.0.1:1")).status, 200);
    assert_eq!(service.client.ask("POST", "/api/resources", &body("x", "127.0.0.2:9")).status, 200);
}

#[test]
fn a_read_only_service_shows_and_checks_and_changes_nothing() {
    let (_port, address, configuration) = open_and_closed();
    let service = Service::with(&format!("{configuration}[serve]\nallow = [\"0.0.0.0/0\"]\n"), &["--read-only"]);
    let before = fs::read_to_string(service.home.configuration()).expect("a file");
    let id = service.get("/api/resources").json()[0]["id"].clone();
    let path = format!("/api/resources/{id}");
    for (method, path) in [("POST", "/api/resources"), ("PUT", path.as_str()), ("DELETE", path.as_str())] {
        let refused = service.client.ask(method, path, &body("x", &address.to_string()));
        refused.is_problem(StatusCode::FORBIDDEN, "read-only", "--read-only");
    }
    assert_eq!(service.client.ask("POST", &format!("{path}/check"), "").status, 200);
    assert_eq!(fs::read_to_string(service.home.configuration()).expect("a file"), before);
}

#[test]
fn history_and_outages_are_told_over_a_span() {
    let (_port, _, configuration) = open_and_closed();
    let service = Service::start(&configuration);
    let all = service.wait("/api/resources", |answer| {
        answer.json().as_array().is_some_and(|all| all.iter().any(|one| one["state"] == "down"))
    });
    let all = all.json();
    let closed =
        all.as_array().expect("a list").iter().find(|one| one["name"] == "closed").expect("it is there").clone();
    assert_eq!(
        (&closed["currentStatus"], &closed["latestErrorCode"], &closed["latestMessage"], &closed["reason"]),
        (&json!("not_available"), &json!("CONNECTION_ERROR"), &json!("Connection refused"), &json!("refused"))
    );
    let path = format!("/api/resources/{}", closed["id"]);
    let outages = service.wait(&format!("{path}/outages?from=-1h"), |answer| answer.json() != json!([])).json();
    assert_eq!((&outages[0]["active"], &outages[0]["endedAt"]), (&json!(true), &Value::Null));
    assert_eq!(outages[0]["startedAt"], closed["outageSince"]);
    let history = service.get(&format!("{path}/history?from=-1h"));
    let checks = history.json();
    let times: Vec<&str> =
        checks.as_array().expect("a list").iter().filter_map(|it| it["checkedAt"].as_str()).collect();
    assert!(times.len() >= 3 && times.is_sorted_by(|newer, older| newer >= older), "{history:?}");
    assert_eq!((&checks[0]["status"], &checks[0]["errorCode"]), (&json!("NOT_AVAILABLE"), &json!("CONNECTION_ERROR")));
    let steps = service.get(&format!("{path}/history?from=-1h&resolution=10m")).json();
    let steps = steps.as_array().expect("a list");
    let failed: u64 = steps.iter().filter_map(|step| step["failed"].as_u64()).sum();
    assert!(steps.len() == 6 && failed >= 3 && steps[5]["latency"].is_null(), "{steps:?}");
    assert_eq!(service.get(&format!("{path}/outages?from=-3h&to=-2h")).json(), json!([]));
    let bad = StatusCode::BAD_REQUEST;
    service.get(&format!("{path}/history?from=soon")).is_problem(bad, "malformed", "`from`");
    service.get(&format!("{path}/history?resolution=0s")).is_problem(bad, "malformed", "resolution");
    service.get(&format!("{path}/history?from=-30d&resolution=1s")).is_problem(bad, "malformed", "10000");
}
