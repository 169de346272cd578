//! `/metrics`: what Prometheus is told.
#![allow(clippy::float_cmp, reason = "counts and switches are whole numbers")]

use super::exposition::Page;
use super::{BRISK, Service, open_and_closed, open_port};
use hyper::StatusCode;
use std::io::Write;
use std::process::{Command, Stdio};

fn page(service: &Service, wanted: impl Fn(&Page) -> bool) -> Page {
    let answer = service.wait("/metrics", |answer| answer.status == 200 && wanted(&Page::read(&answer.text)));
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    Page::read(&answer.text)
}

/// Has the tool of Prometheus itself look at a page, where it is installed.
fn is_fine_with_promtool(text: &str) {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut promtool) = promtool.spawn() else { return };
    promtool.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let told = promtool.wait_with_output().expect("an end");
    let complaint = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success() && complaint.is_empty(), "{complaint}\n{text}");
}

#[test]
fn it_tells_how_targets_stand_and_what_their_checks_found() {
    let (_port, address, configuration) = open_and_closed();
    let service = Service::start(&configuration);
    let (open, closed) = ([("target", "open")], [("target", "closed")]);
    let page = page(&service, |page| {
        page.get("portpulse_target_up", &closed) == Some(0.0) && page.get("portpulse_target_up", &open) == Some(1.0)
    });
    assert_eq!(page.value("portpulse_target_state", &[("state", "down"), ("target", "closed")]), 1.0);
    assert_eq!(page.value("portpulse_target_state", &[("state", "up"), ("target", "closed")]), 0.0);
    assert_eq!(page.value("portpulse_target_outages_total", &closed), 1.0);
    assert_eq!(page.value("portpulse_target_outages_total", &open), 0.0);
    let refused = [("address", "127.0.0.1:1"), ("outcome", "refused"), ("target", "closed")];
    assert!(page.value("portpulse_checks_total", &refused) >= 3.0);
    let address = address.to_string();
    let connected = [("address", address.as_str()), ("outcome", "open"), ("target", "open")];
    let count = page.value("portpulse_checks_total", &connected);
    let places = [("address", address.as_str()), ("target", "open")];
    assert_eq!(page.value("portpulse_connect_duration_seconds_count", &places), count);
    assert!(count >= 1.0 && page.get("portpulse_dns_lookup_duration_seconds_count", &places).is_none());
    let window = |target| [("target", target), ("window", "1h")];
    assert!(page.value("portpulse_target_uptime_ratio", &window("closed")) < 1.0);
    assert!(page.value("portpulse_target_coverage_ratio", &window("open")) > 0.0);
    assert!(page.value("portpulse_target_outage_start_timestamp_seconds", &closed) > 1.7e9);
    for (name, value) in [
        ("portpulse_makes_checks", 1.0),
        ("portpulse_targets", 2.0),
        ("portpulse_recording", 1.0),
        ("portpulse_unsaved_checks", 0.0),
        ("portpulse_blind", 0.0),
        ("portpulse_attached_clients", 0.0),
        ("portpulse_configuration_valid", 1.0),
        ("portpulse_metrics_dropped_series", 0.0),
    ] {
        assert_eq!(page.value(name, &[]), value, "{name}");
    }
    assert!(page.value("portpulse_store_size_bytes", &[]) > 0.0);
    is_fine_with_promtool(&service.get("/metrics").text);
    assert_eq!(service.end(), Some(0));
}

#[test]
fn no_check_is_missed_however_seldom_anybody_looks() {
    let (_port, address) = open_port();
    let configuration = format!(
        "[defaults]\ninterval = \"1s\"\nretry_interval = \"1s\"\ntimeout = \"500ms\"\n[[target]]\nname = \"open\"\naddress = \"{address}\"\n"
    );
    let service = Service::start(&configuration);
    let address = address.to_string();
    let places = [("address", address.as_str()), ("outcome", "open"), ("target", "open")];
    let page = page(&service, |page| page.get("portpulse_checks_total", &places).is_some_and(|count| count >= 4.0));
    let told = page.value("portpulse_checks_total", &places);
    let id = service.get("/api/resources").json()[0]["id"].clone();
    for _ in 0..10 {
        assert_eq!(service.client.ask("POST", &format!("/api/resources/{id}/check"), "").status, 200);
    }
    let history = service.home.path().join("data/portpulse");
    let home = service.home.environment();
    assert_eq!(service.client.ask("HEAD", "/metrics", "").text, "");
    let mut export = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    export.args(["export", "checks", "--format", "json", "--data"]).arg(history).env_clear().envs(home);
    let kept = export.output().expect("it runs");
    let kept = String::from_utf8(kept.stdout).expect("text").lines().count() as f64;
    let later = Page::read(&service.get("/metrics").text).value("portpulse_checks_total", &places);
    assert!(
        told + 10.0 <= kept && kept <= later,
        "{told} were counted, {kept} are kept, {later} were counted after that"
    );
}

#[test]
fn labels_are_escaped_and_the_page_has_so_many_series_and_no_more() {
    let target = |number| format!("[[target]]\nname = 'a\"\\n{number}'\naddress = \"127.0.0.1:{}\"\n", number + 1);
    let targets: String = (0..20).map(target).collect();
    let configuration = format!("{BRISK}[serve]\nmax_series = 100\n{targets}");
    let service = Service::start(&configuration);
    let page = page(&service, |page| page.get("portpulse_target_up", &[("target", "a\"\\n19")]).is_some());
    assert_eq!(page.series.len(), 100);
    assert!(page.value("portpulse_metrics_dropped_series", &[]) > 500.0);
    service.client.ask("POST", "/metrics", "").is_problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "GET");
}
