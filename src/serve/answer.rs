//! Which request is answered by what.

use super::problem::{Kind, Problem};
use super::{Service, metrics};
use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

/// An answer on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub status: StatusCode,
    pub media_type: &'static str,
    pub body: Bytes,
    /// One more header.
    pub header: Option<(&'static str, String)>,
}

/// Answers a request that was let in.
pub(super) async fn answer(service: &Service, head: &Parts, _body: Bytes) -> Result<Answered, Problem> {
    match head.uri.path() {
        "/metrics" if [Method::GET, Method::HEAD].contains(&head.method) => {
            let body = metrics::render(service).await.into();
            Ok(Answered { status: StatusCode::OK, media_type: metrics::MEDIA_TYPE, body, header: None })
        }
        "/metrics" => Err(Problem::new(Kind::MethodNotAllowed("GET"), "metrics can be read only")),
        _ => Err(Problem::new(Kind::NotFound, "ask for /metrics")),
    }
}
