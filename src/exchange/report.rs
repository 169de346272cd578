//! The post-mortem of a span as Markdown.

use super::markdown::{escaped, table};
use crate::domain::likeness::{Likeness, Onset, Shared, likenesses};
use crate::domain::{Closing, Gap, GapCause, Outage, Reason, Span, Wall, Zone};
use crate::engine::incident::{Affected, Findings, Struck, Works};
use crate::window::{Source, Summary, spans};
use crate::words::{cause, count, coverage, full, latency, plural, share, uptime};
use std::time::Duration;

/// What stands where there is nothing to say.
const NOTHING: &str = "-";
/// What has become of what was seen in a gap that is not the fault of who should have looked.
const LOST: &str = "the history was damaged, and what was seen is lost";

/// How many targets of a maintenance are named.
const NAMED_MAX: usize = 20;

/// Writes a report. Pure; times are in `zone`, each with its offset.
pub fn markdown(findings: &Findings, zone: Zone) -> String {
    let report = Report { findings, zone };
    let sections = [
        report.head(),
        report.first_failure(),
        report.onsets(),
        report.likenesses(),
        report.reasons(),
        report.latencies(),
        report.coverage(),
        report.maintenance(),
        report.notes(),
        report.gaps(),
    ];
    let written: Vec<String> = sections.into_iter().filter(|section| !section.is_empty()).collect();
    written.join("\n")
}

/// A name for the file of a report: when it begins, in characters that every file system takes.
pub fn file_name(span: Span, zone: Zone) -> String {
    let minute: String = zone.rfc3339(span.from).chars().take("2026-11-19T02:14".len()).filter(|c| *c != ':').collect();
    format!("portpulse-report-{minute}.md")
}

struct Report<'r> {
    findings: &'r Findings,
    zone: Zone,
}

