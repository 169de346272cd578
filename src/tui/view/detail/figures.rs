//! The figures of the time that is shown: percentiles, the share of DNS, failures by reason, and lost SYNs.

use super::Subject;
use crate::domain::{Reason, Span};
use crate::engine::query::{Source, Summary};
use crate::tui::model::Window;
use crate::tui::model::detail::Look;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::Runs;

/// What is said where some of the checks are so old that they are coarse.
pub(super) const COARSE: &str = "~ latency to 0.4 %";

impl Subject<'_> {
    /// What the time that is shown is called.
    pub(super) fn span_name(&self) -> String {
        match (self.model.detail.sight.look(), self.history.and_then(|history| history.span)) {
            (Look::Latest(length), _) => length.name().to_owned(),
            (Look::Past(_), Some(span)) | (Look::Past(span), None) => long(span),
        }
    }

    /// Percentiles with their window and count, then what else there is to count.
    pub(super) fn figures(&self) -> Vec<Runs> {
        let name = self.span_name();
        let Some(summary) = self.history.map(|history| &history.summary) else {
            let words = match &self.model.detail.failure {
                Some(why) => format!(" history cannot be read: {why}"),
                None => " reading history".to_owned(),
            };
            return vec![Runs::default().with(self.fit(&words), Role::Muted)];
        };
        if summary.checks == 0 {
            let when = if self.is_past() { "this time" } else { "the last" };
            let when = if self.is_past() { when.to_owned() } else { format!("{when} {name}") };
            return vec![Runs::default().with(format!(" no check has finished in {when}"), Role::Muted)];
        }
        let mut line = Runs::default().with(format!(" {name} "), Role::Muted);
        match summary.latency {
            Some(figures) => {
                let all = [
                    ("p50", figures.p50),
                    ("p90", figures.p90),
                    ("p95", figures.p95),
                    ("p99", figures.p99),
                    ("max", figures.max),
                ];
                for (name, value) in all {
                    let about = match figures.source {
                        // The slowest is exact in summaries.
                        Source::Sketch if name == "max" => "",
                        Source::Sketch | Source::Coarse => "~",
                        Source::Exact => "",
                    };
                    line.add(format!(" {name}"), Role::Muted);
                    line.add(format!(" {about}{} ", text::latency(value)), Role::Text);
                }
            }
            None => line.add(" no check connected ", Role::Text),
        }
        let checks = Runs::default().with(format!("{}  ", text::plural(summary.checks.into(), "check")), Role::Text);
        let mut lines = vec![line.with_end(checks, self.width)];
        lines.extend(self.flow(counts(summary).into_iter().map(|part| (part, Role::Text))));
        lines
    }

    /// Whether the past is shown.
    pub(super) fn is_past(&self) -> bool {
        matches!(self.model.detail.sight.look(), Look::Past(_))
    }
}

/// How long a span is, in a word.
pub(super) fn long(span: Span) -> String {
    Window::of(span.length()).map_or_else(|| text::short(span.length()), |length| length.name().to_owned())
}

/// How many checks failed in which way, what of the time is DNS, what was lost on the way, and what was our
/// own fault; most telling first.
fn counts(summary: &Summary) -> Vec<String> {
    let mut parts = Vec::new();
    let share = |count: u32| text::share(count.into(), summary.checks.into());
    if summary.failed() > 0 {
        let (count, reasons) = (text::count(summary.failed().into()), reasons(&summary.failures));
        parts.push(format!("{count} failed ({}): {}", share(summary.failed()), reasons.join(", ")));
    }
    if let Some(dns) = summary.dns_median {
        // Where nothing connected there is no whole that it could be a share of.
        let share = summary.latency.map_or_else(String::new, |latency| {
            let whole = latency.p50.max(dns).as_micros();
            format!(" ({} of p50)", text::share(saturating(dns.as_micros()), saturating(whole)))
        });
        parts.push(format!("dns p50 {}{share}", text::latency(dns)));
    }
    if summary.latency.is_some_and(|latency| latency.source == Source::Coarse) {
        parts.push(COARSE.to_owned());
    }
    if summary.syn_lost > 0 {
        parts.push(format!("SYN lost in {} ({})", text::count(summary.syn_lost.into()), share(summary.syn_lost)));
    }
    if summary.inconclusive > 0 {
        parts.push(format!("{} inconclusive", text::count(summary.inconclusive.into())));
    }
    parts
}

fn saturating(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// `14 refused, 2 timeout`, the most frequent first.
pub(super) fn reasons(failures: &crate::domain::Failures) -> Vec<String> {
    let mut words: Vec<(&str, u32)> = Vec::new();
    for reason in Reason::ALL {
        let count = failures.get(reason.index()).copied().unwrap_or_default();
        match words.iter_mut().find(|(word, _)| *word == reason.word()) {
            _ if count == 0 => {}
            Some((_, sum)) => *sum += count,
            None => words.push((reason.word(), count)),
        }
    }
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    words.iter().map(|(word, count)| format!("{} {word}", text::count((*count).into()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dns_is_no_share_of_a_time_that_nobody_measured() {
        let dns_median = Some(Duration::from_micros(100));
        let summary = Summary { checks: 6, failures: [0, 0, 0, 6, 0, 0, 0, 0], dns_median, ..Summary::default() };
        assert_eq!(counts(&summary), ["6 failed (100%): 6 no name", "dns p50 0.1ms"]);
    }
}
