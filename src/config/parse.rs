//! Reads the text of a configuration file, section by section.

use super::defaults::{DEGRADED_ABOVE, Defaults, INTERVAL, TIMEOUT};
use super::error::{ConfigError, ConfigErrors};
use super::keys::{Binding, Keys};
use super::reader::Reader;
use super::targets;
use super::ui::{Ascii, SynchronizedOutput, Theme, Ui, Zone};
use super::value::{self, HANDSHAKES, Wrong};
use crate::domain::Definition;
use crate::domain::text::clean;
use crate::monitor::Settings;
use std::num::NonZeroU8;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How long history may be kept.
const HISTORY: RangeInclusive<Duration> = Duration::from_hours(1)..=Duration::from_hours(24 * 366);
/// How long summaries may be kept: less than the dashboard looks back would leave it half empty.
const SUMMARIES: RangeInclusive<Duration> = Duration::from_hours(24)..=Duration::from_hours(24 * 3660);
/// How many connections may be asked to be in flight.
const PARALLELISM: RangeInclusive<u32> = 1..=100_000;
/// What a threshold may be.
const THRESHOLD: RangeInclusive<u32> = 1..=255;
/// How many canaries there may be; a few well-chosen ones say more than many.
const CANARIES_MAX: usize = 16;
/// How many actions may be bound anew.
const BINDINGS_MAX: usize = 256;
/// How many keys one action may have.
const KEYS_MAX: usize = 8;
/// How long the name of a key may be.
const KEY_NAME_MAX: usize = 32;

/// How many entries and lines a file may have: a dense one of 16 MiB would take gigabytes to read.
/// A hundred thousand targets with twelve settings each stay below it.
const MARKS_MAX: usize = 3_000_000;
/// Up to which size all mistakes of spelling are told; in a larger file, the first.
const RECOVERED_MAX: usize = 256 << 10;

const SECTIONS: [&str; 6] = ["defaults", "history", "ui", "keys", "self_check", "target"];
const IN_DEFAULTS: [&str; 8] =
    ["interval", "timeout", "retry_interval", "down_after", "up_after", "parallelism", "handshake", "degraded_above"];
const IN_UI: [&str; 7] = ["theme", "ascii", "bell", "mouse", "utc", "confirm_quit", "sync"];

/// What a text says, defaults filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Contents {
    pub(super) defaults: Defaults,
    pub(super) settings: Settings,
    pub(super) ui: Ui,
    pub(super) keys: Keys,
    pub(super) targets: Vec<Definition>,
}

/// Reads a text; `path` is only for messages.
pub(super) fn parse(path: &Path, text: &str) -> Result<Contents, ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let marks = text.bytes().filter(|byte| matches!(byte, b'=' | b',' | b'[' | b'{' | b'\n')).count();
    if marks > MARKS_MAX {
        let what = format!("has {marks} entries and lines: that is no configuration");
        return Err(ConfigError::file(path, what, format!("at most {MARKS_MAX}")).into());
    }
    let mut reader = Reader::new(path, text);
    let mut contents = Contents::default();
    match DeTable::parse(text) {
        Ok(document) => read_sections(&mut reader, document.get_ref(), &mut contents),
        Err(first) => {
            let all = if text.len() <= RECOVERED_MAX { DeTable::parse_recoverable(text).1 } else { vec![first] };
            for error in all {
                reader.refuse(error.span().unwrap_or_default(), Wrong::syntax(error.message()));
            }
        }
    }
    match reader.finish() {
        Some(errors) => Err(errors),
        None => Ok(contents),
    }
}

fn read_sections(reader: &mut Reader<'_>, document: &DeTable<'_>, contents: &mut Contents) {
    if let Some(table) = find(document, "defaults").and_then(|value| reader.table(value, "defaults")) {
        contents.defaults = read_defaults(reader, table, &mut contents.settings);
    }
    for (key, value) in document {
        match key.get_ref().as_ref() {
            "defaults" => {}
            "history" => {
                if let Some(table) = reader.table(value, "history") {
                    read_history(reader, table, &mut contents.settings);
                }
            }
            "ui" => {
                if let Some(table) = reader.table(value, "ui") {
                    read_ui(reader, table, &mut contents.ui);
                }
            }
            "keys" => {
                if let Some(table) = reader.table(value, "keys") {
                    contents.keys = read_keys(reader, table);
                }
            }
            "self_check" => {
                if let Some(table) = reader.table(value, "self_check") {
                    read_self_check(reader, table, contents);
                }
            }
            "target" => contents.targets = targets::read(reader, value, &contents.defaults),
            name if IN_DEFAULTS.contains(&name) => {
                let wrong = Wrong::new(format!("`{name}` stands outside of a section"), "move it below [defaults]");
                reader.refuse(key.span(), wrong);
            }
            _ if reader.is_full() => break,
            name => match value::nearest(name, IN_DEFAULTS) {
                Some(near) if value.get_ref().as_table().is_none() => {
                    let hint = format!("did you mean `{near}`? it belongs below [defaults]");
                    let what = format!("unknown key `{}`", clean(name, 40));
                    reader.refuse(key.span(), Wrong::new(what, hint));
                }
                _ => reader.unknown(key, "this file", &SECTIONS),
            },
        }
    }
}

fn find<'t, 'i>(table: &'t DeTable<'i>, name: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value)
}