impl Report<'_> {
    fn at(&self, at: Wall) -> String {
        self.zone.rfc3339(at)
    }

    fn span(&self, span: Span) -> String {
        format!("{} to {}, {}", self.at(span.from), self.at(span.to), full(span.length()))
    }

    fn head(&self) -> String {
        let Findings { span, asked_at, .. } = self.findings;
        format!(
            "# What portpulse saw from {} to {}\n\n- Span: {}\n- Written: {}\n- Times: RFC 3339, with their offset from UTC (here {})\n\n{}\n",
            self.zone.date_clock(span.from),
            self.zone.date_clock(span.to),
            self.span(*span),
            self.at(*asked_at),
            self.zone.name(*asked_at),
            self.summary(),
        )
    }

    /// The whole in a sentence or two.
    fn summary(&self) -> String {
        let Findings { outages, targets, watched, left_out, .. } = self.findings;
        let Some(first) = outages.first() else {
            return format!("No outage of any of {} touches this span.", plural(u64::from(*watched), "watched target"));
        };
        let all = outages.len() as u64 + u64::from(*left_out);
        let open = outages.iter().filter(|struck| struck.outage.closing.is_none()).count() as u64;
        let hit = targets.len();
        let watched = plural(u64::from(*watched), "watched target");
        let mut words = format!(
            "{} of {watched} failed, in {}. The first was {}, at {}: {}.",
            count(hit as u64),
            plural(all, "outage"),
            escaped(&first.outage.name),
            self.at(first.outage.started_at),
            cause(first.outage.reason),
        );
        let last = outages.iter().filter_map(|struck| struck.outage.ended_at()).max();
        let ending = match (open, last) {
            (0, Some(last)) => format!(" All of it was over at {}.", self.at(last)),
            (0, None) => String::new(),
            (1, _) => " One goes on.".to_owned(),
            (open, _) => format!(" {} go on.", count(open)),
        };
        words.push_str(&ending);
        words
    }

    fn first_failure(&self) -> String {
        let Some(Struck { outage, .. }) = self.findings.outages.first() else { return String::new() };
        let mut delays: Vec<Duration> = self.findings.outages.iter().map(|struck| delay(&struck.outage)).collect();
        delays.sort_unstable();
        let (median, longest) = (delays.get((delays.len() - 1) / 2), delays.last());
        let told = |delay: Option<&Duration>| delay.map_or_else(String::new, |delay| full(*delay));
        let mut text = format!(
            "## First failure and detection\n\n- First failing check: {}, {}\n- Detected: {}, {} later\n",
            self.at(outage.started_at),
            escaped(&outage.name),
            self.at(outage.detected_at),
            full(delay(outage)),
        );
        if delays.len() > 1 {
            text.extend(["- Detection delay of all: median ", &told(median), ", longest ", &told(longest), "\n"]);
        }
        text
    }

    fn onsets(&self) -> String {
        let Findings { outages, left_out, .. } = self.findings;
        if outages.is_empty() {
            return String::new();
        }
        let titles = ["Target", "Address", "Start", "Detected", "End", "Length", "Reason", "Failed checks"];
        let rows: Vec<[String; 8]> = outages.iter().map(|struck| self.onset(struck)).collect();
        let mut text = format!("## Targets in order of onset\n\n{}", table(titles, &rows));
        if *left_out > 0 {
            text.extend(["\n", &count((*left_out).into()), " more are left out: ask for a shorter span.\n"]);
        }
        text
    }

    fn onset(&self, Struck { outage, address, others, .. }: &Struck) -> [String; 8] {
        let mut counts = count(outage.failure_count().into());
        if outage.inconclusive > 0 {
            counts = format!("{counts}, {} inconclusive", count(outage.inconclusive.into()));
        }
        let mut length = full(outage.lasted(self.findings.asked_at));
        if !outage.unobserved.is_zero() {
            length = format!("{length}, {} of it unobserved", full(outage.unobserved));
        }
        let mut place = address.as_ref().map_or_else(|| NOTHING.to_owned(), |address| escaped(&address.to_string()));
        if *others > 0 {
            place = format!("{place}, of a group of {}", others.saturating_add(1));
        }
        let quiet = if self.findings.maintenance_of(outage).is_some() { ", in maintenance" } else { "" };
        [
            escaped(&outage.name),
            place,
            self.at(outage.started_at),
            format!("after {}{quiet}", full(delay(outage))),
            self.end(outage),
            length,
            cause(outage.reason),
            counts,
        ]
    }

    fn end(&self, outage: &Outage) -> String {
        match outage.closing {
            None => "goes on".to_owned(),
            Some(Closing::Recovered { ended_at, .. }) => self.at(ended_at),
            Some(Closing::EndNotSeen { earliest, ended_at, .. }) => {
                format!("between {} and {}, not seen", self.at(earliest), self.at(ended_at))
            }
            Some(Closing::Paused(at)) => format!("paused at {}", self.at(at)),
            Some(Closing::Removed(at)) => format!("removed at {}", self.at(at)),
        }
    }

    fn likenesses(&self) -> String {
        let onsets: Vec<Onset<'_>> = self.findings.outages.iter().map(Struck::onset).collect();
        let shared = likenesses(&onsets);
        if shared.is_empty() {
            return String::new();
        }
        let lines = shared.iter().map(|likeness| format!("- {}\n", self::shared(likeness)));
        format!("## In common\n\n{}", lines.collect::<String>())
    }

    fn reasons(&self) -> String {
        let rows: Vec<[String; 3]> = Reason::ALL
            .iter()
            .filter_map(|reason| {
                let of = |target: &Affected| u64::from(target.whole.failures[reason.index()]);
                let (checks, targets) = (self.sum(of), self.findings.targets.iter().filter(|t| of(t) > 0).count());
                (checks > 0).then(|| [cause(*reason), count(checks), count(targets as u64)])
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let (all, failed) = (self.sum(|t| t.whole.checks.into()), self.sum(|t| t.whole.failed().into()));
        let mut text = format!(
            "## Reasons\n\nOf {} of these targets in the span, {} failed ({}).\n\n{}",
            plural(all, "check"),
            count(failed),
            share(failed, all),
            table(["Reason", "Failed checks", "Targets"], &rows)
        );
        let inconclusive = self.sum(|target| target.whole.inconclusive.into());
        let syn_lost = self.sum(|target| target.whole.syn_lost.into());
        if inconclusive > 0 {
            let told = plural(inconclusive, "check");
            text.extend(["\n", &told, " said nothing, through a fault on this side.\n"]);
        }
        if syn_lost > 0 {
            text.extend(["\nSYN packets were lost in ", &plural(syn_lost, "check"), ".\n"]);
        }
        text
    }

    fn sum(&self, of: impl Fn(&Affected) -> u64) -> u64 {
        self.findings.targets.iter().map(of).sum()
    }

    fn latencies(&self) -> String {
        let targets = &self.findings.targets;
        if targets.is_empty() {
            return String::new();
        }
        let rows: Vec<[String; 4]> = targets
            .iter()
            .map(|target| {
                let [before, during, after] = target.phases.map(|summary| figures(&summary));
                [escaped(&target.name), before, during, after]
            })
            .collect();
        format!(
            "## Latency\n\nName look-up and connect, p50 / p95 / slowest of the checks that connected, and how many did: \
             before the first failing check of the target, until its last outage ended, and after that.\n\n{}",
            table(["Target", "Before", "During", "After"], &rows)
        )
    }

    fn coverage(&self) -> String {
        let rows: Vec<[String; 4]> = self
            .findings
            .targets
            .iter()
            .map(|target| {
                let up = uptime(&target.uptime);
                let up = if target.uptime.share().is_some() { format!("{} %", up.trim_start_matches('~')) } else { up };
                let seen = coverage(&target.uptime).map_or_else(|| "99 % or more".to_owned(), |c| format!("{c} %"));
                [escaped(&target.name), up, full(target.uptime.down), seen]
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let titles = ["Target", "Uptime", "Seen down", "Of the span observed"];
        format!("## Uptime and coverage\n\n{}", table(titles, &rows))
    }

    fn maintenance(&self) -> String {
        let line = |works: &Works| {
            let title = match works.maintenance.title.as_str() {
                "" => String::new(),
                title => format!(", {}", escaped(title)),
            };
            let mut names: Vec<String> = works.targets.iter().take(NAMED_MAX).map(|(_, name)| escaped(name)).collect();
            if works.targets.len() > NAMED_MAX {
                names.push(format!("{} more", count((works.targets.len() - NAMED_MAX) as u64)));
            }
            format!("- {}{title}: {}\n", self.span(works.maintenance.span), names.join(", "))
        };
        let lines: String = self.findings.maintenance.iter().map(line).collect();
        if lines.is_empty() {
            return lines;
        }
        format!("## Maintenance\n\nTime that is in no uptime, and in which nobody was called.\n\n{lines}")
    }

    fn notes(&self) -> String {
        let lines = self.findings.remarks.iter().map(|remark| {
            let whose = remark.target.as_ref().map_or_else(|| "all targets".to_owned(), |(_, name)| escaped(name));
            format!("- {}, {whose}: {}\n", self.at(remark.about), escaped(&remark.text))
        });
        let lines: String = lines.collect();
        if lines.is_empty() { String::new() } else { format!("## Notes\n\n{lines}") }
    }

    fn gaps(&self) -> String {
        let Findings { gaps, span, unwatched, targets, asked_at, .. } = self.findings;
        let lost: Vec<(Span, String)> = targets.iter().flat_map(lost).collect();
        if gaps.is_empty() && unwatched.is_empty() && lost.is_empty() {
            return "## Gaps\n\nNone: portpulse watched all of the span.\n".to_owned();
        }
        let mut dark = unwatched.clone();
        for gap in gaps.iter().filter(|gap| gap.path.is_none()).filter_map(|gap| gap.span().overlap(*span)) {
            spans::insert(&mut dark, gap);
        }
        let why = |gap: &Gap| match gap.cause {
            GapCause::NotRunning if gap.to > *asked_at => "portpulse has not been running".to_owned(),
            _ => fault(gap),
        };
        let mut blanks: Vec<(Span, String)> = gaps.iter().map(|gap| (gap.span(), why(gap))).collect();
        blanks.extend(unwatched.iter().map(|blank| (*blank, "no target was watched".to_owned())));
        blanks.extend(lost);
        blanks.sort_by_key(|(blank, _)| blank.from);
        let line = |(blank, why): &(Span, String)| {
            // What goes on has no end that a report could tell.
            if blank.to > *asked_at {
                format!("- since {}: {why}", self.at(blank.from))
            } else {
                format!("- {}: {why}", self.span(*blank))
            }
        };
        let lines: Vec<String> = blanks.iter().map(line).collect();
        let dark = spans::total(&dark);
        let total = if dark.is_zero() {
            String::new()
        } else {
            format!("\nFor {} of the span nothing was observed at all.\n", full(dark))
        };
        format!("## Gaps\n\nThe fault of this side, never that of a target.\n\n{}\n{total}", lines.join("\n"))
    }
}

/// How long the first failing check had to wait for its outage to be known.
fn delay(outage: &Outage) -> Duration {
    outage.detected_at.since(outage.started_at)
}

/// What a likeness is, in words.
fn shared(Likeness { shared, count, of }: &Likeness) -> String {
    let what = match shared {
        Shared::Host(host) => format!("host {}", escaped(host)),
        Shared::Network(network) => format!("network {}", escaped(network)),
        Shared::Reason(reason) => format!("reason ({})", cause(*reason)),
        Shared::Port(port) => format!("port {port}"),
    };
    let who = if count == of { format!("all {of}") } else { format!("{count} of the {of}") };
    format!("The same {what}: {who} outages")
}

/// p50, p95 and the slowest, and of how many.
fn figures(summary: &Summary) -> String {
    let open = summary.checks.saturating_sub(summary.failed() + summary.inconclusive);
    match summary.latency {
        Some(of) => {
            let about = if of.source == Source::Exact { "" } else { "~" };
            let [middle, high, most] = [of.p50, of.p95, of.max].map(|value| format!("{about}{}", latency(value)));
            format!("{middle} / {high} / {most} ({})", count(open.into()))
        }
        None => NOTHING.to_owned(),
    }
}

/// Why nobody observed anything, and whose fault that was.
fn fault(gap: &Gap) -> String {
    let path = gap.path.map_or_else(String::new, |path| format!(" ({})", path.word()));
    match gap.cause {
        GapCause::NotRunning => "portpulse was not running".to_owned(),
        GapCause::Stalled => "portpulse or its machine was suspended, stopped or overloaded".to_owned(),
        GapCause::Blind => format!("the network on this side was out{path}"),
        GapCause::Damaged => LOST.to_owned(),
    }
}

/// What is lost of one target.
fn lost(of: &Affected) -> impl Iterator<Item = (Span, String)> {
    of.lost.iter().map(|span| (*span, format!("of {}: {LOST}", escaped(&of.name))))
}
