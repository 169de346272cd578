//! The table of all operations: requests are matched with it, and the description is made of it.

use super::problem::{Kind, Problem};
use crate::domain::TargetId;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Metrics,
    Description,
    List,
    Create,
    Get,
    Replace,
    Delete,
    Check,
    Outages,
    History,
}

/// How it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    /// As requests have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What an answer that is no problem holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    /// Text of this media type.
    Text(&'static str),
    /// Any JSON object.
    Object,
    /// What this schema says.
    One(&'static str),
    /// A list of what either of these schemas says.
    List(&'static [&'static str]),
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// No target, or all of them.
    All,
    /// The target with the id in the path.
    One(TargetId),
}

/// A parameter of the query: its name and what it says.
pub(super) type Parameter = (&'static str, &'static str);

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub operation: Operation,
    pub verb: Verb,
    pub path: &'static str,
    /// What `--read-only` refuses.
    pub is_change: bool,
    pub summary: &'static str,
    pub parameters: &'static [Parameter],
    /// The schema of the body.
    pub takes: Option<&'static str>,
    pub gives: Gives,
}

const FROM: Parameter = ("from", "The start: RFC 3339, or how long ago, such as -2h");
const TO: Parameter = ("to", "The end, in the same way; now if it is left out");
const RESOLUTION: Parameter = ("resolution", "Figures over steps of this length, such as 5m, in place of checks");

const ONE: &str = "/api/resources/{id}";

/// Every operation.
pub(super) static ROUTES: [Route; 10] = [
    Route {
        summary: "Metrics for Prometheus",
        ..reads(Operation::Metrics, "/metrics", Gives::Text(super::metrics::MEDIA_TYPE))
    },
    Route { summary: "This description", ..reads(Operation::Description, "/api/openapi.json", Gives::Object) },
    Route {
        summary: "All targets, and how they stand",
        ..reads(Operation::List, "/api/resources", Gives::List(&["Resource"]))
    },
    Route {
        summary: "Add a target; it is checked at once",
        takes: Some("NewResource"),
        ..changes(Operation::Create, Verb::Post, "/api/resources", Gives::One("Resource"))
    },
    Route { summary: "One target, and how it stands", ..reads(Operation::Get, ONE, Gives::One("Resource")) },
    Route {
        summary: "Change a target; what is left out stays",
        takes: Some("NewResource"),
        ..changes(Operation::Replace, Verb::Put, ONE, Gives::One("Resource"))
    },
    Route { summary: "Remove a target", ..changes(Operation::Delete, Verb::Delete, ONE, Gives::One("Deleted")) },
    Route {
        summary: "Check a target now, and wait for what is found",
        verb: Verb::Post,
        ..reads(Operation::Check, "/api/resources/{id}/check", Gives::One("Resource"))
    },
    Route {
        summary: "The outages of a target that touch a span, newest first; of the last 31 days if nothing is said",
        parameters: &[FROM, TO],
        ..reads(Operation::Outages, "/api/resources/{id}/outages", Gives::List(&["Outage"]))
    },
    Route {
        summary: "The checks of a target, newest first, or its figures, oldest first; of the last day if nothing is said",
        parameters: &[FROM, TO, RESOLUTION],
        ..reads(Operation::History, "/api/resources/{id}/history", Gives::List(&["Check", "Step"]))
    },
];

const fn reads(operation: Operation, path: &'static str, gives: Gives) -> Route {
    Route { operation, verb: Verb::Get, path, is_change: false, summary: "", parameters: &[], takes: None, gives }
}

const fn changes(operation: Operation, verb: Verb, path: &'static str, gives: Gives) -> Route {
    Route { verb, is_change: true, ..reads(operation, path, gives) }
}

/// The operation that a request asks for, and what it is about.
pub(super) fn find(method: &str, path: &str) -> Result<(&'static Route, Subject), Problem> {
    let method = if method == "HEAD" { Verb::Get.word() } else { method };
    let mut others = Vec::new();
    for route in &ROUTES {
        let Some(subject) = matched(route.path, path) else { continue };
        if route.verb.word() == method {
            return Ok((route, subject));
        }
        others.push(route.verb.word());
    }
    if others.is_empty() {
        return Err(Problem::new(Kind::NotFound, "nothing is there: /api/openapi.json tells what is"));
    }
    let methods = others.join(", ");
    Err(Problem::new(Kind::MethodNotAllowed(methods.clone()), format!("this takes {methods}")))
}

/// What a path is about, if it is one of these.
fn matched(pattern: &str, path: &str) -> Option<Subject> {
    let Some((before, after)) = pattern.split_once("{id}") else { return (pattern == path).then_some(Subject::All) };
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| id.parse().ok().map(|id| Subject::One(TargetId(id))))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_matched_with_the_table() {
        let found = |method, path| match find(method, path) {
            Ok((route, subject)) => Ok((route.operation, subject)),
            Err(problem) => Err(problem.kind),
        };
        assert_eq!(found("GET", "/api/resources"), Ok((Operation::List, Subject::All)));
        assert_eq!(found("HEAD", "/metrics"), Ok((Operation::Metrics, Subject::All)));
        assert_eq!(found("PUT", "/api/resources/7"), Ok((Operation::Replace, Subject::One(TargetId(7)))));
        assert_eq!(found("POST", "/api/resources/7/check"), Ok((Operation::Check, Subject::One(TargetId(7)))));
        let allowed = Err(Kind::MethodNotAllowed("GET, PUT, DELETE".to_owned()));
        assert_eq!(found("POST", "/api/resources/7"), allowed);
        for path in [
            "/",
            "/api/resources/",
            "/api/resources/x",
            "/api/resources/-1",
            "/api/resources/99999999999",
            "/api/resources/7/",
            "/API/resources",
        ] {
            assert_eq!(found("GET", path), Err(Kind::NotFound), "{path}");
        }
    }
}
