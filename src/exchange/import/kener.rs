//! Monitors of Kener: one target for each, one endpoint for each of its hosts, its own function as a script.

use super::found::{Found, Spot};
use super::node::Node;
use super::{Entry, Mistake, go};
use crate::domain::endpoint::parse_port;
use crate::domain::{Activity, Address, Evaluation, Family, Host};
use std::time::Duration;

/// What a host is given that names no port (S40).
const PORT: &str = "80";
/// What a host is given that names no timeout (S41).
const TIMEOUT: Duration = Duration::from_secs(1);

/// Whether a document looks like monitors of Kener.
pub(super) fn is_it(root: &Node) -> bool {
    monitors(root).iter().take(100).any(|monitor| monitor.get("type_data").is_some())
}

fn monitors(root: &Node) -> Vec<&Node> {
    root.get_any(&["monitors", "data"]).unwrap_or(root).one_or_more()
}

/// Reads one monitor, a list of them, or a list under `monitors`.
pub(super) fn read(root: &Node) -> Result<Vec<Entry>, Mistake> {
    monitors(root).into_iter().map(read_monitor).collect()
}

fn read_monitor(monitor: &Node) -> Result<Entry, Mistake> {
    let line = monitor.line;
    monitor.entries("a monitor")?;
    let tag = monitor.text("tag")?;
    let name = monitor.text("name")?.or(tag);
    let skip = |why: String| Ok(Entry::skipped(line, name.unwrap_or_default(), why));
    let kind = monitor.text_of(&["type", "monitor_type"])?.unwrap_or("TCP");
    if kind.eq_ignore_ascii_case("GROUP") {
        return skip(
            "it is a group of other monitors: give a target their endpoints and evaluate = \"weighted\"".into(),
        );
    }
    if !kind.eq_ignore_ascii_case("TCP") {
        return skip(format!("its type is {kind}, which is no TCP port"));
    }
    let Some(data) = monitor.get("type_data") else { return skip("it has no type_data".into()) };
    data.entries("type_data")?;
    let mut spots = Vec::new();
    for host in data.list("hosts")? {
        match read_host(host)? {
            Ok(spot) => spots.push(spot),
            Err(why) => return skip(why),
        }
    }
    if spots.is_empty() {
        return skip("it has no hosts".into());
    }
    let code = data.text_of(&["tcpEval", "eval"])?.filter(|code| !code.trim().is_empty());
    let stem = tag.or(name).unwrap_or("monitor").to_owned();
    let mut found = Found {
        line,
        name: name.map(str::to_owned),
        spots,
        evaluation: code.is_none().then_some(Evaluation::All),
        script: code.map(|code| (stem, code.to_owned())),
        down_after: monitor.number("confirmation_threshold")?.map(|count| count as u64),
        note: monitor.text("description")?.map(str::to_owned),
        tags: monitor.text("category_name")?.map(|category| vec![category.to_owned()]),
        activity: activity(monitor)?,
        ..Found::default()
    };
    match monitor.text("cron")?.map(|cron| (cron, interval(cron))) {
        Some((_, Some(interval))) => found.interval = Some(interval),
        Some((cron, None)) => found.remark(format!("its schedule `{cron}` has no counterpart")),
        None => {}
    }
    Ok(Entry::found(found))
}

fn read_host(host: &Node) -> Result<Result<Spot, String>, Mistake> {
    host.entries("a host")?;
    let Some(name) = host.text("host")? else { return Ok(Err("one of its hosts has no `host`".into())) };
    let port = host.text("port")?.unwrap_or(PORT);
    let address = match (name.trim().parse::<Host>(), parse_port(port.trim())) {
        (Ok(host), Ok(port)) => Address { host, port },
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error.to_string())),
    };
    let timeout = match host.number("timeout")?.map(|millis| go::seconds(millis / 1_000.0)) {
        None => TIMEOUT,
        Some(Some(timeout)) => timeout,
        Some(None) => return Ok(Err("one of its hosts has a timeout that is no time".into())),
    };
    // `tcp` is what the current code calls `IP4`; either forces the family of a name (S38).
    let family = match host.text("type")?.unwrap_or("tcp") {
        kind if kind.eq_ignore_ascii_case("IP6") => Family::Ipv6,
        kind if kind.eq_ignore_ascii_case("tcp") && matches!(address.host, Host::V6(..)) => Family::Auto,
        kind if kind.eq_ignore_ascii_case("tcp") || kind.eq_ignore_ascii_case("IP4") => Family::Ipv4,
        kind if kind.eq_ignore_ascii_case("DOMAIN") => Family::Auto,
        kind => return Ok(Err(format!("one of its hosts has the unknown type {kind}"))),
    };
    Ok(Ok(Spot { family: Some(family), timeout: Some(timeout), ..Spot::new(address) }))
}

fn activity(monitor: &Node) -> Result<Option<Activity>, Mistake> {
    Ok(monitor.text("status")?.map(|status| match status.to_uppercase().as_str() {
        "INACTIVE" | "PAUSED" => Activity::Paused,
        _ => Activity::Watching,
    }))
}

/// The time between two runs of a schedule that is nothing but every so many minutes or hours.
fn interval(cron: &str) -> Option<Duration> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let every = |field: &str| match field {
        "*" => Some(1),
        _ => field.strip_prefix("*/").and_then(|count| count.parse::<u64>().ok()).filter(|count| *count > 0),
    };
    match fields.as_slice() {
        ["0", hour, "*", "*", "*"] if 24 % every(hour)? == 0 => Some(Duration::from_hours(every(hour)?)),
        [minute, "*", "*", "*", "*"] if 60 % every(minute)? == 0 => Some(Duration::from_mins(every(minute)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_of_equal_steps_is_an_interval() {
        let minutes = |cron| interval(cron).map(|interval| interval.as_secs() / 60);
        assert_eq!(
            ["* * * * *", "*/5 * * * *", "0 */2 * * *", "0 * * * *"].map(minutes),
            [Some(1), Some(5), Some(120), Some(60)]
        );
        for cron in ["*/7 * * * *", "5 4 * * 1", "*/0 * * * *", "x", ""] {
            assert_eq!(interval(cron), None, "{cron}");
        }
    }
}
