//! Which request is answered by what.

use super::problem::{Kind, Problem};
use super::routes::{self, Operation, Subject};
use super::{Access, Service, change, metrics, openapi, read};
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::http::request::Parts;
use serde_json::Value;

/// An answer on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub status: StatusCode,
    pub media_type: &'static str,
    pub body: Bytes,
    /// One more header.
    pub header: Option<(&'static str, String)>,
}

impl Answered {
    /// JSON with this status.
    pub fn json(status: StatusCode, value: &Value) -> Self {
        Self { status, media_type: "application/json", body: value.to_string().into(), header: None }
    }
}

/// Answers a request that was let in.
pub(super) async fn answer(service: &Service, head: &Parts, body: Bytes) -> Result<Answered, Problem> {
    let (route, subject) = routes::find(head.method.as_str(), head.uri.path())?;
    if route.is_change && service.access == Access::ReadOnly {
        return Err(Problem::new(Kind::ReadOnly, "this portpulse serves with --read-only, and takes no changes"));
    }
    let query = head.uri.query();
    let value = match (route.operation, subject) {
        (Operation::Metrics, _) => {
            let body = metrics::render(service).await.into();
            return Ok(Answered { status: StatusCode::OK, media_type: metrics::MEDIA_TYPE, body, header: None });
        }
        (Operation::Description, _) => openapi::description(),
        (Operation::List, _) => read::list(service),
        (Operation::Create, _) => change::create(service, &body).await?,
        (Operation::Get, Subject::One(id)) => read::one(service, id)?,
        (Operation::Replace, Subject::One(id)) => change::replace(service, id, &body).await?,
        (Operation::Delete, Subject::One(id)) => change::delete(service, id).await?,
        (Operation::Check, Subject::One(id)) => return change::check(service, id).await,
        (Operation::Outages, Subject::One(id)) => read::outages(service, id, query).await?,
        (Operation::History, Subject::One(id)) => read::history(service, id, query).await?,
        (_, Subject::All) => return Err(Problem::new(Kind::NotFound, "name a target by its id")),
    };
    Ok(Answered::json(StatusCode::OK, &value))
}
