//! What needs nothing but loopback: open, refused, phases, calling off, and how a check leaves.

use crate::dns::Files;
use crate::netns::say_not_run;
use crate::prober::{Asker, endpoint, picture, rows, within};
use portpulse::domain::job::Phases;
use portpulse::domain::{Attempt, Clocked, Endpoint, Fault, Handshake, Outcome, Phase, Reason};
use portpulse::probe::Limits;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port of this address at which nobody listens, outside the ephemeral range.
fn closed(address: &str) -> String {
    let port = (20_001..30_000).find(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok());
    format!("{address}:{}", port.expect("a free port"))
}

#[test]
fn open_and_refused() {
    let (_listener, port) = listener();
    let mut asker = Asker::new(Limits::default());
    let open = asker.check(endpoint(&format!("127.0.0.1:{port}")));
    let Outcome::Open(timing) = open.outcome else { panic!("{open:?}") };
    assert!(timing.connect > Duration::ZERO && timing.connect < Duration::from_millis(500), "{timing:?}");
    assert_eq!(timing.syn_lost, 0);
    if cfg!(target_os = "linux") {
        assert_eq!(timing.clocked, Clocked::Kernel);
    }
    assert_eq!((open.dns, rows(&open)), (None, vec!["127.0.0.1 open".to_owned()]));

    let refused = asker.check(endpoint(&closed("127.0.0.1")));
    assert_eq!(picture(refused.outcome), "Refused", "never at the call: somebody answered");
    assert_eq!(refused.outcome.reason(), Some(Reason::Refused));
}

#[test]
fn ipv6_on_loopback() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else {
        say_not_run("this machine has no ::1");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let mut asker = Asker::new(Limits::default());
    for _ in 0..3 {
        assert_eq!(picture(asker.check(endpoint(&format!("[::1]:{port}"))).outcome), "open");
    }
    assert_eq!(asker.self_check("::1".parse().unwrap()), Ok(()));
}

#[test]
fn a_name_with_two_addresses_is_open_when_one_is() {
    let (_listener, port) = listener();
    let files = Files::new("127.0.0.2 both\n127.0.0.1 both\n127.0.0.3 none\n127.0.0.2 none\n", None);
    let mut asker = Asker::new(files.limits());
    let both = asker.check(endpoint(&format!("both:{port}")));
    assert_eq!(rows(&both), ["127.0.0.1 open", "127.0.0.2 Refused"]);
    assert_eq!((picture(both.outcome).as_str(), both.address), ("open", Some("127.0.0.1".parse().unwrap())));
    let none = asker.check(endpoint(&format!("none:{port}")));
    assert_eq!(rows(&none), ["127.0.0.2 Refused", "127.0.0.3 Refused"]);
    assert_eq!((picture(none.outcome).as_str(), none.address), ("Refused", Some("127.0.0.2".parse().unwrap())));
}

#[test]
fn phases_are_told_in_order_and_only_when_wanted() {
    let (_listener, port) = listener();
    let files = Files::new("127.0.0.1 here\n", None);
    let mut asker = Asker::new(files.limits());
    let told = asker.begin(endpoint(&format!("here:{port}")), Phases::Told);
    asker.done(told);
    let phases = asker.phases(told);
    let [Phase::Resolving, Phase::Resolved { addresses, .. }, Phase::Tried(one)] = phases.as_slice() else {
        panic!("{phases:?}");
    };
    assert_eq!(addresses.as_slice(), [one.address]);
    assert!(one.outcome.is_open());
    let quiet = asker.begin(endpoint(&format!("here:{port}")), Phases::Quiet);
    asker.done(quiet);
    assert!(asker.phases(quiet).is_empty());
}

/// A listener whose queue is full: a further SYN is dropped, as by a firewall.
pub struct Deaf {
    _listener: socket2::Socket,
    _filling: Vec<socket2::Socket>,
    pub address: String,
}

impl Deaf {
    pub fn new() -> Self {
        let new = || socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        let listener = new();
        listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let filling = (0..4).map(|_| {
            let socket = new();
            socket.set_nonblocking(true).unwrap();
            // In progress for ever once the queue is full.
            let _ = socket.connect(&address);
            socket
        });
        let filling: Vec<socket2::Socket> = filling.collect();
        let begun = Instant::now();
        while !filling.iter().any(|socket| socket.peer_addr().is_ok()) {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody takes the only place in the queue");
            thread::sleep(Duration::from_millis(1));
        }
        Self { _listener: listener, _filling: filling, address: address.as_socket().unwrap().to_string() }
    }
}

#[test]
fn no_answer_is_a_time_out_and_the_timeout_is_kept() {
    let deaf = Deaf::new();
    let mut asker = Asker::new(Limits::default());
    let begun = Instant::now();
    let finding = asker.check(within(400, &deaf.address));
    let took = begun.elapsed();
    assert_eq!(picture(finding.outcome), "TimedOut");
    assert!(took >= Duration::from_millis(400) && took < Duration::from_millis(900), "{took:?}");
}

#[test]
fn a_check_can_be_called_off_while_it_runs_and_while_it_waits() {
    let deaf = Deaf::new();
    let mut asker = Asker::new(Limits { per_host: 1, ..Limits::default() });
    let running = asker.begin(within(60_000, &deaf.address), Phases::Quiet);
    let waiting = asker.begin(within(60_000, &deaf.address), Phases::Quiet);
    for attempt in [waiting, running] {
        asker.cancel(attempt);
        assert_eq!(asker.done(attempt).outcome, Outcome::Inconclusive(Fault::Cancelled));
    }
    asker.cancel(running);
    asker.cancel(Attempt(999));
    assert!(asker.is_silent(), "once is enough, and nobody knows the others");
}

