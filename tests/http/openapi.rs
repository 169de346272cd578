//! `/api/openapi.json`: every operation in it is driven, and what is answered is held against it.

use super::{BRISK, Service, open_port};
use crate::client::Answer;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The part of JSON Schema that the description uses; anything else in it is an error.
fn holds(whole: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {value} is not {schema}"));
    for (word, rule) in schema.as_object().ok_or("a schema")? {
        let fine = match word.as_str() {
            "description" => true,
            "$ref" => {
                let pointer = rule.as_str().and_then(|text| text.strip_prefix('#')).ok_or("a reference")?;
                holds(whole, whole.pointer(pointer).ok_or_else(|| format!("no {pointer}"))?, value)?;
                true
            }
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is_kind(kind, value)),
                kind => is_kind(kind, value),
            },
            "enum" => rule.as_array().is_some_and(|values| values.contains(value)),
            "const" => rule == value,
            "format" => {
                let text = value.as_str();
                rule == "date-time" && text.is_none_or(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok())
            }
            "minimum" => value.as_f64().is_none_or(|number| Some(number) >= rule.as_f64()),
            "maximum" => value.as_f64().is_none_or(|number| Some(number) <= rule.as_f64()),
            "anyOf" => rule.as_array().is_some_and(|rules| rules.iter().any(|rule| holds(whole, rule, value).is_ok())),
            "items" => match value.as_array() {
                Some(items) => items.iter().try_for_each(|item| holds(whole, rule, item)).map(|()| true)?,
                None => true,
            },
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array().is_some_and(|names| {
                    names.iter().all(|name| name.as_str().is_some_and(|it| object.contains_key(it)))
                })
            }),
            "properties" => match value.as_object() {
                Some(object) => properties(whole, rule, object)?,
                None => true,
            },
            "additionalProperties" => {
                let known = |name: &String| schema["properties"].get(name).is_some();
                *rule == json!(false) && value.as_object().is_none_or(|object| object.keys().all(known))
            }
            other => return wrong(&format!("unknown word {other}")),
        };
        if !fine {
            return wrong(word);
        }
    }
    Ok(())
}

fn properties(whole: &Value, rule: &Value, object: &Map<String, Value>) -> Result<bool, String> {
    for (name, rule) in rule.as_object().ok_or("properties")? {
        if let Some(value) = object.get(name) {
            holds(whole, rule, value).map_err(|why| format!("{name}: {why}"))?;
        }
    }
    Ok(true)
}

fn is_kind(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

/// A service, what it says of itself, and which operations were driven.
struct Driven {
    service: Service,
    description: Value,
    done: BTreeSet<String>,
}

impl Driven {
    /// Asks, and holds question and answer against the description.
    #[track_caller]
    fn ask(&mut self, method: &str, pattern: &str, id: &Value, query: &str, body: Option<&Value>) -> Answer {
        let operation = self.description["paths"][pattern][method.to_ascii_lowercase()].clone();
        assert!(operation.is_object(), "{method} {pattern} is not described");
        let said = body.map(ToString::to_string).unwrap_or_default();
        let answer =
            self.service.client.ask(method, &format!("{}{query}", pattern.replace("{id}", &id.to_string())), &said);
        let told = &operation["responses"][answer.status.to_string()];
        assert!(told.is_object(), "{method} {pattern}: {} is not described: {answer:?}", answer.status);
        let schema = &told["content"][answer.header("content-type")]["schema"];
        let is_json = answer.header("content-type").contains("json");
        let value = if is_json { answer.json() } else { Value::from(answer.text.clone()) };
        holds(&self.description, schema, &value).unwrap_or_else(|why| panic!("{method} {pattern}: {why}"));
        if answer.status == 200 {
            if let Some(body) = body {
                let wanted = &operation["requestBody"]["content"]["application/json"]["schema"];
                holds(&self.description, wanted, body).unwrap_or_else(|why| panic!("{method} {pattern}: {why}"));
            }
            self.done.insert(format!("{method} {pattern}"));
        }
        answer
    }
}

#[test]
fn every_operation_does_what_its_description_says() {
    let (_port, address) = open_port();
    let configuration =
        format!("{BRISK}[serve]\nallow = [\"127.0.0.1\"]\n[[target]]\nname = \"closed\"\naddress = \"127.0.0.1:1\"\n");
    let service = Service::start(&configuration);
    let description = service.get("/api/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    let mut driven = Driven { service, description, done: BTreeSet::new() };
    let (all, one) = ("/api/resources", "/api/resources/{id}");
    let wanted = |name: &str| json!({ "name": name, "resourceType": "TCP", "target": address.to_string(), "tags": ["x"], "note": "n" });
    driven.ask("GET", "/metrics", &Value::Null, "", None);
    driven.ask("GET", "/api/openapi.json", &Value::Null, "", None);
    let id = driven.ask("POST", all, &Value::Null, "", Some(&wanted("db"))).json()["id"].clone();
    assert_eq!(driven.ask("POST", all, &Value::Null, "", Some(&wanted("db"))).status, 409);
    assert_eq!(driven.ask("POST", all, &Value::Null, "", Some(&json!({}))).status, 400);
    driven
        .service
        .wait(all, |answer| answer.json().as_array().is_some_and(|all| all.iter().any(|it| it["state"] == "down")));
    driven.ask("POST", &format!("{one}/check"), &id, "", None);
    let listed = driven.ask("GET", all, &Value::Null, "", None).json();
    driven.ask("PUT", one, &id, "", Some(&wanted("DB")));
    for target in listed.as_array().expect("a list") {
        let id = &target["id"];
        driven.ask("GET", one, id, "", None);
        driven.ask("GET", &format!("{one}/outages"), id, "?from=-1h", None);
        driven.ask("GET", &format!("{one}/history"), id, "", None);
        driven.ask("GET", &format!("{one}/history"), id, "?from=-1h&resolution=20m", None);
    }
    driven.ask("DELETE", one, &id, "", None);
    assert_eq!(driven.ask("GET", one, &id, "", None).status, 404);
    let described: BTreeSet<String> = driven.description["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, verbs)| {
            let verbs = verbs.as_object().expect("verbs").keys();
            verbs.map(move |verb| format!("{} {path}", verb.to_ascii_uppercase()))
        })
        .collect();
    assert_eq!(driven.done, described);
}
