//! An evaluation in one text, for formats that have one cell for it: `quorum 2`, `weighted 50`, `script x.js`.

use crate::config::duration;
use crate::domain::Evaluation;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

/// Writes the word and the settings of an evaluation.
pub fn write_evaluation(evaluation: &Evaluation) -> String {
    let word = evaluation.word();
    match evaluation {
        Evaluation::Quorum { needed: Some(needed) } => format!("{word} {needed}"),
        Evaluation::Weighted { degraded_from } => format!("{word} {degraded_from}"),
        Evaluation::Percentile { degraded_above, down_above } => {
            format!("{word} {} {}", duration::text(*degraded_above), duration::text(*down_above))
        }
        Evaluation::Script(path) => format!("{word} {}", path.display()),
        _ => word.to_owned(),
    }
}

/// Reads what [`write_evaluation`] writes; settings may be left out.
///
/// # Errors
/// With what to write instead.
pub fn parse_evaluation(text: &str) -> Result<Evaluation, String> {
    let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let rest = rest.trim();
    let wrong = |say: &str| Err(format!("`{}` is no evaluation: write {say}", crate::domain::text::clean(text, 64)));
    Ok(match (word, rest) {
        ("all", "") => Evaluation::All,
        ("any", "") => Evaluation::Any,
        ("quorum", "") => Evaluation::Quorum { needed: None },
        ("quorum", count) => match count.parse::<NonZeroU16>() {
            Ok(needed) => Evaluation::Quorum { needed: Some(needed) },
            Err(_) => return wrong("quorum and how many make one, as in `quorum 2`"),
        },
        ("failover", "") => Evaluation::Failover,
        ("weighted", "") => Evaluation::WEIGHTED,
        ("weighted", share) => match share.trim_end_matches('%').parse::<u8>() {
            Ok(degraded_from) if (1..=100).contains(&degraded_from) => Evaluation::Weighted { degraded_from },
            _ => return wrong("weighted and a share in percent, as in `weighted 50`"),
        },
        ("timeouts", "") => Evaluation::Timeouts,
        ("percentile", "") => Evaluation::PERCENTILE,
        ("percentile", limits) => {
            let read = |text: &str| duration::parse(text, &(Duration::ZERO..=Duration::MAX)).ok();
            let limits = limits.split_once(' ').map(|(low, high)| (read(low), read(high.trim())));
            let Some((Some(degraded_above), Some(down_above))) = limits else {
                return wrong("percentile and two limits, as in `percentile 150ms 300ms`");
            };
            Evaluation::Percentile { degraded_above, down_above }
        }
        ("script", path) if !path.is_empty() => Evaluation::Script(PathBuf::from(path)),
        _ => return wrong("all, any, quorum, failover, weighted, timeouts, percentile or script FILE"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let two = NonZeroU16::new(2);
        for evaluation in [
            Evaluation::All,
            Evaluation::Any,
            Evaluation::Quorum { needed: None },
            Evaluation::Quorum { needed: two },
            Evaluation::Failover,
            Evaluation::Weighted { degraded_from: 30 },
            Evaluation::Timeouts,
            Evaluation::PERCENTILE,
            Evaluation::Script(PathBuf::from("my file.js")),
        ] {
            let text = write_evaluation(&evaluation);
            assert_eq!(parse_evaluation(&text), Ok(evaluation), "{text}");
        }
        for text in
            ["", "most", "quorum x", "quorum 0", "weighted 0", "weighted 101", "percentile 1s", "script", "all 3"]
        {
            assert!(parse_evaluation(text).is_err_and(|why| why.contains("write ")), "{text}");
        }
    }
}
