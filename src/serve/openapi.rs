//! The description of the interface in `OpenAPI` 3.1, made of the table of operations.

use super::problem::{self, Kind};
use super::routes::{Gives, Operation, ROUTES, Route};
use super::schema;
use serde_json::{Map, Value, json};

/// The whole description.
pub(super) fn description() -> Value {
    let mut paths = Map::new();
    for route in &ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.verb.word().to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "portpulse",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "How TCP ports fare, in the shapes of Kairos and with more beside them.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schema::all(),
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = route
        .parameters
        .iter()
        .map(|(name, says)| json!({ "name": name, "in": "query", "description": says, "schema": { "type": "string" } }))
        .collect();
    if route.path.contains("{id}") {
        let schema = json!({ "type": "integer", "minimum": 0 });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": schema }));
    }
    let mut answers = Map::new();
    answers.insert("200".to_owned(), json!({ "description": "Done", "content": content(route.gives) }));
    if route.operation == Operation::Check {
        let answer = json!({ "description": "The check goes on", "content": content(route.gives) });
        answers.insert("202".to_owned(), answer);
    }
    for kind in problems(route) {
        let (status, _, title) = kind.row();
        let content = json!({ problem::MEDIA_TYPE: { "schema": reference("Problem") } });
        answers.insert(status.as_u16().to_string(), json!({ "description": title, "content": content }));
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation).to_ascii_lowercase(),
        "summary": route.summary,
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(takes) = route.takes {
        let content = json!({ "application/json": { "schema": reference(takes) } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// What can go wrong with it, one kind for each status.
fn problems(route: &Route) -> Vec<Kind> {
    let mut kinds =
        vec![Kind::Malformed, Kind::Unauthorized, Kind::ForeignHost, Kind::TooSlow, Kind::TooLarge, Kind::Busy];
    if route.path.contains("{id}") {
        kinds.push(Kind::NotFound);
    }
    if route.is_change || route.operation == Operation::Check {
        kinds.push(Kind::Conflict);
    }
    if route.is_change {
        kinds.push(Kind::NotWritten);
    }
    kinds
}

fn content(gives: Gives) -> Value {
    match gives {
        Gives::Text(media_type) => json!({ media_type: { "schema": { "type": "string" } } }),
        Gives::Object => json!({ "application/json": { "schema": { "type": "object" } } }),
        Gives::One(name) => json!({ "application/json": { "schema": reference(name) } }),
        Gives::List(names) => {
            let each: Vec<Value> = names.iter().map(|name| reference(name)).collect();
            json!({ "application/json": { "schema": { "type": "array", "items": { "anyOf": each } } } })
        }
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
