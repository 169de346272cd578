//! A policy in one line, as it is typed: `quorum 2`, `weighted 30%`, `percentile 150ms 300ms`.

use super::defaults::DEGRADED_ABOVE;
use super::duration;
use super::value::nearest;
use crate::domain::Evaluation;
use crate::domain::text::clean;
use std::num::NonZeroU16;
use std::time::Duration;

/// Reads a policy and, if they are given, its settings; `quorum:2` is as good as `quorum 2`.
///
/// # Errors
/// With what to write instead.
pub fn parse(text: &str) -> Result<Evaluation, String> {
    let mut words = text.split([' ', ':', ',']).filter(|word| !word.is_empty());
    let name = words.next().unwrap_or_default();
    let all = || Evaluation::POLICIES.iter().map(Evaluation::word);
    let policy =
        Evaluation::POLICIES.iter().find(|policy| policy.word() == name).ok_or_else(|| match nearest(name, all()) {
            Some(near) => format!("`{}` is no policy: did you mean {near}?", clean(name, 40)),
            None => format!("`{}` is no policy: use {}", clean(name, 40), all().collect::<Vec<_>>().join(", ")),
        })?;
    let mut policy = policy.clone();
    match &mut policy {
        Evaluation::Quorum { needed } => {
            if let Some(word) = words.next().filter(|word| *word != "majority") {
                let count = word.parse().ok().filter(|count: &NonZeroU16| count.get() <= 255);
                *needed = Some(count.ok_or("quorum: write how many, such as quorum 2, or nothing for more than half")?);
            }
        }
        Evaluation::Weighted { degraded_from } => {
            if let Some(word) = words.next() {
                let share = word.strip_suffix('%').unwrap_or(word).parse().ok();
                *degraded_from = share
                    .filter(|share| (1..=100).contains(share))
                    .ok_or("weighted: write from which share it is degraded, such as weighted 50%")?;
            }
        }
        Evaluation::Percentile { degraded_above, down_above } => {
            let limit = |word| duration::parse(word, &DEGRADED_ABOVE).map_err(|error| format!("percentile: {error}"));
            if let Some(word) = words.next() {
                *degraded_above = limit(word)?;
            }
            if let Some(word) = words.next() {
                *down_above = limit(word)?;
            }
        }
        _ => {}
    }
    match words.next() {
        Some(word) => Err(format!("`{}` is one word too many for {name}", clean(word, 40))),
        None => Ok(policy),
    }
}

/// Writes a policy so that [`parse`] reads the same one; a script by the name of its file.
pub fn text(evaluation: &Evaluation) -> String {
    let time = |time: Duration| duration::text(time);
    let word = evaluation.word();
    match evaluation {
        Evaluation::Quorum { needed: Some(needed) } => format!("{word} {needed}"),
        Evaluation::Weighted { degraded_from } => format!("{word} {degraded_from}%"),
        Evaluation::Percentile { degraded_above, down_above } => {
            format!("{word} {} {}", time(*degraded_above), time(*down_above))
        }
        Evaluation::Script(path) => {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            format!("{word} {}", clean(&file, 60))
        }
        Evaluation::All
        | Evaluation::Any
        | Evaluation::Quorum { needed: None }
        | Evaluation::Failover
        | Evaluation::Timeouts => word.to_owned(),
    }
}

/// Refuses a quorum of more than there are.
///
/// # Errors
/// With what is wrong.
pub fn check(evaluation: &Evaluation, endpoints: usize) -> Result<(), String> {
    match evaluation {
        Evaluation::Quorum { needed: Some(needed) } if usize::from(needed.get()) > endpoints => {
            Err(format!("a quorum of {needed} among {endpoints} can never be"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for line in
            ["all", "any", "quorum", "quorum 2", "failover", "weighted 30%", "timeouts", "percentile 150ms 300ms"]
        {
            assert_eq!(parse(line).map(|policy| text(&policy)), Ok(line.to_owned()));
        }
        assert_eq!(parse("quorum:majority"), parse("quorum"));
        assert_eq!(parse("weighted:50"), Ok(Evaluation::WEIGHTED));
        assert_eq!(parse("percentile"), Ok(Evaluation::PERCENTILE));
        assert_eq!(text(&Evaluation::Script("/etc/x/redis.js".into())), "script redis.js");
    }

    #[test]
    fn what_is_no_policy_is_refused_with_what_to_write() {
        for (line, told) in [
            ("", "`` is no policy: use all, any, quorum, failover, weighted, timeouts, percentile"),
            ("quorom 2", "`quorom` is no policy: did you mean quorum?"),
            ("quorum 0", "quorum: write how many, such as quorum 2, or nothing for more than half"),
            ("quorum 256", "quorum: write how many, such as quorum 2, or nothing for more than half"),
            ("weighted 0", "weighted: write from which share it is degraded, such as weighted 50%"),
            ("percentile fast", "percentile: write a number with its unit, such as \"500ms\", \"10s\" or \"1m\""),
            ("any 2", "`2` is one word too many for any"),
        ] {
            assert_eq!(parse(line), Err(told.to_owned()));
        }
    }
}
