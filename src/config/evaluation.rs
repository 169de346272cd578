//! How results become one verdict, as a section says it: a policy with its settings, or a script.

use super::defaults::DEGRADED_ABOVE;
use super::reader::Reader;
use super::value::{self, Wrong, find};
use super::{duration, policy};
use crate::domain::Evaluation;
use std::num::NonZeroU16;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

/// Every key that is about the evaluation.
pub(super) const KEYS: [&str; 6] =
    ["evaluate", "script", "quorum", "degraded_from", "p95_degraded_above", "p99_down_above"];

/// A setting, and the only policy that has a use for it.
const SETTINGS: [(&str, &str); 4] = [
    ("quorum", "quorum"),
    ("degraded_from", "weighted"),
    ("p95_degraded_above", "percentile"),
    ("p99_down_above", "percentile"),
];

/// The word for more than half.
const MAJORITY: &str = "majority";
/// How many endpoints may be asked for.
const QUORUM: RangeInclusive<u32> = 1..=255;
/// The share of the weight that may be asked for. With none at all, nothing would ever be down.
const SHARE: RangeInclusive<u32> = 1..=100;
/// How long the path of a script may be, in characters.
const SCRIPT_MAX: usize = 1_000;

/// Reads what a section says; `None` when it says nothing that can be used.
pub(super) fn read(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<Evaluation> {
    let evaluation = match (find(table, "evaluate"), find(table, "script")) {
        (None, None) => None,
        (Some((first, _)), Some((second, _))) => {
            let later = first.span().start.max(second.span().start)..first.span().end.max(second.span().end);
            let wrong = Wrong::new("`evaluate` and `script` exclude each other", "keep one of the two");
            reader.refuse(later, wrong);
            return None;
        }
        (Some((_, value)), None) => {
            let mut chosen = None;
            reader.set(&mut chosen, value, policy(value.get_ref()).map(Some));
            Some(chosen?)
        }
        (None, Some((_, value))) => {
            let mut chosen = None;
            reader.set(&mut chosen, value, script(value.get_ref()).map(|path| Some(reader.beside(&path))));
            let script: PathBuf = chosen?;
            reader.name_script(script.clone(), value.span());
            Some(Evaluation::Script(script))
        }
    };
    let word = evaluation.as_ref().map(Evaluation::word);
    let mut evaluation = evaluation;
    for (setting, policy) in SETTINGS {
        let Some((key, value)) = find(table, setting) else { continue };
        match &mut evaluation {
            Some(evaluation) if word == Some(policy) => read_setting(reader, evaluation, setting, value),
            _ => {
                let what = match word {
                    None => format!("`{setting}` has no use without evaluate = \"{policy}\""),
                    Some("script") => format!("`{setting}` has no use beside a script"),
                    Some(word) => format!("`{setting}` has no use beside evaluate = \"{word}\""),
                };
                let hint = format!("write evaluate = \"{policy}\", or take `{setting}` out");
                reader.refuse(key.span(), Wrong::new(what, hint));
            }
        }
    }
    evaluation
}

fn policy(value: &DeValue<'_>) -> Result<Evaluation, Wrong> {
    if value.as_str() == Some("script") {
        return Err(Wrong::new("`script` is no policy", "write script = \"FILE.js\" in place of `evaluate`"));
    }
    let choices: Vec<(&str, usize)> =
        Evaluation::POLICIES.iter().enumerate().map(|(place, policy)| (policy.word(), place)).collect();
    let place = value::choice(value, &choices)?;
    Ok(Evaluation::POLICIES.get(place).cloned().unwrap_or_default())
}

fn script(value: &DeValue<'_>) -> Result<PathBuf, Wrong> {
    let path = value::text(value, SCRIPT_MAX)?;
    if path.is_empty() || value.as_str() != Some(path.as_str()) {
        let hint = "write it relative to this file, such as \"redis.js\"";
        return Err(Wrong::new("this is no path of a script", hint));
    }
    Ok(PathBuf::from(path))
}

fn read_setting(reader: &mut Reader<'_>, evaluation: &mut Evaluation, key: &str, value: &Spanned<DeValue<'_>>) {
    let inner = value.get_ref();
    match (evaluation, key) {
        (Evaluation::Quorum { needed }, "quorum") => {
            let count = value::count_or(MAJORITY, inner, &QUORUM);
            reader.set(needed, value, count.map(|count| count.and_then(small)));
        }
        (Evaluation::Weighted { degraded_from }, "degraded_from") => {
            let share = value::percent(inner, &SHARE);
            reader.set(degraded_from, value, share.map(|share| u8::try_from(share).unwrap_or(u8::MAX)));
        }
        (Evaluation::Percentile { degraded_above, .. }, "p95_degraded_above") => {
            reader.set(degraded_above, value, value::duration(inner, &DEGRADED_ABOVE));
        }
        (Evaluation::Percentile { down_above, .. }, "p99_down_above") => {
            reader.set(down_above, value, value::duration(inner, &DEGRADED_ABOVE));
        }
        _ => {}
    }
}

fn small(count: u32) -> Option<NonZeroU16> {
    u16::try_from(count).ok().and_then(NonZeroU16::new)
}

/// What an evaluation is written as: each key with its value, and with the value that it has when it is left out,
/// if it may be. A script beside the configuration file is named relative to that.
pub(super) fn written(evaluation: &Evaluation, directory: &Path) -> Vec<(&'static str, Value, Option<Value>)> {
    if let Evaluation::Script(path) = evaluation {
        let path = path.strip_prefix(directory).unwrap_or(path);
        return vec![("script", path.to_string_lossy().into_owned().into(), None)];
    }
    let usual = Evaluation::POLICIES.iter().find(|policy| policy.word() == evaluation.word());
    let usual = usual.map(settings).unwrap_or_default();
    let settings =
        settings(evaluation).into_iter().zip(usual).map(|((key, value), (_, usual))| (key, value, Some(usual)));
    std::iter::once(("evaluate", evaluation.word().into(), None)).chain(settings).collect()
}

/// The settings of a policy.
fn settings(evaluation: &Evaluation) -> Vec<(&'static str, Value)> {
    let time = |time: Duration| Value::from(duration::text(time));
    match evaluation {
        Evaluation::Quorum { needed } => {
            vec![("quorum", needed.map_or_else(|| MAJORITY.into(), |count| i64::from(count.get()).into()))]
        }
        Evaluation::Weighted { degraded_from } => vec![("degraded_from", format!("{degraded_from}%").into())],
        Evaluation::Percentile { degraded_above, down_above } => {
            vec![("p95_degraded_above", time(*degraded_above)), ("p99_down_above", time(*down_above))]
        }
        Evaluation::All | Evaluation::Any | Evaluation::Failover | Evaluation::Timeouts | Evaluation::Script(_) => {
            Vec::new()
        }
    }
}

/// Refuses a quorum of more than there are.
pub(super) fn check(evaluation: &Evaluation, endpoints: usize) -> Result<(), Wrong> {
    let hint = || format!("ask for at most {endpoints}, or leave `quorum` out for more than half");
    policy::check(evaluation, endpoints).map_err(|what| Wrong::new(what, hint()))
}
