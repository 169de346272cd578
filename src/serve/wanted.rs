//! Reads what a request says: its body and its query.

use super::problem::{Kind, Problem};
use crate::config::{NAME_MAX, NOTE_MAX, TAG_MAX, TAGS_MAX};
use crate::domain::text::clean;
use crate::domain::{Address, Span, Wall, Zone, parse_moment};
use serde::Deserialize;
use std::time::Duration;

/// A target as a request has it, in Kairos's fields (S21) and some of our own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    name: Option<String>,
    resource_type: Option<String>,
    target: Option<String>,
    /// Without effect on TCP (S26).
    #[serde(rename = "skipTLS")]
    _skip_tls: Option<bool>,
    #[serde(rename = "recursive")]
    _recursive: Option<bool>,
    active: Option<bool>,
    tags: Option<Vec<String>>,
    note: Option<String>,
}

/// The same, as it makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub name: String,
    pub address: Address,
    pub active: Option<bool>,
    pub tags: Option<Vec<String>>,
    pub note: Option<String>,
}

impl Wanted {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, Problem> {
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            let error = clean(&error.to_string(), 200);
            Problem::new(Kind::Malformed, format!("the body is not the JSON that is wanted: {error}"))
        })?;
        let kind = body.resource_type.as_deref().map(|kind| clean(kind, 40));
        if !kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("TCP")) {
            let kind = kind.unwrap_or_else(|| "missing".to_owned());
            let detail = format!("`resourceType` is {kind}: portpulse checks TCP ports; write \"TCP\" and host:port");
            return Err(Problem::new(Kind::UnknownResourceType, detail));
        }
        let missing = |field| Problem::new(Kind::Malformed, format!("`{field}` is missing"));
        let target = body.target.ok_or_else(|| missing("target"))?;
        let address: Address =
            target.parse().map_err(|error| Problem::new(Kind::InvalidTarget, clean(&format!("{error}"), 400)))?;
        let name = body.name.ok_or_else(|| missing("name"))?;
        let tags = body.tags.unwrap_or_default();
        let are_words = tags.iter().all(|tag| !tag.is_empty() && !tag.contains(char::is_whitespace));
        if tags.len() > TAGS_MAX || !are_words {
            return Err(Problem::new(Kind::Malformed, format!("`tags` are at most {TAGS_MAX} words")));
        }
        let tags = tags.iter().map(|tag| text("tags", tag, TAG_MAX)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            name: text("name", name.trim(), NAME_MAX)?,
            address,
            active: body.active,
            tags: (!tags.is_empty()).then_some(tags),
            note: body.note.map(|note| text("note", &note, NOTE_MAX)).transpose()?,
        })
    }
}

/// A text that is shown: it is not empty unless it is a note, not too long, and harmless.
fn text(field: &str, said: &str, max: usize) -> Result<String, Problem> {
    let cleaned = clean(said, max);
    if cleaned != said || (cleaned.is_empty() && field != "note") {
        let detail = format!("`{field}` is 1 to {max} characters in one line, without control characters");
        return Err(Problem::new(Kind::Malformed, detail));
    }
    Ok(cleaned)
}

/// The value of a parameter of the query.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, Problem> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => decoded(value)
            .map(Some)
            .ok_or_else(|| Problem::new(Kind::Malformed, format!("`{name}` is not encoded as it should be"))),
        (Some(_), Some(_)) => Err(Problem::new(Kind::Malformed, format!("`{name}` stands twice"))),
    }
}

/// Undoes the encoding of a query. A `+` stands for itself: moments have it in their offsets.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The span that `from` and `to` say; without `from`, so long before `to`.
pub(super) fn span(query: Option<&str>, now: Wall, usual: Duration) -> Result<Span, Problem> {
    let moment = |name| {
        let read = |text: String| {
            parse_moment(&text, now, Zone::Utc)
                .map_err(|error| Problem::new(Kind::Malformed, format!("`{name}`: {error}")))
        };
        parameter(query, name)?.map(read).transpose()
    };
    let to = moment("to")?.unwrap_or(now);
    let from = moment("from")?.unwrap_or(to - usual);
    if from >= to {
        return Err(Problem::new(Kind::Malformed, "`from` has to be before `to`"));
    }
    Ok(Span { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_that_kairos_documents_is_understood() {
        let body = br#"{"name":"PostgreSQL","resourceType":"TCP","target":"postgres.internal:5432","skipTLS":true}"#;
        let wanted = Wanted::read(body).expect("understood");
        assert_eq!(
            (wanted.name.as_str(), wanted.address.to_string()),
            ("PostgreSQL", "postgres.internal:5432".to_owned())
        );
        assert_eq!((wanted.active, wanted.tags, wanted.note), (None, None, None));
    }

    #[test]
    fn what_makes_no_sense_says_what_would() {
        let long = format!(r#"{{"name":"{}","resourceType":"TCP","target":"a:1"}}"#, "x".repeat(NAME_MAX + 1));
        for (body, kind, says) in [
            ("", Kind::Malformed, "JSON"),
            ("[]", Kind::Malformed, "JSON"),
            (r#"{"name":"a","resourceType":"HTTP","target":"http://a"}"#, Kind::UnknownResourceType, "HTTP"),
            (r#"{"name":"a","target":"a:1"}"#, Kind::UnknownResourceType, "missing"),
            (r#"{"name":"a","resourceType":"TCP"}"#, Kind::Malformed, "target"),
            (r#"{"name":"a","resourceType":"TCP","target":"db1"}"#, Kind::InvalidTarget, "db1:PORT"),
            (r#"{"name":"a","resourceType":"TCP","target":"db1:0"}"#, Kind::InvalidTarget, "1 to 65535"),
            (r#"{"resourceType":"TCP","target":"a:1"}"#, Kind::Malformed, "name"),
            (r#"{"name":" ","resourceType":"TCP","target":"a:1"}"#, Kind::Malformed, "name"),
            (r#"{"name":"a\u001b[2J","resourceType":"TCP","target":"a:1"}"#, Kind::Malformed, "control"),
            (r#"{"name":"a","resourceType":"TCP","target":"a:1","skipTLS":"yes"}"#, Kind::Malformed, "bool"),
            (r#"{"name":"a","resourceType":"TCP","target":"a:1","tags":["a b"]}"#, Kind::Malformed, "tags"),
            (r#"{"name":"a","resourceType":"TCP","target":"a:1","colour":"red"}"#, Kind::Malformed, "colour"),
            (long.as_str(), Kind::Malformed, "264"),
        ] {
            let problem = Wanted::read(body.as_bytes()).expect_err(body);
            assert!(problem.kind == kind && problem.detail.contains(says), "{body}: {problem:?}");
        }
    }

    #[test]
    fn a_query_says_a_span() {
        let now = Wall(1_795_181_527_000);
        let day = Duration::from_hours(24);
        let read = |query| span(Some(query), now, day);
        assert_eq!(span(None, now, day), Ok(Span::before(now, day)));
        assert_eq!(read("from=-2h"), Ok(Span { from: now - Duration::from_hours(2), to: now }));
        let encoded = "from=2026-11-20T10%3A00%3A00%2B01:00&to=2026-11-20T10:00:00+00:00";
        let hour = read(encoded).expect("a span");
        assert_eq!(hour.length(), Duration::from_hours(1));
        for wrong in ["from=now", "from=soon", "from=%zz", "from=%f", "from=-1h&from=-2h", "to=-1h&from=-1h"] {
            assert_eq!(read(wrong).expect_err(wrong).kind, Kind::Malformed, "{wrong}");
        }
    }
}
