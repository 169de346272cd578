//! What stands in the room of an address: where a target is, of several endpoints those that matter, and what is
//! done to it in maintenance.

use super::standing::Standing;
use super::text::{Zone, address, clip, maintenance, width};
use super::widget::foreign;
use crate::domain::{Endpoint, Evaluation, Fault, Outcome, Wall};
use crate::monitor::snapshot::MemberView;
use crate::monitor::{State, TargetView};

/// The endpoints of a group with what is known of each; nothing for a target with one endpoint.
pub fn members(view: &TargetView) -> impl Iterator<Item = (&Endpoint, Option<&MemberView>)> {
    let endpoints = &view.target.definition.endpoints;
    let round = view.round.as_deref();
    let known = move |id| round.and_then(|round| round.members.iter().find(|member| member.endpoint == id));
    // In the past nobody knows what each of them found.
    let of_group = view.target.endpoints().filter(move |_| endpoints.len() > 1 && round.is_some());
    of_group.map(move |(id, endpoint)| (endpoint, known(id)))
}

/// The endpoint and the outcome that tell most about how a target stands: of a group the failure that its verdict
/// names, or the first one there is.
pub fn telling(view: &TargetView) -> Option<(&Endpoint, Outcome)> {
    let latest = view.latest.as_deref()?;
    let failing = || {
        members(view).filter_map(|(endpoint, member)| {
            let outcome = member?.latest.as_ref()?.check.outcome;
            outcome.reason().map(|_| (endpoint, outcome))
        })
    };
    let reason = latest.check.outcome.reason();
    let named = failing().find(|(_, outcome)| outcome.reason() == reason);
    let first = view.target.definition.endpoints.first()?;
    Some(named.or_else(|| failing().next()).unwrap_or((first, latest.check.outcome)))
}

/// What a target is made of, in a few words: `3 endpoints, quorum`; nothing for one with one endpoint and no rule.
pub fn made_of(view: &TargetView) -> Option<String> {
    let definition = &view.target.definition;
    let count = definition.endpoints.len();
    let rule = match &definition.evaluation {
        Evaluation::All if count == 1 => return None,
        Evaluation::Script(file) => format!("judged by {}", file.display()),
        rule => rule.word().to_owned(),
    };
    Some(if count == 1 { rule } else { format!("{count} endpoints, {rule}") })
}

/// Why its newest verdict is what it is, in words.
pub fn why(view: &TargetView) -> Option<&str> {
    view.round.as_ref().map(|round| round.why.as_str()).filter(|why| !why.is_empty())
}

/// How many of its endpoints, or of the addresses of its only one, were fine in the newest round, and how many
/// there were; nothing for a target that is either open or not.
pub fn share(view: &TargetView) -> Option<(u8, u8)> {
    let latest = view.latest.as_ref().filter(|_| view.target.round_id.is_some())?;
    (latest.check.tried > 1).then_some((latest.check.answered, latest.check.tried))
}

/// Whether its evaluation calls it degraded, and not merely its latency.
pub fn is_lessened(view: &TargetView) -> bool {
    let limit = view.target.definition.degraded_above;
    let latency = view.latest.as_ref().and_then(|latest| latest.check.latency());
    let is_slow = limit.zip(latency).is_some_and(|(limit, latency)| latency > limit);
    view.state == State::Degraded && view.target.round_id.is_some() && !is_slow
}

/// What is wrong with its script, with the name of the file and the line in front.
fn script_error(view: &TargetView) -> Option<String> {
    let outcome = view.latest.as_ref()?.check.outcome;
    let why = why(view).filter(|_| outcome == Outcome::Inconclusive(Fault::Script))?;
    let (path, rest) = why.split_once(": ").unwrap_or((why, ""));
    let file = path.rsplit('/').next().unwrap_or(path);
    Some(foreign(&format!("{file}: {rest}")))
}

/// What is done to a target in maintenance and until when; of any other, and of one without a title as far as
/// there is room, where it is.
pub fn place(view: &TargetView, columns: usize, ellipsis: &str, now: Wall, zone: Zone) -> String {
    let is_shown = Standing::of(view) == Standing::Maintenance;
    match view.maintenance.as_ref().filter(|_| is_shown) {
        None => address_of(view, columns, ellipsis),
        Some(known) if known.title.is_empty() => {
            let until = maintenance::until(known.span.to, now, zone);
            let whole = format!("{until} {}", address_of(view, usize::MAX, ellipsis));
            clip(if width(&whole) <= columns { &whole } else { &until }, columns, ellipsis)
        }
        Some(known) => clip(&maintenance::titled(known, columns, ellipsis, now, zone), columns, ellipsis),
    }
}

/// Its address; of a group the share that is fine, the reason and the first endpoint that is not, or the first of
/// all and how many more there are.
fn address_of(view: &TargetView, columns: usize, ellipsis: &str) -> String {
    let endpoints = &view.target.definition.endpoints;
    let Some(first) = endpoints.first().map(|endpoint| endpoint.address.to_string()) else { return String::new() };
    if let Some(error) = script_error(view) {
        return clip(&error, columns, ellipsis);
    }
    let share = share(view).filter(|(fine, all)| endpoints.len() > 1 || fine < all);
    let share = share.map(|(fine, all)| format!("{fine}/{all} ")).unwrap_or_default();
    let failing = members(view).find_map(|(endpoint, member)| {
        let check = &member?.latest.as_ref()?.check;
        Some((endpoint.address.to_string(), check.outcome.reason()?.word()))
    });
    if let Some((failing, reason)) = failing {
        return clip(&format!("{share}{reason} {failing}"), columns, ellipsis);
    }
    let behind = if endpoints.len() > 1 { format!(" +{}", endpoints.len() - 1) } else { String::new() };
    let room = columns.saturating_sub(width(&share) + width(&behind));
    format!("{share}{}{behind}", address(&first, room, ellipsis))
}
