//! Settings that targets are given by their tags: the sections `[tag.NAME]`.

use super::defaults::Defaults;
use super::layer::{Layer, SETTINGS};
use super::reader::Reader;
use super::value::{self, Wrong};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeValue;

/// How many tags may have a section.
const SECTIONS_MAX: usize = 1_000;

/// Every section `[tag.NAME]`, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    sections: BTreeMap<String, Layer>,
}

impl Tags {
    /// What a target with these tags is given: the defaults, and over them what each tag says, in the order of the
    /// target's list. A later tag wins over an earlier one.
    pub fn over(&self, defaults: &Defaults, tags: &[String]) -> Defaults {
        let mut given = defaults.clone();
        for layer in tags.iter().filter_map(|tag| self.sections.get(tag)) {
            layer.apply(&mut given);
        }
        given
    }

    /// The sections, in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Layer)> {
        self.sections.iter().map(|(name, layer)| (name.as_str(), layer))
    }
}

/// Reads what stands under `tag`.
pub(super) fn read(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Tags {
    const HINT: &str = "write [tag.NAME] in a line of its own and its settings below";
    let mut tags = Tags::default();
    let Some(sections) = value.get_ref().as_table() else {
        reader.refuse(value.span(), Wrong::new("`tag` gives settings to all targets with a tag", HINT));
        return tags;
    };
    if sections.len() > SECTIONS_MAX {
        let what = format!("{} sections for tags are too many", sections.len());
        reader.refuse(value.span(), Wrong::new(what, format!("at most {SECTIONS_MAX}")));
        return tags;
    }
    for (key, value) in sections {
        let mut name = String::new();
        let read = value::tag(&DeValue::String(key.get_ref().clone()));
        match read {
            Ok(tag) => name = tag,
            Err(wrong) => reader.refuse(key.span(), wrong),
        }
        let Some(table) = value.get_ref().as_table() else {
            let what = format!("`{name}` stands in [tag] itself");
            reader.refuse(key.span(), Wrong::new(what, HINT));
            continue;
        };
        let mut layer = Layer::default();
        for (key, value) in table {
            if !layer.read(reader, key.get_ref(), value) {
                reader.unknown(key, &format!("[tag.{name}]"), &SETTINGS);
            }
        }
        layer.read_evaluation(reader, table);
        if let Some(interval) = layer.interval {
            layer.check_retry(reader, table, interval);
        }
        tags.sections.insert(name, layer);
    }
    tags
}
