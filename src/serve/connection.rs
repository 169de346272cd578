//! Takes connections and answers what comes over them, on a thread of its own and within limits.

use super::Service;
use super::answer::{Answered, answer};
use super::problem::{Kind, Problem};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How much of everything is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; more wait until one ends.
    pub connections: usize,
    /// Requests that are worked on at once; more are refused.
    pub requests: usize,
    /// The longest body of a request, in bytes.
    pub body: usize,
    /// The longest head of a request, in bytes; at least 8,192.
    pub head: usize,
    /// How long a connection may say nothing, or take for the head of a request.
    pub idle: Duration,
    /// How long a request may take, from the end of its head to its answer.
    pub request: Duration,
    /// How long a client may take nothing of an answer.
    pub taking: Duration,
    /// How long requests may take to end when the server ends.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            requests: 16,
            body: 64 << 10,
            head: 16 << 10,
            idle: Duration::from_secs(30),
            request: Duration::from_secs(20),
            taking: Duration::from_secs(20),
            farewell: Duration::from_secs(2),
        }
    }
}

/// A server that runs.
pub struct Server {
    ending: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// Answers whoever asks at the listener until it is ended.
///
/// # Errors
/// The system refuses a thread.
pub fn begin(listener: TcpListener, service: Service, limits: Limits) -> io::Result<Server> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let (ending, ended) = watch::channel(false);
    let door = Arc::new(Door { service, limits, requests: Semaphore::new(limits.requests) });
    let thread = std::thread::Builder::new()
        .name("http".to_owned())
        .spawn(move || runtime.block_on(accept(listener, door, ended)))?;
    Ok(Server { ending, thread })
}

impl Server {
    /// Takes nothing new, lets what was begun come to its end for a moment, and ends.
    pub fn end(self) {
        self.ending.send_replace(true);
        if self.thread.join().is_err() {
            tracing::error!("the HTTP server has panicked");
        }
    }
}

/// What all connections share.
struct Door {
    service: Service,
    limits: Limits,
    requests: Semaphore,
}

async fn accept(listener: tokio::net::TcpListener, door: Arc<Door>, mut ended: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(door.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = ended.changed() => break,
            accepted = async {
                // It is closed by nobody.
                let place = Arc::clone(&places).acquire_owned().await;
                listener.accept().await.map(|(stream, _)| (stream, place))
            } => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, place)) => {
                let (door, ended) = (Arc::clone(&door), ended.clone());
                connections.spawn(async move {
                    let _place = place;
                    attend(stream, door, ended).await;
                });
            }
            Err(error) => {
                tracing::warn!("a connection to --http was not taken: {error}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    // Whoever is not done by then is cut off.
    let _ = timeout(door.limits.farewell, async { while connections.join_next().await.is_some() {} }).await;
}

async fn attend(stream: TcpStream, door: Arc<Door>, mut ended: watch::Receiver<bool>) {
    let limits = door.limits;
    let socket = SockRef::from(&stream);
    // Without them a client that is gone is noticed later.
    let _ = socket.set_tcp_user_timeout(Some(limits.taking)).and_then(|()| socket.set_tcp_nodelay(true));
    let respond = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.respond(request).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.idle).max_buf_size(limits.head);
    let connection = http.serve_connection(TokioIo::new(stream), respond);
    tokio::pin!(connection);
    // What a client does wrong is answered as far as it can be, and is no news.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = ended.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

impl Door {
    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let answered = if let Ok(_place) = self.requests.try_acquire() {
            timeout(self.limits.request, self.hear(request)).await.unwrap_or_else(|_| {
                let most = self.limits.request.as_secs();
                Err(Problem::new(Kind::TooSlow, format!("it may take {most} seconds, from its head to its answer")))
            })
        } else {
            Err(Problem::new(Kind::Busy, format!("{} are worked on; ask again later", self.limits.requests)))
        };
        response(answered.unwrap_or_else(Answered::from))
    }

    async fn hear(&self, request: Request<Incoming>) -> Result<Answered, Problem> {
        let (head, body) = request.into_parts();
        super::guard::admit(&head.headers, &self.service.names, &self.service.token)?;
        let body = Limited::new(body, self.limits.body).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Problem::new(Kind::TooLarge, format!("a body has at most {} bytes", self.limits.body))
            } else {
                Problem::new(Kind::Malformed, "the body does not end as it should")
            }
        })?;
        answer(&self.service, &head, body.to_bytes()).await
    }
}

