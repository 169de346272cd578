//! What those get over HTTP who should get nothing.

use super::{Home, Service, serve};
use hyper::StatusCode;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

#[test]
fn nobody_is_answered_without_the_token_the_host_and_the_origin() {
    let service = Service::start("");
    let client = &service.client;
    let (address, token) = (client.address, client.token.as_str());
    let path = service.home.path().join("data/portpulse/http-token");
    assert_eq!(std::fs::metadata(path).expect("a file").permissions().mode() & 0o777, 0o600);
    let ask =
        |headers: &str| client.raw(format!("GET /metrics HTTP/1.1\r\nConnection: close\r\n{headers}\r\n").as_bytes());
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let right = ask(&format!("Host: {address}\r\n{bearer}"));
    assert!(right.starts_with("HTTP/1.1 200 OK\r\n") && right.contains("portpulse_targets 0\n"), "{right}");
    for (headers, status, kind) in [
        (format!("Host: {address}\r\n"), 401, "unauthorized"),
        (format!("Host: {address}\r\nAuthorization: Bearer {}\r\n", token.to_uppercase()), 401, "unauthorized"),
        (format!("Host: evil.example\r\n{bearer}"), 403, "foreign-host"),
        (format!("Host: {address}\r\nOrigin: http://evil.example\r\n{bearer}"), 403, "foreign-origin"),
        (bearer.clone(), 400, "malformed"),
    ] {
        let told = ask(&headers);
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")) && told.contains(kind), "{headers}: {told}");
        assert!(!told.contains("portpulse_targets"), "{told}");
    }
    assert!(ask(&format!("Host: {address}\r\n")).contains("www-authenticate: Bearer"));
    service.get("/nowhere").is_problem(StatusCode::NOT_FOUND, "not-found", "/api/openapi.json");
    let named = Service::with("", &["--http-name", "bastion.example"]);
    let (bearer, client) = (&named.client.token, &named.client);
    let told = client.raw(
        format!("GET /metrics HTTP/1.1\r\nConnection: close\r\nHost: bastion.example\r\nAuthorization: Bearer {bearer}\r\n\r\n")
            .as_bytes(),
    );
    assert!(told.starts_with("HTTP/1.1 200 OK"), "{told}");
}

#[test]
fn what_is_too_large_or_no_http_is_refused_and_service_goes_on() {
    let service = Service::start("");
    let client = &service.client;
    client.ask("POST", "/metrics", &"x".repeat((64 << 10) + 1)).is_problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "65536",
    );
    let long = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\nX: {}\r\n\r\n", client.address, "x".repeat(20 << 10));
    assert!(client.raw(long.as_bytes()).starts_with("HTTP/1.1 431 "));
    for rubbish in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], b"\r\n\0\0\0 / HTTP/1.1\r\n\r\n", b"GET"]
    {
        let told = client.raw_and_done(rubbish);
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 400 "), "{told}");
    }
    let half = format!(
        "POST /metrics HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: 10\r\n\r\nhalf",
        client.address, client.token
    );
    assert!(!client.raw_and_done(half.as_bytes()).starts_with("HTTP/1.1 200"));
    assert_eq!(service.get("/metrics").status, 200);
    assert_eq!(service.end(), Some(0));
}

#[test]
fn an_end_cuts_off_whoever_says_nothing() {
    let service = Service::start("");
    let mut silent: Vec<TcpStream> =
        (0..100).map(|_| TcpStream::connect(service.client.address).expect("a connection")).collect();
    silent[0].write_all(b"GET /metrics HTTP/1.1\r\n").expect("sent");
    assert_eq!(service.end(), Some(0));
    silent[0].set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    assert!(matches!(silent[0].read(&mut [0; 16]), Ok(0) | Err(_)));
}

#[test]
fn an_address_that_cannot_be_had_is_told_before_any_check() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let home = Home::with("");
    for (arguments, code, says) in [
        (vec!["--http", &address], 71, "another program listens there"),
        (vec!["--http", "0.0.0.0:0"], 2, "--http-exposed"),
        (vec!["--http", "192.0.2.1:0", "--http-exposed"], 71, "an address of this machine"),
        (vec!["--http", "localhost"], 2, "invalid"),
        (vec!["--http-exposed"], 2, "--http"),
    ] {
        let output = serve(&home, &arguments).stderr(std::process::Stdio::piped()).output().expect("it runs");
        let told = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains(says), "{told}");
        assert!(!home.path().join("data").exists(), "a history was begun");
    }
    let data = home.path().join("data/portpulse");
    std::fs::create_dir_all(&data).expect("a directory");
    std::fs::write(data.join("http-token"), "0123456789abcdef").expect("a file");
    std::fs::set_permissions(data.join("http-token"), PermissionsExt::from_mode(0o644)).expect("a mode");
    let output =
        serve(&home, &["--http", "127.0.0.1:0"]).stderr(std::process::Stdio::piped()).output().expect("it runs");
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(
        output.status.code() == Some(71) && told.contains("chmod 600") && !told.contains("0123456789abcdef"),
        "{told}"
    );
}