fn read_defaults(reader: &mut Reader<'_>, table: &DeTable<'_>, settings: &mut Settings) -> Defaults {
    let mut defaults = Defaults::default();
    for (key, value) in table {
        let inner = value.get_ref();
        match key.get_ref().as_ref() {
            "interval" => reader.set(&mut defaults.interval, value, value::duration(inner, &INTERVAL)),
            "timeout" => reader.set(&mut defaults.timeout, value, value::duration(inner, &TIMEOUT)),
            "retry_interval" => reader.set(&mut defaults.retry_interval, value, value::duration(inner, &INTERVAL)),
            "down_after" => reader.set(&mut defaults.down_after, value, threshold(inner)),
            "up_after" => reader.set(&mut defaults.up_after, value, threshold(inner)),
            "handshake" => reader.set(&mut defaults.handshake, value, value::choice(inner, &HANDSHAKES)),
            "degraded_above" => {
                let read = value::duration_or(targets::NEVER, inner, &DEGRADED_ABOVE);
                reader.set(&mut defaults.degraded_above, value, read);
            }
            "parallelism" => {
                reader.set(&mut settings.parallelism, value, value::count_or("auto", inner, &PARALLELISM));
            }
            _ => reader.unknown(key, "[defaults]", &IN_DEFAULTS),
        }
    }
    if let Some(value) = find(table, "retry_interval")
        && let Err(wrong) = targets::check_retry(defaults.retry_interval, defaults.interval)
    {
        reader.refuse(value.span(), wrong);
    }
    defaults
}

/// A count of consecutive checks.
pub(super) fn threshold(value: &DeValue<'_>) -> Result<NonZeroU8, Wrong> {
    value::count(value, &THRESHOLD)
        .map(|count| u8::try_from(count).ok().and_then(NonZeroU8::new).unwrap_or(NonZeroU8::MIN))
}

fn read_history(reader: &mut Reader<'_>, table: &DeTable<'_>, settings: &mut Settings) {
    for (key, value) in table {
        let inner = value.get_ref();
        match key.get_ref().as_ref() {
            "checks" => reader.set(&mut settings.keep_checks, value, value::duration(inner, &HISTORY)),
            "exact" => {
                reader.set(&mut settings.keep_exact, value, value::duration_or("all", inner, &HISTORY));
            }
            "outages" => reader.set(&mut settings.keep_outages, value, value::duration(inner, &HISTORY)),
            "summaries" => reader.set(&mut settings.keep_summaries, value, value::duration(inner, &SUMMARIES)),
            _ => reader.unknown(key, "[history]", &["checks", "exact", "outages", "summaries"]),
        }
    }
}

fn read_ui(reader: &mut Reader<'_>, table: &DeTable<'_>, ui: &mut Ui) {
    for (key, value) in table {
        let inner = value.get_ref();
        match key.get_ref().as_ref() {
            "theme" => reader.set(&mut ui.theme, value, value::choice(inner, &Theme::NAMES)),
            "ascii" => reader.set(&mut ui.ascii, value, value::choice(inner, &Ascii::NAMES)),
            "sync" => reader.set(&mut ui.sync, value, value::choice(inner, &SynchronizedOutput::NAMES)),
            "bell" => reader.set(&mut ui.bell, value, value::switch(inner)),
            "mouse" => reader.set(&mut ui.mouse, value, value::switch(inner)),
            "confirm_quit" => reader.set(&mut ui.confirm_quit, value, value::switch(inner)),
            "utc" => {
                let zone = value::switch(inner).map(|utc| if utc { Zone::Utc } else { Zone::Local });
                reader.set(&mut ui.zone, value, zone);
            }
            _ => reader.unknown(key, "[ui]", &IN_UI),
        }
    }
}

fn read_keys(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Keys {
    let mut lines: Vec<_> = table.iter().collect();
    lines.sort_by_key(|(key, _)| key.span().start);
    if let Some((key, _)) = lines.get(BINDINGS_MAX) {
        let wrong = Wrong::new("too many bindings", format!("at most {BINDINGS_MAX}"));
        reader.refuse(key.span(), wrong);
        return Keys::default();
    }
    let mut bindings = Vec::with_capacity(lines.len());
    for (action, value) in lines {
        let mut keys = Vec::new();
        let single = std::slice::from_ref(value);
        let names = if value.get_ref().is_str() {
            single
        } else {
            match reader.list(value, "a key such as \"x\", or a list such as [\"x\", \"ctrl-x\"]", KEYS_MAX) {
                Some(list) => list,
                None => continue,
            }
        };
        for name in names {
            let mut key = String::new();
            reader.set(&mut key, name, value::text(name.get_ref(), KEY_NAME_MAX));
            keys.push(key);
        }
        let location = reader.location(&action.span());
        bindings.push(Binding { action: action.get_ref().to_string(), keys, location });
    }
    Keys { bindings }
}

fn read_self_check(reader: &mut Reader<'_>, table: &DeTable<'_>, contents: &mut Contents) {
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "canaries" => {
                let list = reader.list(value, "[\"gateway:22\", \"[2001:db8::1]:53\"]", CANARIES_MAX);
                for entry in list.into_iter().flatten() {
                    match value::address(entry.get_ref()) {
                        Ok(address) => contents.settings.canaries.push(contents.defaults.endpoint(address)),
                        Err(wrong) => reader.refuse(entry.span(), wrong),
                    }
                }
            }
            _ => reader.unknown(key, "[self_check]", &["canaries"]),
        }
    }
}