#[test]
fn waiting_for_a_turn_is_told_and_does_not_count_against_the_timeout() {
    let deaf = Deaf::new();
    let (_listener, port) = listener();
    let mut asker = Asker::new(Limits { per_host: 1, ..Limits::default() });
    let first = asker.begin(within(500, &deaf.address), Phases::Quiet);
    let second = asker.begin(within(400, &format!("127.0.0.1:{port}")), Phases::Quiet);
    let instant = asker.begin(within(400, &format!("127.0.0.1:{port}")), Phases::Told);
    let ahead = asker.done(instant);
    assert!(ahead.outcome.is_open() && ahead.waited < Duration::from_millis(300), "{ahead:?}");
    assert_eq!(picture(asker.done(first).outcome), "TimedOut");
    let after = asker.done(second);
    assert!(after.outcome.is_open() && after.waited >= Duration::from_millis(450), "{after:?}");
}

/// What a server that greets has seen of one client.
fn banner_server(listener: TcpListener, greeting: &'static [u8]) -> thread::JoinHandle<Result<usize, ErrorKind>> {
    thread::spawn(move || {
        let (mut client, _) = listener.accept().map_err(|error| error.kind())?;
        client.write_all(greeting).map_err(|error| error.kind())?;
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        // A greeting that meets a closed socket is answered with a reset by now.
        thread::sleep(Duration::from_millis(100));
        // After a FIN and a reset `read` says no more than end of file; the socket's error tells.
        client.take_error().unwrap().map_or(Ok(()), |error| Err(error.kind()))?;
        client.read(&mut [0; 16]).map_err(|error| error.kind())
    })
}

#[test]
fn a_full_check_ends_with_a_clean_fin_over_an_unread_banner() {
    let (listener, port) = listener();
    let server = banner_server(listener, b"220 ready\r\n");
    let mut asker = Asker::new(Limits::default());
    let full = Endpoint { handshake: Handshake::Full, ..endpoint(&format!("127.0.0.1:{port}")) };
    assert_eq!(picture(asker.check(full).outcome), "open");
    assert_eq!(server.join().unwrap(), Ok(0), "end of file, no reset");
}

#[test]
fn a_full_check_of_a_server_that_never_ends_is_reported_at_once_and_let_go() {
    let (listener, port) = listener();
    let flood = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let begun = Instant::now();
        while client.write_all(&[b'x'; 8_192]).is_ok() && begun.elapsed() < Duration::from_secs(10) {}
        begun.elapsed()
    });
    let mut asker = Asker::new(Limits::default());
    let full = Endpoint { handshake: Handshake::Full, ..endpoint(&format!("127.0.0.1:{port}")) };
    let begun = Instant::now();
    assert_eq!(picture(asker.check(full).outcome), "open");
    assert!(begun.elapsed() < Duration::from_millis(250), "the farewell is nobody's business");
    assert!(flood.join().unwrap() < Duration::from_secs(5));
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_check_is_never_accepted() {
    let (listener, port) = listener();
    listener.set_nonblocking(true).unwrap();
    let mut asker = Asker::new(Limits::default());
    for _ in 0..20 {
        assert_eq!(picture(asker.check(endpoint(&format!("127.0.0.1:{port}"))).outcome), "open");
    }
    // One ordinary connection comes after them all, and it is the first that the server sees.
    let ordinary = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (_, from) = listener.accept().expect("the ordinary one");
    assert_eq!(from, ordinary.local_addr().unwrap());
    assert_eq!(listener.accept().map_err(|error| error.kind()).map(|_| ()), Err(ErrorKind::WouldBlock));
}

#[test]
fn health_is_told_while_there_is_work_and_ends_with_it() {
    let deaf = Deaf::new();
    let mut asker = Asker::new(Limits { parallelism: Some(1), ..Limits::default() });
    for _ in 0..2 {
        asker.begin(within(1_300, &deaf.address), Phases::Quiet);
    }
    let busy = asker.health();
    assert_eq!((busy.in_flight, busy.waiting, busy.in_flight_max), (1, 1, 1));
    let last = std::iter::repeat_with(|| asker.health()).find(|health| health.in_flight == 0).unwrap();
    assert_eq!(last.waiting, 0);
}

#[test]
fn more_than_can_wait_is_overload_and_no_answer_is_lost_while_nobody_reads() {
    // So many that the reports fill their channel before the last order is taken.
    const ORDERED: usize = 50_000;
    const WAITING: usize = 16_384;
    let deaf = Deaf::new();
    let mut asker = Asker::new(Limits { parallelism: Some(1), ..Limits::default() });
    for _ in 0..ORDERED {
        asker.begin(within(60_000, &deaf.address), Phases::Quiet);
    }
    let overload = asker.all_done(ORDERED - WAITING - 1);
    assert!(overload.iter().all(|finding| finding.outcome == Outcome::Inconclusive(Fault::Overload)));
    assert!(asker.is_silent(), "the others wait, one runs");
}

#[test]
fn a_burst_is_answered_to_the_last_check() {
    let (_listener, port) = listener();
    let unpaced = Limits { starts_per_second: 1_000_000, per_host: 100, ..Limits::default() };
    let mut asker = Asker::new(unpaced);
    for _ in 0..2_000 {
        asker.begin(endpoint(&format!("127.0.0.1:{port}")), Phases::Quiet);
    }
    assert_eq!(asker.all_done(2_000).iter().filter(|finding| finding.outcome.is_open()).count(), 2_000);
}
