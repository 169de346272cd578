//! The figures of one target over a span as a row.

use super::{Row, millis, seconds};
use crate::domain::{Reason, Zone};
use crate::engine::query::{Figures, Source};
use serde::Serialize;

/// The figures of one target over a span. Times of checks are milliseconds.
#[derive(Debug, Serialize)]
pub struct SummaryRow {
    /// The span, RFC 3339, UTC; `to` is no longer in it.
    from: String,
    to: String,
    target: String,
    checks: u32,
    open: u32,
    failed: u32,
    refused: u32,
    timed_out: u32,
    reset: u32,
    dns_failed: u32,
    network_unreachable: u32,
    host_unreachable: u32,
    unexpected: u32,
    judged: u32,
    inconclusive: u32,
    /// Checks in which at least one SYN was lost.
    syn_lost: u32,
    /// Latency of the checks that connected, DNS included.
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    max_ms: Option<f64>,
    dns_p50_ms: Option<f64>,
    /// Of the time that somebody looked; empty when nobody did.
    uptime_percent: Option<f64>,
    /// The share of the time in which somebody should have looked and did.
    seen_percent: Option<f64>,
    up_s: f64,
    down_s: f64,
    /// What was seen in so much of the time is lost: the history was damaged.
    lost_s: f64,
    /// Failures that made no outage.
    blips: u32,
    /// `checks`; `coarse_checks` where some are so old that their latencies are kept to 0.4 percent; `hours`
    /// where the figures come from summaries: then percentiles are within one percent.
    source: &'static str,
}

impl Row for SummaryRow {
    const COLUMNS: &'static [&'static str] = &[
        "from",
        "to",
        "target",
        "checks",
        "open",
        "failed",
        "refused",
        "timed_out",
        "reset",
        "dns_failed",
        "network_unreachable",
        "host_unreachable",
        "unexpected",
        "judged",
        "inconclusive",
        "syn_lost",
        "p50_ms",
        "p90_ms",
        "p95_ms",
        "p99_ms",
        "max_ms",
        "dns_p50_ms",
        "uptime_percent",
        "seen_percent",
        "up_s",
        "down_s",
        "lost_s",
        "blips",
        "source",
    ];
}

impl SummaryRow {
    /// The row of a target.
    pub fn new(target: &str, figures: &Figures) -> Self {
        let Figures { span, summary, uptime, lost, source } = figures;
        let count = |reason: Reason| summary.failures.get(reason.index()).copied().unwrap_or_default();
        let latency = |pick: fn(&crate::window::Percentiles) -> std::time::Duration| {
            summary.latency.as_ref().map(|percentiles| millis(pick(percentiles)))
        };
        // Six digits: a day of a 31-day window is 3 %, a second of it 0.00004 %.
        let percent = |share: f64| (share * 1e8).floor() / 1e6;
        Self {
            from: Zone::Utc.rfc3339_millis(span.from),
            to: Zone::Utc.rfc3339_millis(span.to),
            target: target.to_owned(),
            checks: summary.checks,
            open: summary.checks.saturating_sub(summary.failed()).saturating_sub(summary.inconclusive),
            failed: summary.failed(),
            refused: count(Reason::Refused),
            timed_out: count(Reason::TimedOut),
            reset: count(Reason::Reset),
            dns_failed: count(Reason::DnsFailed),
            network_unreachable: count(Reason::NetworkUnreachable),
            host_unreachable: count(Reason::HostUnreachable),
            unexpected: count(Reason::Unexpected),
            judged: count(Reason::Judged),
            inconclusive: summary.inconclusive,
            syn_lost: summary.syn_lost,
            p50_ms: latency(|figures| figures.p50),
            p90_ms: latency(|figures| figures.p90),
            p95_ms: latency(|figures| figures.p95),
            p99_ms: latency(|figures| figures.p99),
            max_ms: latency(|figures| figures.max),
            dns_p50_ms: summary.dns_median.map(millis),
            uptime_percent: uptime.share().map(percent),
            seen_percent: uptime.coverage().map(percent),
            up_s: seconds(uptime.up),
            down_s: seconds(uptime.down),
            lost_s: seconds(*lost),
            blips: uptime.blips,
            source: match (source, summary.latency.map(|figures| figures.source)) {
                (Source::Sketch, _) => "hours",
                (Source::Coarse, _) | (_, Some(Source::Coarse)) => "coarse_checks",
                (Source::Exact, _) => "checks",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_columns;
    use super::*;
    use crate::domain::{Span, Wall};
    use crate::window::{Percentiles, Summary, Uptime};
    use std::time::Duration;

    #[test]
    fn a_row_adds_up_and_never_rounds_up_to_all() {
        let ms = Duration::from_millis;
        let latency =
            Percentiles { p50: ms(1), p90: ms(2), p95: ms(3), p99: ms(4), max: ms(5), ..Percentiles::default() };
        let summary = Summary {
            checks: 10,
            failures: [2, 1, 0, 0, 0, 0, 0, 0],
            inconclusive: 1,
            latency: Some(latency),
            ..Summary::default()
        };
        let hours = Duration::from_hours;
        let uptime = Uptime { up: hours(10_000), down: ms(1), expected: hours(20_000), blips: 3 };
        let span = Span { from: Wall(0), to: Wall(60_000) };
        let row = SummaryRow::new("orders", &Figures { span, summary, uptime, lost: ms(9), source: Source::Exact });
        assert_columns(&row);
        assert_eq!((row.checks, row.open, row.failed, row.inconclusive), (10, 6, 3, 1));
        assert_eq!((row.p50_ms, row.max_ms, row.dns_p50_ms), (Some(1.0), Some(5.0), None));
        assert_eq!((row.uptime_percent, row.seen_percent), (Some(99.999_999), Some(50.0)));
        assert!((row.lost_s - 0.009).abs() < 1e-9, "{}", row.lost_s);
        assert_eq!(row.from, "1970-01-01T00:00:00.000Z");
    }
}
