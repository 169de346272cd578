//! Single values of a configuration file, each read or refused with what to write instead.

use super::{TAG_MAX, duration};
use crate::domain::text::clean;
use crate::domain::{Address, Addresses, Expect, Family, Handshake, listing};
use std::num::NonZeroU8;
use std::ops::RangeInclusive;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use unicode_segmentation::UnicodeSegmentation;

/// How much of a wrong value is repeated in a message, in characters.
const QUOTED_MAX: usize = 40;

/// What a count of consecutive checks may be.
const THRESHOLD: RangeInclusive<u32> = 1..=255;

/// The word for having no limit of latency.
pub(super) const NEVER: &str = "never";
/// Every family under the name that it is written by.
pub(super) const FAMILIES: [(&str, Family); 4] =
    [("auto", Family::Auto), ("ipv4", Family::Ipv4), ("ipv6", Family::Ipv6), ("both", Family::Both)];
/// How many addresses of a name have to answer, under the name that it is written by.
pub(super) const ADDRESSES: [(&str, Addresses); 2] = [("any", Addresses::Any), ("every", Addresses::Every)];
/// What a check is expected to find, under the name that it is written by.
pub(super) const EXPECTATIONS: [(&str, Expect); 3] =
    [("open", Expect::Open), ("refused", Expect::Refused), ("closed", Expect::Closed)];
/// Every handshake under the name that it is written by.
pub(super) const HANDSHAKES: [(&str, Handshake); 2] = [("silent", Handshake::Silent), ("full", Handshake::Full)];

/// The name that a choice is written by; empty if it is not among them.
pub(super) fn name_of<T: Copy + PartialEq>(choices: &[(&'static str, T)], choice: T) -> &'static str {
    choices.iter().find(|(_, other)| *other == choice).map_or("", |(name, _)| name)
}

/// Why a value is refused: what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) hint: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }

    /// What the TOML parser says, with what to do about its more common complaints.
    pub(super) fn syntax(message: &str) -> Self {
        let hint = if message.contains("must be quoted") {
            "put it in double quotes"
        } else if message.contains("duplicate key") {
            "it stands further up already: remove one of the two"
        } else if message.contains("recur") {
            "nothing here is nested that deeply"
        } else if message.contains("no value") {
            "write name = value"
        } else {
            "see https://toml.io for how TOML is written"
        };
        Self::new(message, hint)
    }
}

/// What kind of value it is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a bare number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A key of a table with its value.
pub(super) fn find<'t, 'i>(
    table: &'t DeTable<'i>,
    name: &str,
) -> Option<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    table.iter().find(|(key, _)| key.get_ref() == name)
}

/// The name that stands nearest to a misspelt one.
pub(super) fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wrong: String = wrong.chars().take(QUOTED_MAX).collect();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong.to_lowercase(), name), name))
        .filter(|(distance, name)| *distance <= name.len().max(wrong.len()).div_ceil(3))
        .min()
        .map(|(_, name)| name)
}

/// A duration with its unit.
pub(super) fn duration(value: &DeValue<'_>, range: &RangeInclusive<Duration>) -> Result<Duration, Wrong> {
    match value {
        DeValue::String(text) => {
            let quoted = clean(text, QUOTED_MAX);
            duration::parse(text, range).map_err(|error| {
                let what = match error {
                    duration::DurationError::Unreadable => format!("`{quoted}` is no duration"),
                    duration::DurationError::OutOfRange(_) => format!("`{quoted}` is out of range"),
                };
                Wrong::new(what, error.to_string())
            })
        }
        DeValue::Integer(number) if number.as_str().len() < 12 => {
            Err(Wrong::new("a duration needs its unit", format!("write \"{number}s\" if seconds are meant")))
        }
        other => Err(Wrong::new(
            format!("a duration is wanted, this is {}", kind(other)),
            "write a number with its unit in quotes, such as \"10s\"",
        )),
    }
}

/// A duration, or a word for having none.
pub(super) fn duration_or(
    none: &str,
    value: &DeValue<'_>,
    range: &RangeInclusive<Duration>,
) -> Result<Option<Duration>, Wrong> {
    if value.as_str() == Some(none) {
        return Ok(None);
    }
    duration(value, range).map(Some).map_err(|wrong| Wrong { hint: format!("{}, or \"{none}\"", wrong.hint), ..wrong })
}

