//! A page in the text format of Prometheus, version 0.0.4, with room for so many series.

use crate::engine::tally::{BOUNDS, Histogram};
use std::fmt::{Display, Write as _};

/// How a family behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// The labels of a series.
pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// A page that is being written.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    room: usize,
    dropped: u64,
}

/// A family that is being written.
pub(super) struct Family<'p> {
    page: &'p mut Page,
    name: &'static str,
}

/// How many series a histogram is.
const HISTOGRAM_SERIES: usize = BOUNDS.len() + 3;

impl Page {
    /// One with room for so many series; one of them tells what had no room.
    pub fn new(series_max: usize) -> Self {
        Self { text: String::new(), room: series_max.saturating_sub(1), dropped: 0 }
    }

    /// Begins a family. What belongs to it follows at once.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        write(&mut self.text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        Family { page: self, name }
    }

    /// A gauge without labels.
    pub fn gauge(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, Kind::Gauge, help).sample(&[], value);
    }

    /// A counter without labels.
    pub fn counter(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, Kind::Counter, help).sample(&[], value);
    }

    /// The text, with what had no room in it.
    pub fn finish(mut self) -> String {
        self.room += 1;
        let dropped = self.dropped;
        let help = "Series that had no room on this page; see max_series.";
        self.gauge("portpulse_metrics_dropped_series", help, dropped);
        self.text
    }

    /// Whether so many series have room; those that have none are counted.
    fn take(&mut self, series: usize) -> bool {
        let fits = self.room >= series;
        if fits {
            self.room -= series;
        } else {
            self.dropped += series as u64;
        }
        fits
    }

    fn line(&mut self, name: &str, suffix: &str, labels: Labels<'_>, bound: Option<&str>, value: impl Display) {
        write(&mut self.text, format_args!("{name}{suffix}"));
        let mut opener = '{';
        for (label, value) in labels.iter().copied().chain(bound.map(|bound| ("le", bound))) {
            write(&mut self.text, format_args!("{opener}{label}=\""));
            escape(&mut self.text, value);
            self.text.push('"');
            opener = ',';
        }
        if opener == ',' {
            self.text.push('}');
        }
        write(&mut self.text, format_args!(" {value}\n"));
    }
}

impl Family<'_> {
    /// One series.
    pub fn sample(&mut self, labels: Labels<'_>, value: impl Display) {
        if self.page.take(1) {
            self.page.line(self.name, "", labels, None, value);
        }
    }

    /// All series of a histogram of seconds, or none of them.
    pub fn histogram(&mut self, labels: Labels<'_>, histogram: &Histogram) {
        if !self.page.take(HISTOGRAM_SERIES) {
            return;
        }
        let mut sum = 0;
        for (bound, count) in BOUNDS.iter().zip(&histogram.buckets) {
            sum += count;
            let bound = (*bound as f64 / 1e6).to_string();
            self.page.line(self.name, "_bucket", labels, Some(&bound), sum);
        }
        let count = histogram.count();
        self.page.line(self.name, "_bucket", labels, Some("+Inf"), count);
        self.page.line(self.name, "_sum", labels, None, histogram.sum as f64 / 1e6);
        self.page.line(self.name, "_count", labels, None, count);
    }
}

fn write(text: &mut String, what: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _ = text.write_fmt(what);
}

/// As the format asks for label values.
fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_cannot_break_out() {
        let mut page = Page::new(10);
        page.family("a_b", Kind::Gauge, "What.").sample(&[("x", "a\"} 1\n\\n"), ("y", "ä")], 0.5);
        assert!(
            page.finish().starts_with("# HELP a_b What.\n# TYPE a_b gauge\na_b{x=\"a\\\"} 1\\n\\\\n\",y=\"ä\"} 0.5\n")
        );
    }

    #[test]
    fn a_histogram_is_cumulative_and_whole_or_not_there() {
        let mut histogram = Histogram { sum: 1_500_000, ..Histogram::default() };
        (histogram.buckets[0], histogram.buckets[2], histogram.buckets[13]) = (2, 3, 1);
        let written = |series_max| {
            let mut page = Page::new(series_max);
            page.family("h_seconds", Kind::Histogram, "What.").histogram(&[("t", "x")], &histogram);
            page.finish()
        };
        let whole = written(HISTOGRAM_SERIES + 1);
        for line in [
            "h_seconds_bucket{t=\"x\",le=\"0.001\"} 2",
            "h_seconds_bucket{t=\"x\",le=\"0.0025\"} 2",
            "h_seconds_bucket{t=\"x\",le=\"0.005\"} 5",
            "h_seconds_bucket{t=\"x\",le=\"10\"} 5",
            "h_seconds_bucket{t=\"x\",le=\"+Inf\"} 6",
            "h_seconds_sum{t=\"x\"} 1.5",
            "h_seconds_count{t=\"x\"} 6",
            "portpulse_metrics_dropped_series 0",
        ] {
            assert!(whole.lines().any(|written| written == line), "{line} is not in\n{whole}");
        }
        let none = written(HISTOGRAM_SERIES);
        assert!(!none.contains("h_seconds_bucket"));
        assert!(none.ends_with("portpulse_metrics_dropped_series 16\n"), "{none}");
    }
}
