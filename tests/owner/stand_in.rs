//! Commands against owners that are old, foreign, or end in the middle: a clear word, and no half a file.

use super::world::block_on;
use super::{Past, told};
use portpulse::link::{Hello, Seat};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Output;
use std::thread;

/// What a command makes of an owner that treats its first client like this.
fn with_owner(past: &Past, arguments: &[&str], treat: impl FnOnce(BufReader<UnixStream>) + Send + 'static) -> Output {
    let owned = past.open();
    let seat = Seat::take(&[run(past)], &past.history()).expect("a seat");
    let listener = seat.listener().expect("a socket");
    listener.set_nonblocking(false).expect("a socket");
    let owner = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        treat(BufReader::new(stream));
    });
    let output = past.run(arguments);
    owner.join().expect("no panic");
    block_on(owned.close()).expect("a clean end");
    output
}

fn run(past: &Past) -> PathBuf {
    past.home.path().join("run/portpulse")
}

fn say(stream: &mut BufReader<UnixStream>, line: &str) {
    stream.get_mut().write_all(format!("{line}\n").as_bytes()).expect("room");
}

fn hear(stream: &mut BufReader<UnixStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).expect("a line");
    line
}

fn greet(stream: &mut BufReader<UnixStream>) {
    say(stream, &serde_json::to_string(&Hello::ours()).expect("JSON"));
    hear(stream);
}

#[test]
fn an_owner_that_ends_in_the_middle_of_a_copy_leaves_no_file() {
    let past = Past::empty();
    let output = with_owner(&past, &["store", "backup", "copy.bak"], |mut stream| {
        greet(&mut stream);
        assert_eq!(hear(&mut stream), "\"BackUp\"\n");
        say(&mut stream, "\"Ready\"");
        stream.read_exact(&mut [0]).expect("the descriptor");
    });
    let (code, out, complaint) = told(&output);
    let told = "portpulse: copy.bak: the portpulse that owns the history has ended: try again\n";
    assert_eq!((code, out.as_str(), complaint.as_str()), (71, "", told));
    let names: Vec<_> = fs::read_dir(past.home.path()).expect("a directory").flatten().collect();
    let is_left = |name: &str| name.contains("copy") || name.contains("draft");
    assert!(!names.iter().any(|entry| is_left(&entry.file_name().to_string_lossy())), "{names:?}");
}

#[test]
fn an_owner_whose_disk_fails_is_heard() {
    let past = Past::empty();
    for arguments in [&["store"][..], &["report"], &["export", "checks"]] {
        let output = with_owner(&past, arguments, |mut stream| {
            greet(&mut stream);
            hear(&mut stream);
            say(&mut stream, r#"{"Answer":{"Failed":"history cannot be read now: the disk is full"}}"#);
        });
        assert_eq!(
            told(&output),
            (71, String::new(), "portpulse: history cannot be read now: the disk is full\n".into())
        );
    }
}

#[test]
fn an_owner_that_speaks_another_language_is_named() {
    let past = Past::empty();
    let output = with_owner(&past, &["store"], |mut stream| {
        say(&mut stream, r#"{"link":9,"portpulse":"9.9.9","process":7,"more":[1]}"#);
    });
    let (code, _, complaint) = told(&output);
    let words = "process 7 is portpulse 9.9.9, which speaks version 9 of the link, and this one";
    assert!(complaint.contains(words) && complaint.contains("use the same portpulse for both"), "{complaint}");
    assert_eq!(code, 75);
    for nonsense in ["HTTP/1.1 400 Bad Request", r#"{"link":"one"}"#] {
        let output = with_owner(&past, &["store"], |mut stream| say(&mut stream, nonsense));
        let (code, _, complaint) = told(&output);
        assert!(complaint.contains("is not understood: a line makes no sense"), "{complaint}");
        assert_eq!(code, 75);
    }
}

#[test]
fn an_owner_without_a_socket_is_in_use_as_ever() {
    let past = Past::empty();
    let owned = past.open();
    let process = format!("(process {})", std::process::id());
    for arguments in
        [&["store"][..], &["store", "verify"], &["store", "backup", "x"], &["report"], &["export", "checks"]]
    {
        let (code, out, complaint) = told(&past.run(arguments));
        assert_eq!((code, out.as_str()), (75, ""), "{complaint}");
        assert!(complaint.contains(&process) && complaint.contains("it does not answer ("), "{complaint}");
    }
    // A place that others could have put something in is not looked at.
    let _seat = Seat::take(&[run(&past)], &past.history()).expect("a seat");
    fs::set_permissions(run(&past), fs::Permissions::from_mode(0o770)).expect("ours");
    let (code, _, complaint) = told(&past.run(&["store"]));
    assert_eq!((code, complaint.contains("it is open to other users")), (75, true), "{complaint}");
    drop(owned);
}