/// A whole number.
pub(super) fn count(value: &DeValue<'_>, range: &RangeInclusive<u32>) -> Result<u32, Wrong> {
    let hint = || format!("write a whole number from {} to {}", range.start(), range.end());
    let DeValue::Integer(number) = value else {
        return Err(Wrong::new(format!("a whole number is wanted, this is {}", kind(value)), hint()));
    };
    u32::from_str_radix(number.as_str(), number.radix())
        .ok()
        .filter(|count| range.contains(count))
        .ok_or_else(|| Wrong::new(format!("`{}` is out of range", clean(&number.to_string(), QUOTED_MAX)), hint()))
}

/// A whole number, or a word for having none.
pub(super) fn count_or(none: &str, value: &DeValue<'_>, range: &RangeInclusive<u32>) -> Result<Option<u32>, Wrong> {
    if value.as_str() == Some(none) {
        return Ok(None);
    }
    count(value, range).map(Some).map_err(|wrong| Wrong { hint: format!("{}, or \"{none}\"", wrong.hint), ..wrong })
}

/// `true` or `false`.
pub(super) fn switch(value: &DeValue<'_>) -> Result<bool, Wrong> {
    value
        .as_bool()
        .ok_or_else(|| Wrong::new(format!("true or false is wanted, this is {}", kind(value)), "write true or false"))
}

/// One of a few words.
pub(super) fn choice<T: Copy>(value: &DeValue<'_>, choices: &[(&str, T)]) -> Result<T, Wrong> {
    let names = || choices.iter().map(|(name, _)| *name);
    let all = || names().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let Some(text) = value.as_str() else {
        return Err(Wrong::new(
            format!("a word is wanted, this is {}", kind(value)),
            format!("write one of {}", all()),
        ));
    };
    choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice).ok_or_else(|| {
        let hint = nearest(text, names()).map_or_else(
            || format!("write one of {}", all()),
            |name| format!("did you mean \"{name}\"? there are {}", all()),
        );
        Wrong::new(format!("`{}` is none of the choices", clean(text, QUOTED_MAX)), hint)
    })
}

/// A text without anything that could disturb a terminal, at most so many characters long.
pub(super) fn text(value: &DeValue<'_>, max: usize) -> Result<String, Wrong> {
    let Some(text) = value.as_str() else {
        return Err(Wrong::new(format!("a text is wanted, this is {}", kind(value)), "write it in quotes"));
    };
    if text.len() > max && text.graphemes(true).nth(max).is_some() {
        return Err(Wrong::new("this text is too long", format!("write at most {max} characters")));
    }
    Ok(clean(text, max).trim().to_owned())
}

/// A share in percent: `50` or `"50%"`.
pub(super) fn percent(value: &DeValue<'_>, range: &RangeInclusive<u32>) -> Result<u32, Wrong> {
    let share = match value {
        DeValue::String(text) => text.trim().strip_suffix('%').and_then(|number| number.trim().parse().ok()),
        DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    share.filter(|share| range.contains(share)).ok_or_else(|| {
        let hint = format!("write it in percent, such as \"50%\", from {} to {}", range.start(), range.end());
        Wrong::new("a share is wanted", hint)
    })
}

/// A count of consecutive checks.
pub(super) fn threshold(value: &DeValue<'_>) -> Result<NonZeroU8, Wrong> {
    count(value, &THRESHOLD).map(|count| u8::try_from(count).ok().and_then(NonZeroU8::new).unwrap_or(NonZeroU8::MIN))
}

/// A tag.
pub(super) fn tag(value: &DeValue<'_>) -> Result<String, Wrong> {
    let tag = text(value, TAG_MAX)?;
    if tag.is_empty() || tag.contains(char::is_whitespace) {
        return Err(Wrong::new("a tag is one word", "write it without spaces, such as \"prod\""));
    }
    Ok(tag)
}

/// `host:port`, or a short form of several.
pub(super) fn addresses(value: &DeValue<'_>) -> Result<Vec<Address>, Wrong> {
    let Some(text) = value.as_str() else {
        return Err(Wrong::new(
            format!("an address is wanted, this is {}", kind(value)),
            "write \"host:port\" in quotes",
        ));
    };
    listing::expand(text).map_err(|error| {
        let message = clean(&error.to_string(), 160);
        let (what, hint) = message.split_once(": ").unwrap_or((&message, "write \"host:port\""));
        Wrong::new(what, hint)
    })
}
