//! What the detail view asks: a span of one target's history, and its uptimes over windows of up to 31 days.

use super::super::query::{Detail, Uptimes};
use super::stretch::{Grain, Stretch, Told};
use crate::domain::{EndpointId, Outage, Span, Target, TargetId, Wall, maintenance};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader};
use crate::window::HOUR;
use std::sync::Arc;
use std::time::Duration;

/// The windows of [`Uptimes::windows`].
const WINDOWS: [Duration; 4] =
    [Duration::from_hours(1), Duration::from_hours(24), Duration::from_hours(7 * 24), Duration::from_hours(31 * 24)];

/// Whose history is wanted.
pub(super) struct Whose {
    pub id: TargetId,
    /// Of which of its endpoints, if not of all of it.
    pub endpoint: Option<EndpointId>,
    /// As it is now, if it is watched.
    pub view: Option<Arc<TargetView>>,
}

impl Whose {
    /// Whose checks tell about it.
    fn tellers(&self, reader: &Reader<'_>, target: &Target) -> Vec<(EndpointId, Span)> {
        let ever = Span { from: Wall(i64::MIN), to: Wall(i64::MAX) };
        self.endpoint.map_or_else(|| reader.speakers(target), |endpoint| vec![(endpoint, ever)])
    }

    /// As it is, or as it was when it was removed; `None` if it is not known (any more).
    fn target<'t>(&'t self, reader: &'t Reader<'_>) -> Option<&'t Target> {
        let known = || reader.entry(self.id).map(|entry| &entry.target);
        self.view.as_ref().map(|view| &*view.target).or_else(known)
    }
}

/// One span of one target in so many columns.
pub(super) fn detail(
    reader: &Reader<'_>,
    whose: &Whose,
    span: Span,
    count: u16,
    now: Wall,
) -> Result<Detail, ReadError> {
    let (id, endpoint) = (whose.id, whose.endpoint);
    let Some(target) = whose.target(reader) else {
        return Ok(Detail { target: Some(id), endpoint, span: Some(span), ..Detail::default() });
    };
    let outages = all_outages(reader, id)?;
    let is_coarse = span.length() >= HOUR * u32::from(count.max(1));
    let grain = if is_coarse { Grain::Hour } else { Grain::Check };
    let told = Told { target, tellers: whose.tellers(reader, target) };
    let stretch = Stretch::read(reader, &told, &outages, (span, grain), now)?.with_losses(reader, &told)?;
    Ok(Detail {
        target: Some(id),
        endpoint,
        span: Some(span),
        columns: stretch.columns(count),
        summary: stretch.summary(),
        strip: stretch.strip(count),
        unseen: stretch.unseen(),
        remarks: stretch.remarks().to_vec(),
        addresses: stretch.addresses(),
        outages: super::outages(outages),
        maintenance: maintenance::of_target(reader.maintenance(), id).into_iter().cloned().collect(),
    })
}

/// The uptimes of one target over the windows that end at a moment.
pub(super) fn uptimes(reader: &Reader<'_>, whose: &Whose, until: Wall, now: Wall) -> Result<Uptimes, ReadError> {
    let id = whose.id;
    let Some(target) = whose.target(reader) else {
        return Ok(Uptimes { target: Some(id), until, ..Uptimes::default() });
    };
    let outages = all_outages(reader, id)?;
    let end = until.min(now);
    let told = Told { target, tellers: whose.tellers(reader, target) };
    let read = |length, grain| Stretch::read(reader, &told, &outages, (Span::before(end, length), grain), now);
    // A day is told to the second, a month by its hours.
    let (day, month) = (read(WINDOWS[1], Grain::Check)?, read(WINDOWS[3], Grain::Hour)?);
    let windows = [day.uptime(WINDOWS[0]), day.uptime(WINDOWS[1]), month.uptime(WINDOWS[2]), month.uptime(WINDOWS[3])];
    Ok(Uptimes { target: Some(id), until, windows, oldest: month.oldest() })
}

/// All outages that a target has.
pub(super) fn all_outages(reader: &Reader<'_>, target: TargetId) -> Result<Vec<Outage>, ReadError> {
    reader.outages_of(target, Span { from: Wall(i64::MIN), to: Wall(i64::MAX) })
}
