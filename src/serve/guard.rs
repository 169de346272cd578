//! Who may ask at all: the host that a request names, the origin that it comes from, the token that it brings.
//!
//! A browser that was led to a name of an attacker's, which then resolves to loopback, sends that name as the host:
//! an address in digits or `localhost` cannot be such a name. What a page of another site sends carries that site
//! as its origin. Both hold even where no token is known.

use super::problem::{Kind, Problem};
use super::token::Token;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST, ORIGIN};
use std::net::{IpAddr, Ipv6Addr};

/// Lets a request pass, or tells why not.
pub(super) fn admit(headers: &HeaderMap, names: &[String], token: &Token) -> Result<(), Problem> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Problem::new(Kind::Malformed, "name one host: a header `Host`"));
    };
    let host = host.to_str().unwrap_or_default();
    if !is_known(host, names) {
        let detail = "the header `Host` names neither an address, nor localhost, nor a name of --http-name";
        return Err(Problem::new(Kind::ForeignHost, detail));
    }
    let own = format!("http://{host}");
    if headers.get_all(ORIGIN).iter().any(|origin| !origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Err(Problem::new(Kind::ForeignOrigin, "the header `Origin` names another site than `Host`"));
    }
    let mut credentials = headers.get_all(AUTHORIZATION).iter();
    let said = match (credentials.next(), credentials.next()) {
        (Some(said), None) => said.as_bytes(),
        _ => b"",
    };
    match said.split_at_checked(7) {
        Some((scheme, said)) if scheme.eq_ignore_ascii_case(b"bearer ") && token.is(said.trim_ascii()) => Ok(()),
        _ => Err(Problem::new(
            Kind::Unauthorized,
            "send the header `Authorization: Bearer TOKEN`; the token is in the file `http-token` beside the history",
        )),
    }
}

fn is_known(host: &str, names: &[String]) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port),
        _ => (host, "0"),
    };
    let literal = || match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::V6).is_ok(),
        None => name.parse::<std::net::Ipv4Addr>().is_ok(),
    };
    port.parse::<u16>().is_ok()
        && (name.eq_ignore_ascii_case("localhost")
            || literal()
            || names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn verdict(headers: &[(HeaderName, &str)]) -> Result<(), Kind> {
        let data = tempfile::tempdir().expect("a directory");
        std::fs::write(data.path().join("http-token"), "0123456789abcdef").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(data.path().join("http-token"), mode).expect("a mode");
        let (token, _) = Token::of(data.path()).expect("a token");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        admit(&map, &["bastion.example".to_owned()], &token).map_err(|problem| problem.kind)
    }

    const RIGHT: (HeaderName, &str) = (AUTHORIZATION, "Bearer 0123456789abcdef");

    #[test]
    fn a_host_is_an_address_or_a_name_that_was_told() {
        for host in [
            "127.0.0.1:8420",
            "127.0.0.1",
            "localhost:8420",
            "LOCALHOST",
            "[::1]:8420",
            "[::1]",
            "Bastion.Example:8420",
        ] {
            assert_eq!(verdict(&[(HOST, host), RIGHT]), Ok(()), "{host}");
        }
        for host in [
            "evil.example:8420",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8420",
            "",
            ":8420",
            "[::1",
            "::1",
            "127.0.0.1:",
            "127.0.0.1:99999",
            "127.0.0.1:8420@evil.example",
            "2130706433",
            "[127.0.0.1]:8420",
        ] {
            assert_eq!(verdict(&[(HOST, host), RIGHT]), Err(Kind::ForeignHost), "{host}");
        }
        assert_eq!(verdict(&[RIGHT]), Err(Kind::Malformed));
        assert_eq!(verdict(&[(HOST, "localhost"), (HOST, "localhost"), RIGHT]), Err(Kind::Malformed));
    }

    #[test]
    fn pages_of_other_sites_are_refused_even_with_the_token() {
        let host = (HOST, "127.0.0.1:8420");
        assert_eq!(verdict(&[host.clone(), (ORIGIN, "http://127.0.0.1:8420"), RIGHT]), Ok(()));
        for origin in
            ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:8420", "http://127.0.0.1:8421", ""]
        {
            assert_eq!(verdict(&[host.clone(), (ORIGIN, origin), RIGHT]), Err(Kind::ForeignOrigin), "{origin}");
        }
    }

    #[test]
    fn nobody_is_answered_without_the_token() {
        let host = (HOST, "localhost");
        assert_eq!(verdict(std::slice::from_ref(&host)), Err(Kind::Unauthorized));
        assert_eq!(verdict(&[host.clone(), (AUTHORIZATION, "bearer  0123456789abcdef")]), Ok(()));
        for said in ["", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Basic 0123456789abcdef", "0123456789abcdef"] {
            assert_eq!(verdict(&[host.clone(), (AUTHORIZATION, said)]), Err(Kind::Unauthorized), "{said}");
        }
        assert_eq!(verdict(&[host, RIGHT, RIGHT]), Err(Kind::Unauthorized));
    }
}
