//! Two services on one history: the one that stands by answers, too, and goes on when the other one is gone.

use super::exposition::Page;
use super::{Service, open_and_closed};
use serde_json::json;
use std::rc::Rc;

#[test]
fn a_service_that_stands_by_answers_and_goes_on_with_the_checks() {
    let (_port, address, configuration) = open_and_closed();
    let first = Service::start(&format!("{configuration}[serve]\nallow = [\"127.0.0.1\"]\n"));
    let second = Service::at(Rc::clone(&first.home), &[]);
    assert_eq!(second.client.token, first.client.token);
    let read = |service: &Service| Page::read(&service.get("/metrics").text);
    let counted = [("address", "127.0.0.1:1"), ("outcome", "refused"), ("target", "closed")];
    second.wait("/metrics", |answer| {
        Page::read(&answer.text).get("portpulse_target_up", &[("target", "closed")]) == Some(0.0)
    });
    let standby = read(&second);
    assert_eq!(standby.get("portpulse_makes_checks", &[]), Some(0.0));
    assert_eq!(standby.get("portpulse_checks_total", &counted), None);
    assert_eq!(read(&first).get("portpulse_attached_clients", &[]), Some(1.0));
    let wanted = json!({ "name": "two", "resourceType": "TCP", "target": "127.0.0.1:2" }).to_string();
    assert_eq!(second.client.ask("POST", "/api/resources", &wanted).status, 200);
    first.wait("/api/resources", |answer| answer.json().as_array().map(Vec::len) == Some(3));
    let mut gone = first;
    gone.process.kill().expect("it is there");
    let own = second.wait("/metrics", |answer| {
        Page::read(&answer.text).get("portpulse_checks_total", &counted).is_some_and(|count| count >= 2.0)
    });
    let own = Page::read(&own.text);
    assert_eq!(own.get("portpulse_makes_checks", &[]), Some(1.0));
    let address = address.to_string();
    let open = [("address", address.as_str()), ("outcome", "open"), ("target", "open")];
    assert!(own.get("portpulse_checks_total", &open).is_some());
    assert_eq!(second.end(), Some(0));
}
