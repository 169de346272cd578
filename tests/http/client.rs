//! An HTTP client: that of hyper where requests are as they should be, a bare socket where they are not.

use hyper::body::{Body, Bytes, Frame};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Asks one service, with its token.
pub struct Client {
    pub address: SocketAddr,
    pub token: String,
}

/// What it answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// A body in one piece.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Client {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    /// Asks with the token; a body is JSON.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::connect(self.address).await.expect("a connection");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
            let connection = tokio::spawn(connection);
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(HOST, self.address.to_string())
                .header(AUTHORIZATION, format!("Bearer {}", self.token))
                .header(CONTENT_TYPE, "application/json")
                .body(Whole((!body.is_empty()).then(|| Bytes::copy_from_slice(body.as_bytes()))))
                .expect("a request");
            let (head, mut body) = sender.send_request(request).await.expect("an answer").into_parts();
            let mut bytes = Vec::new();
            while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                bytes.extend_from_slice(&frame.expect("a body").into_data().unwrap_or_default());
            }
            drop(sender);
            connection.await.expect("no panic").expect("a clean end");
            let text = String::from_utf8(bytes).expect("text");
            Answer { status: head.status.as_u16(), headers: head.headers, text }
        })
    }

    /// Writes these bytes and gives all that comes back until the other side ends.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a timeout");
        // It may have heard enough.
        let _ = stream.write_all(bytes);
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        String::from_utf8_lossy(&told).into_owned()
    }

    /// The same for a request after which this side says nothing more.
    pub fn raw_and_done(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(bytes).expect("sent");
        stream.shutdown(Shutdown::Write).expect("half closed");
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        String::from_utf8_lossy(&told).into_owned()
    }
}

impl Answer {
    /// What it says in JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Fails unless it is a problem of this kind that says so; RFC 9457.
    #[track_caller]
    pub fn is_problem(&self, status: StatusCode, kind: &str, says: &str) {
        let json = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!((self.status, &json["status"]), (status.as_u16(), &Value::from(status.as_u16())), "{self:?}");
        assert_eq!(json["type"], format!("urn:portpulse:problem:{kind}"), "{self:?}");
        assert!(json["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
        assert!(json["detail"].as_str().is_some_and(|detail| detail.contains(says)), "`{says}` is not in {self:?}");
    }
}