fn response(answered: Answered) -> Response<Full<Bytes>> {
    let Answered { status, media_type, body, header } = answered;
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some((name, value)) = header
        && let Ok(value) = HeaderValue::try_from(value)
    {
        headers.insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::super::{Access, Exposure, Standing, Token, bind};
    use super::*;
    use crate::domain::Now;
    use crate::engine::{Inbox, channel};
    use crate::monitor::Snapshot;
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use tempfile::TempDir;

    /// A server on a port of its own, with nobody behind it.
    struct Stand {
        server: Server,
        address: SocketAddr,
        token: String,
        _inbox: Inbox,
        _data: TempDir,
    }

    impl Stand {
        fn with(limits: Limits) -> Self {
            let data = tempfile::tempdir().expect("a directory");
            let (token, file) = Token::of(data.path()).expect("a token");
            let (handle, inbox) = channel(Snapshot::empty(Now::default()));
            let listener = bind("127.0.0.1:0".parse().expect("an address"), Exposure::Loopback).expect("a port");
            let address = listener.local_addr().expect("an address");
            let service = Service {
                handle,
                clock: crate::engine::clock::system,
                access: Access::Full,
                allow: Vec::new(),
                given: Box::new(Default::default),
                token,
                names: Vec::new(),
                tally: Arc::default(),
                standing: Box::new(|| Standing::Nobody),
                data: data.path().to_owned(),
                series_max: 100,
            };
            let token = std::fs::read_to_string(file).expect("a token").trim().to_owned();
            let server = begin(listener, service, limits).expect("a server");
            Self { server, address, token, _inbox: inbox, _data: data }
        }

        fn say(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).expect("a connection");
            stream.write_all(text.as_bytes()).expect("sent");
            stream
        }

        fn head(&self, method: &str, more: &str) -> String {
            let Self { address, token, .. } = self;
            format!("{method} /metrics HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{more}\r\n")
        }
    }

    fn heard(mut stream: TcpStream) -> String {
        let mut told = String::new();
        // It may be cut off.
        let _ = stream.read_to_string(&mut told);
        told
    }

    /// Times out soon whatever says nothing.
    fn impatient() -> Limits {
        let soon = Duration::from_millis(200);
        Limits { idle: soon, request: soon, farewell: soon, ..Limits::default() }
    }

    #[test]
    fn who_says_nothing_or_only_half_of_it_is_cut_off() {
        let stand = Stand::with(impatient());
        for half in ["", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"] {
            let told = heard(stand.say(half));
            assert!(told.is_empty() || told.starts_with("HTTP/1.1 408 "), "{told}");
        }
        let told = heard(stand.say(&stand.head("POST", "Content-Length: 5\r\nConnection: close\r\n")));
        assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("too-slow"), "{told}");
        // After an answer, too.
        let told = heard(stand.say(&stand.head("GET", "")));
        assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
        stand.server.end();
    }

    #[test]
    fn who_takes_nothing_of_its_answers_is_cut_off() {
        let stand = Stand::with(Limits { taking: Duration::from_millis(200), ..Limits::default() });
        let mut deaf = stand.say("");
        deaf.set_write_timeout(Some(Duration::from_mins(1))).expect("a timeout");
        let ask = stand.head("GET", "");
        let error = loop {
            if let Err(error) = deaf.write_all(ask.as_bytes()) {
                break error;
            }
        };
        assert!(matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe), "{error}");
        stand.server.end();
    }

    #[test]
    fn more_connections_than_there_are_places_wait_for_one() {
        let stand = Stand::with(Limits { connections: 2, ..impatient() });
        let silent: Vec<TcpStream> = (0..4).map(|_| stand.say("")).collect();
        let told = heard(stand.say(&stand.head("GET", "Connection: close\r\n")));
        assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
        drop(silent);
        stand.server.end();
    }

    #[test]
    fn more_requests_than_are_worked_on_are_refused() {
        let limits = Limits { requests: 1, request: Duration::from_mins(1), ..impatient() };
        let stand = Stand::with(limits);
        let mut busy = stand.say(&stand.head("POST", "Content-Length: 1\r\nExpect: 100-continue\r\n"));
        // It asks for the body: the request has its place.
        busy.read_exact(&mut [0; 12]).expect("it goes on");
        let told = heard(stand.say(&stand.head("GET", "Connection: close\r\n")));
        assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: 1"), "{told}");
        drop(busy);
        stand.server.end();
    }
}
