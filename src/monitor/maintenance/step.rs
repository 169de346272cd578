//! What the schedules want of a target, and what has to be said so that it is kept like that.

use super::super::watch::Watch;
use crate::domain::maintenance::Origin;
use crate::domain::{Maintenance, Span, Wall};
use std::collections::BTreeMap;

/// What the schedules want of a target, by its start: of what has the same start, that which ends last.
pub(super) fn wanted<'s>(
    watch: &Watch,
    times: &[(Span, &'s str)],
    followed: Wall,
    now: Wall,
) -> BTreeMap<Wall, (Wall, &'s str)> {
    let works = watch.recent.works();
    let is_planned = |from: Wall| times.iter().any(|(time, _)| time.from == from);
    let mut wanted: BTreeMap<Wall, (Wall, &str)> = BTreeMap::new();
    for &(time, title) in times {
        let start = if works.has(time.from) { Some(time.from) } else { works.joined(time, now, is_planned) };
        // What was followed stays as it was, and so does what was before there was the target.
        let from = start.unwrap_or_else(|| time.from.max(followed).max(watch.added_at));
        let (until, known) = wanted.entry(from).or_insert((time.to, title));
        if *until < time.to {
            (*until, *known) = (time.to, title);
        }
    }
    wanted
}

/// What has to be kept otherwise so that it is as wanted. What was ended early stays ended; what goes on and is
/// not wanted any more ends now.
pub(super) fn out_of_step(watch: &Watch, wanted: BTreeMap<Wall, (Wall, &str)>, now: Wall) -> Vec<Maintenance> {
    let works = watch.recent.works();
    let mut changed = Vec::new();
    for known in works.all().filter(|known| known.origin == Origin::Scheduled && known.is_on(now)) {
        let (to, title) = match wanted.get(&known.span.from) {
            Some((until, title)) => (*until, (*title).to_owned()),
            None => (now, known.title.clone()),
        };
        if (to, &title) != (known.span.to, &known.title) {
            changed.push(Maintenance { span: Span { to, ..known.span }, title, origin: known.origin });
        }
    }
    for (from, (to, title)) in wanted {
        if !works.has(from) && to > from {
            let (span, title) = (Span { from, to }, title.to_owned());
            changed.push(Maintenance { span, title, origin: Origin::Scheduled });
        }
    }
    changed
}
