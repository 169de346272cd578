//! Clients that send garbage, too much, half of it, or take nothing: dropped, told, and a burden to nobody.

use super::pty::DEADLINE;
use super::{Past, quit};
use portpulse::link::{CLIENTS_MAX, Hello, VERSION};
use rustix::thread::set_thread_res_uid;
use std::fs::{self, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

/// Connects to the owner of a home.
fn connect(past: &Past) -> UnixStream {
    let stream = UnixStream::connect(&past.sockets()[0]).expect("somebody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
    stream.set_write_timeout(Some(DEADLINE)).expect("a socket");
    stream
}

fn hello() -> Vec<u8> {
    [serde_json::to_vec(&Hello::ours()).expect("JSON"), b"\n".to_vec()].concat()
}

/// One that has said what it speaks, and has heard it.
fn greeted(past: &Past) -> BufReader<UnixStream> {
    let mut stream = connect(past);
    stream.write_all(&hello()).expect("room");
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).expect("a line");
    let theirs: Hello = serde_json::from_str(&line).expect("a greeting");
    assert_eq!(theirs.link, VERSION);
    stream
}

/// What comes until the owner hangs up.
fn rest(mut stream: impl Read) -> String {
    let mut text = String::new();
    match stream.read_to_string(&mut text) {
        Ok(_) => text,
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => text,
        Err(error) => panic!("it is not dropped: {error}"),
    }
}

/// Waits until the log has each of these words so many times.
#[track_caller]
fn wait_for_log(path: &Path, words: &str, count: usize) {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let log = fs::read_to_string(path).unwrap_or_default();
        if log.matches(words).count() >= count {
            return;
        }
        assert!(Instant::now() < deadline, "{words:?} is not {count} times in the log:\n{log}");
        std::thread::yield_now();
    }
}

#[test]
fn rogues_are_dropped_with_a_line_in_the_log_and_others_are_served() {
    let past = Past::empty();
    let log = past.home.path().join("log");
    let mut pty = past.watch(&["--log", "log"]);

    let mut garbage = connect(&past);
    garbage.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("room");
    rest(garbage);
    wait_for_log(&log, "was dropped: a line makes no sense", 1);
    let mut garbage = greeted(&past);
    garbage.get_mut().write_all(b"{\"Query\":{\"Steal\\u001b\":\"/etc/passwd\"}}\n").expect("room");
    assert_eq!(rest(garbage), "");
    wait_for_log(&log, "was dropped: a line makes no sense: unknown variant `Steal\u{fffd}`", 1);

    let mut endless = greeted(&past);
    let (mut sent, block) = (0_u64, vec![b' '; 1 << 16]);
    while sent < 1 << 30 && endless.get_mut().write_all(&block).is_ok() {
        sent += block.len() as u64;
    }
    assert!(sent < 16 << 20, "{sent} bytes of one line were taken");
    wait_for_log(&log, "was dropped: a line is longer than 1048576 bytes", 1);

    let mut cut = greeted(&past);
    cut.get_mut().write_all(b"{\"Query\":{\"Out").expect("room");
    cut.get_mut().shutdown(std::net::Shutdown::Write).expect("open");
    assert_eq!(rest(cut), "");
    wait_for_log(&log, "was dropped: the connection ended in the middle of a line", 1);

    let mut eager = greeted(&past);
    eager.get_mut().write_all(b"\"BackUp\"\n\"BackUp\"\n").expect("room");
    rest(eager);
    wait_for_log(&log, "sent no file to write it to", 1);

    let mut other = connect(&past);
    other.write_all(b"{\"link\":999,\"portpulse\":\"9.9\",\"process\":7}\n").expect("room");
    let words = rest(other);
    assert!(words.contains("process 7 is portpulse 9.9, which speaks version 999 of the link"), "{words}");
    past.text(&["store"]);
    quit(&mut pty);
}

#[test]
fn those_that_take_nothing_and_those_that_say_nothing_hold_nobody_up() {
    let past = Past::new();
    let mut pty = past.watch(&[]);
    let half: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = greeted(&past);
            stream.get_mut().write_all(b"{\"Query\":").expect("room");
            stream
        })
        .collect();
    let deaf: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = greeted(&past);
            let ask = b"{\"Query\":{\"Checks\":[1,{\"from\":0,\"to\":9000000000000}]}}\n";
            (0..20).for_each(|_| stream.get_mut().write_all(ask).expect("room"));
            stream
        })
        .collect();
    assert!(past.text(&["export", "checks"]).lines().count() > super::CHECKS as usize);
    past.text(&["store", "backup", "copy.bak"]);
    pty.send("a127.0.0.1:2\r");
    pty.wait_for("▼2 down");
    drop((half, deaf));
    quit(&mut pty);
}

#[test]
fn there_are_only_so_many_at_once() {
    let past = Past::empty();
    let mut pty = past.watch(&[]);
    let mut many: Vec<_> = (0..CLIENTS_MAX).map(|_| greeted(&past)).collect();
    let output = past.run(&["store"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("64 clients are connected already: try again in a moment"), "{complaint}");
    assert_eq!(output.status.code(), Some(71));
    many.truncate(CLIENTS_MAX / 2);
    let deadline = Instant::now() + DEADLINE;
    while past.run(&["store"]).status.code() != Some(0) {
        assert!(Instant::now() < deadline, "nobody is served any more");
    }
    quit(&mut pty);
}

#[test]
fn another_user_gets_nothing_even_where_the_way_is_open() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "this test needs root");
        let _ = writeln!(io::stderr(), "did not run: it becomes another user, which needs root");
        return;
    }
    let past = Past::empty();
    let mut pty = past.watch(&["--log", "log"]);
    let socket = past.sockets()[0].clone();
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&socket), mode(socket.parent().expect("a directory"))), (0o600, 0o700));
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
    let as_nobody = |socket: std::path::PathBuf| {
        std::thread::spawn(move || {
            let nobody = rustix::process::Uid::from_raw(65_534);
            set_thread_res_uid(nobody, nobody, nobody).expect("root may");
            let mut stream = UnixStream::connect(socket)?;
            // It may have hung up already.
            let _ = stream.write_all(&hello());
            Ok(rest(stream))
        })
        .join()
        .expect("no panic")
    };
    let refused: io::Result<String> = as_nobody(socket.clone());
    assert_eq!(refused.expect_err("the way is closed").kind(), io::ErrorKind::PermissionDenied);
    for path in socket.ancestors().skip(1).take_while(|path| path.starts_with(past.home.path())) {
        open(path, 0o755);
    }
    open(&socket, 0o666);
    assert_eq!(as_nobody(socket).expect("the way is open"), "");
    wait_for_log(&past.home.path().join("log"), "user 65534 is neither root nor the one that runs portpulse", 1);
    quit(&mut pty);
}
