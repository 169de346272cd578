//! What went wrong with a request, as RFC 9457 has it.

use super::answer::Answered;
use hyper::StatusCode;
use serde_json::json;

/// The media type of a problem.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Something that went wrong, in words, and what kind of thing it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub kind: Kind,
    /// What exactly, and what to do.
    pub detail: String,
}

/// What kinds of problems there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Malformed,
    ForeignHost,
    ForeignOrigin,
    Unauthorized,
    NotFound,
    /// With the methods that there are.
    MethodNotAllowed(String),
    TooLarge,
    Busy,
    TooSlow,
    UnknownResourceType,
    InvalidTarget,
    ReadOnly,
    NotAllowed,
    Conflict,
    NotWritten,
    Unavailable,
}

impl Kind {
    /// Every kind: its status, its name in the type, its title.
    pub const fn row(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed", "The request makes no sense"),
            Self::ForeignHost => (StatusCode::FORBIDDEN, "foreign-host", "This is not the host that is meant"),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign-origin", "Another site sends this"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "The token is missing or wrong"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "That cannot be done with it")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Too many requests at once"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", "The request took too long"),
            Self::UnknownResourceType => {
                (StatusCode::BAD_REQUEST, "unknown-resource-type", "Such a resource is not checked here")
            }
            Self::InvalidTarget => (StatusCode::BAD_REQUEST, "invalid-target", "The target is no host:port"),
            Self::ReadOnly => (StatusCode::FORBIDDEN, "read-only", "Nothing can be changed"),
            Self::NotAllowed => (StatusCode::FORBIDDEN, "not-allowed", "No target may lie there"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "That does not go with what is there"),
            Self::NotWritten => {
                (StatusCode::INTERNAL_SERVER_ERROR, "not-written", "The configuration file cannot be written")
            }
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Nobody can answer that now"),
        }
    }
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl From<Problem> for Answered {
    fn from(problem: Problem) -> Self {
        let (status, name, title) = problem.kind.row();
        let body = json!({
            "type": format!("urn:portpulse:problem:{name}"),
            "title": title,
            "status": status.as_u16(),
            "detail": problem.detail,
        });
        let header = match problem.kind {
            Kind::Unauthorized => Some(("www-authenticate", "Bearer realm=\"portpulse\"".to_owned())),
            Kind::MethodNotAllowed(methods) => Some(("allow", methods)),
            Kind::Busy | Kind::Unavailable => Some(("retry-after", "1".to_owned())),
            _ => None,
        };
        Self { status, media_type: MEDIA_TYPE, body: body.to_string().into(), header }
    }
}
