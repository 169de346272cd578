//! The metrics of the targets.

use super::super::words::{self, STATES, Status};
use super::page::{Family, Kind, Page};
use crate::domain::{Host, Reason};
use crate::engine::tally::{Counts, Passed};
use crate::monitor::{Snapshot, TargetView};
use std::sync::Arc;

/// How they stand.
pub(super) fn standing(page: &mut Page, picture: &Snapshot) {
    let help = "1 if the target is up or degraded, 0 if an outage is open; absent while nobody knows.";
    let mut up = page.family("portpulse_target_up", Kind::Gauge, help);
    for view in &picture.targets {
        if let Some(value) = is_up(view) {
            up.sample(&[("target", name(view))], u8::from(value));
        }
    }
    let help = "1 for the state that thresholds make of the checks, 0 for the others.";
    let mut states = page.family("portpulse_target_state", Kind::Gauge, help);
    for view in &picture.targets {
        for (state, label) in STATES {
            states.sample(&[("target", name(view)), ("state", label)], u8::from(view.state == state));
        }
    }
    each(page, picture, "portpulse_target_maintenance", "1 while somebody works on it.", |view| {
        Some(f64::from(u8::from(view.maintenance.is_some())))
    });
    each(page, picture, "portpulse_target_unseen", "1 while its newest checks all say nothing.", |view| {
        Some(f64::from(u8::from(view.is_unseen())))
    });
    each(page, picture, "portpulse_target_outage_start_timestamp_seconds", "Start of the open outage.", |view| {
        view.outage.as_ref().map(|outage| outage.started_at.0 as f64 / 1e3)
    });
    each(page, picture, "portpulse_target_last_check_timestamp_seconds", "Start of the newest check.", |view| {
        view.latest.as_ref().map(|latest| latest.check.at.0 as f64 / 1e3)
    });
    let help = "DNS and connect together, of the newest check, if it connected.";
    each(page, picture, "portpulse_target_last_latency_seconds", help, |view| {
        view.latest.as_ref().and_then(|latest| latest.check.latency()).map(|latency| latency.as_secs_f64())
    });
    windows(page, picture);
}

/// What was counted of their checks.
pub(super) fn counted(page: &mut Page, picture: &Snapshot, counts: &Counts) {
    let help = "Outages that were confirmed.";
    let mut outages = page.family("portpulse_target_outages_total", Kind::Counter, help);
    for view in &picture.targets {
        let count = counts.outages.get(&view.target.id).map_or(0, |confirmed| confirmed.count);
        outages.sample(&[("target", name(view))], count);
    }
    let help = "Checks by what came of them.";
    let mut checks = page.family("portpulse_checks_total", Kind::Counter, help);
    endpoints(picture, counts, &mut checks, |checks, target, address, _, passed| {
        let mut sample = |outcome, count| {
            checks.sample(&[("target", target), ("address", address), ("outcome", outcome)], count);
        };
        sample("open", passed.open);
        for reason in Reason::ALL {
            // That is said of rounds only.
            if reason != Reason::Judged {
                sample(words::reason(reason), passed.failed[reason.index()]);
            }
        }
        sample("inconclusive", passed.inconclusive);
    });
    let help = "Time from the first packet to the open connection.";
    let mut connect = page.family("portpulse_connect_duration_seconds", Kind::Histogram, help);
    endpoints(picture, counts, &mut connect, |family, target, address, _, passed| {
        family.histogram(&[("target", target), ("address", address)], &passed.connect);
    });
    let help = "Time of the name look-up, where there is a name.";
    let mut dns = page.family("portpulse_dns_lookup_duration_seconds", Kind::Histogram, help);
    endpoints(picture, counts, &mut dns, |family, target, address, host, passed| {
        if matches!(host, Host::Name(_)) {
            family.histogram(&[("target", target), ("address", address)], &passed.dns);
        }
    });
}

fn name(view: &TargetView) -> &str {
    &view.target.definition.name
}

/// Whether it is up, if anybody knows.
fn is_up(view: &TargetView) -> Option<bool> {
    match Status::of_target(view) {
        Status::Available => Some(true),
        Status::NotAvailable => Some(false),
        Status::Unknown => None,
    }
}

fn each(
    page: &mut Page,
    picture: &Snapshot,
    family: &'static str,
    help: &str,
    value: impl Fn(&Arc<TargetView>) -> Option<f64>,
) {
    let mut family = page.family(family, Kind::Gauge, help);
    for view in &picture.targets {
        if let Some(value) = value(view) {
            family.sample(&[("target", name(view))], value);
        }
    }
}

fn windows(page: &mut Page, picture: &Snapshot) {
    let strips = |view: &TargetView| [("1h", view.hour.uptime), ("1d", view.day.uptime)];
    let help = "Observed up time over observed time in the window, from 0 to 1; absent without observation.";
    let mut uptime = page.family("portpulse_target_uptime_ratio", Kind::Gauge, help);
    for view in &picture.targets {
        for (window, share) in strips(view).map(|(window, uptime)| (window, uptime.share())) {
            if let Some(share) = share {
                uptime.sample(&[("target", name(view)), ("window", window)], share);
            }
        }
    }
    let help = "Observed time over the time that was to be observed in the window, from 0 to 1.";
    let mut coverage = page.family("portpulse_target_coverage_ratio", Kind::Gauge, help);
    for view in &picture.targets {
        for (window, share) in strips(view).map(|(window, uptime)| (window, uptime.coverage())) {
            if let Some(share) = share {
                coverage.sample(&[("target", name(view)), ("window", window)], share);
            }
        }
    }
}

fn endpoints(
    picture: &Snapshot,
    counts: &Counts,
    family: &mut Family<'_>,
    mut write: impl FnMut(&mut Family<'_>, &str, &str, &Host, &Passed),
) {
    let none = Passed::default();
    for view in &picture.targets {
        for (id, endpoint) in view.target.endpoints() {
            let passed = counts.endpoints.get(&id).unwrap_or(&none);
            write(family, name(view), &endpoint.address.to_string(), &endpoint.address.host, passed);
        }
    }
}
