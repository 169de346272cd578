//! Reads the text of a configuration file, section by section.

use super::defaults::Defaults;
use super::error::{ConfigError, ConfigErrors};
use super::keys::{Binding, Keys};
use super::layer::{self, Layer};
use super::maintenance;
use super::reader::Reader;
use super::serve::{self, Serve};
use super::tags::{self, Tags};
use super::targets::{self, Read};
use super::ui::{Ascii, SynchronizedOutput, Theme, Ui, Zone};
use super::value::{self, Wrong, find};
use crate::domain::text::clean;
use crate::monitor::Settings;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;
use toml::de::DeTable;

/// How long history may be kept.
const HISTORY: RangeInclusive<Duration> = Duration::from_hours(1)..=Duration::from_hours(24 * 366);
/// How long summaries may be kept: less than the dashboard looks back would leave it half empty.
const SUMMARIES: RangeInclusive<Duration> = Duration::from_hours(24)..=Duration::from_hours(24 * 3660);
/// How many connections may be asked to be in flight.
const PARALLELISM: RangeInclusive<u32> = 1..=100_000;
/// How many canaries there may be; a few well-chosen ones say more than many.
const CANARIES_MAX: usize = 16;
/// How many actions may be bound anew.
const BINDINGS_MAX: usize = 256;
/// How many keys one action may have.
const KEYS_MAX: usize = 8;
/// How long the name of a key may be.
const KEY_NAME_MAX: usize = 32;

/// How many dots a file may have outside of texts: each is a table of a key such as `a.b.c = 1`.
const DOTS_MAX: usize = 500_000;
/// How many entries and lines a file may have: a dense one of 16 MiB would take gigabytes to read.
/// A hundred thousand targets with twelve settings each stay below it.
const MARKS_MAX: usize = 3_000_000;
/// Up to which size all mistakes of spelling are told; in a larger file, the first.
const RECOVERED_MAX: usize = 256 << 10;

const SECTIONS: [&str; 9] =
    ["defaults", "tag", "history", "ui", "keys", "serve", "self_check", "maintenance", "target"];
const PARALLELISM_KEY: &str = "parallelism";
const IN_UI: [&str; 7] = ["theme", "ascii", "bell", "mouse", "utc", "confirm_quit", "sync"];

/// What a text says, defaults filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Contents {
    pub(super) defaults: Defaults,
    pub(super) settings: Settings,
    pub(super) ui: Ui,
    pub(super) serve: Serve,
    pub(super) keys: Keys,
    pub(super) tags: Tags,
    pub(super) targets: Vec<Read>,
}

/// Reads a text; `path` is only for messages.
pub(super) fn parse(path: &Path, text: &str) -> Result<Contents, ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let marks = text.bytes().filter(|byte| matches!(byte, b'=' | b',' | b'[' | b'{' | b'\n')).count();
    if marks > MARKS_MAX {
        let what = format!("has {marks} entries and lines: that is no configuration");
        return Err(ConfigError::file(path, what, format!("at most {MARKS_MAX}")).into());
    }
    let dots = bare_dots(text);
    if dots > DOTS_MAX {
        let what = format!("has {dots} dots outside of texts: that is no configuration");
        return Err(ConfigError::file(path, what, format!("at most {DOTS_MAX}")).into());
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

/// How many dots there are that stand in no quotes, as far as a glance at each line tells.
fn bare_dots(text: &str) -> usize {
    let mut quote = None;
    let mut dots = 0;
    for byte in text.bytes() {
        match (byte, quote) {
            (b'\n', _) => quote = None,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'.', None) => dots += 1,
            _ => {}
        }
    }
    dots
}

/// Scripts that a file names and that are not there; the file must be right otherwise.
pub(super) fn missing_scripts(path: &Path, text: &str) -> Result<(), ConfigErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::new(path, text);
    if let Ok(document) = DeTable::parse(text) {
        read_sections(&mut reader, document.get_ref(), &mut Contents::default());
    }
    for (script, span) in reader.take_scripts() {
        if !script.is_file() {
            let what = format!("there is no such script: {}", script.display());
            reader.refuse(span, Wrong::new(what, "name a file, relative to the directory of this one"));
        }
    }
    reader.finish().map_or(Ok(()), Err)
}

fn read_sections(reader: &mut Reader<'_>, document: &DeTable<'_>, contents: &mut Contents) {
    if let Some(table) = find(document, "defaults").and_then(|(_, value)| reader.table(value, "defaults")) {
        contents.defaults = read_defaults(reader, table, &mut contents.settings);
    }
    if let Some((_, value)) = find(document, "tag") {
        contents.tags = tags::read(reader, value);
    }
    for (key, value) in document {
        match key.get_ref().as_ref() {
            "defaults" | "tag" | "maintenance" => {}
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
            "serve" => {
                if let Some(table) = reader.table(value, "serve") {
                    serve::read(reader, table, &mut contents.serve);
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
            "target" => contents.targets = targets::read(reader, value, &contents.defaults, &contents.tags),
            name if in_defaults().any(|known| known == name) => {
                let wrong = Wrong::new(format!("`{name}` stands outside of a section"), "move it below [defaults]");
                reader.refuse(key.span(), wrong);
            }
            _ if reader.is_full() => break,
            name => match value::nearest(name, in_defaults()) {
                Some(near) if value.get_ref().as_table().is_none() => {
                    let hint = format!("did you mean `{near}`? it belongs below [defaults]");
                    let what = format!("unknown key `{}`", clean(name, 40));
                    reader.refuse(key.span(), Wrong::new(what, hint));
                }
                _ => reader.unknown(key, "this file", &SECTIONS),
            },
        }
    }
    if let Some((_, value)) = find(document, "maintenance") {
        let names = contents.targets.iter().map(|read| read.definition.name.as_str()).collect();
        let names = Some(&names).filter(|_| reader.is_content());
        contents.settings.maintenance = maintenance::read(reader, value, names);
    }
}

fn in_defaults() -> impl Iterator<Item = &'static str> {
    layer::SETTINGS.into_iter().chain([PARALLELISM_KEY])
}

fn read_defaults(reader: &mut Reader<'_>, table: &DeTable<'_>, settings: &mut Settings) -> Defaults {
    let mut defaults = Defaults::default();
    let mut layer = Layer::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            PARALLELISM_KEY => {
                let count = value::count_or("auto", value.get_ref(), &PARALLELISM);
                reader.set(&mut settings.parallelism, value, count);
            }
            name if layer.read(reader, name, value) => {}
            _ => reader.unknown(key, "[defaults]", &in_defaults().collect::<Vec<_>>()),
        }
    }
    layer.read_evaluation(reader, table);
    layer.apply(&mut defaults);
    layer.check_retry(reader, table, defaults.interval);
    defaults
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
                    match value::addresses(entry.get_ref()) {
                        Ok(addresses) => {
                            let canaries = addresses.into_iter().map(|address| contents.defaults.look(address));
                            contents.settings.canaries.extend(canaries);
                        }
                        Err(wrong) => reader.refuse(entry.span(), wrong),
                    }
                }
                let count = contents.settings.canaries.len();
                if count > CANARIES_MAX {
                    let wrong = Wrong::new(format!("{count} canaries are too many"), format!("at most {CANARIES_MAX}"));
                    reader.refuse(value.span(), wrong);
                }
            }
            _ => reader.unknown(key, "[self_check]", &["canaries"]),
        }
    }
}
