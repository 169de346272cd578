//! What the detail view asks: a span of one target's history, and its uptimes over windows of up to 31 days.

use super::super::query::{Detail, Uptimes};
use super::stretch::{Grain, Stretch};
use crate::domain::{Outage, Span, TargetId, Wall};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader};
use crate::window::HOUR;
use std::time::Duration;

/// The windows of [`Uptimes::windows`].
const WINDOWS: [Duration; 4] =
    [Duration::from_hours(1), Duration::from_hours(24), Duration::from_hours(7 * 24), Duration::from_hours(31 * 24)];

/// One span of one target in so many columns.
pub(super) fn detail(
    reader: &Reader<'_>,
    view: &TargetView,
    span: Span,
    count: u16,
    now: Wall,
) -> Result<Detail, ReadError> {
    let target = view.target.id;
    let outages = all_outages(reader, target)?;
    let is_coarse = span.length() >= HOUR * u32::from(count.max(1));
    let grain = if is_coarse { Grain::Hour } else { Grain::Check };
    let stretch = Stretch::read(reader, &view.target, &outages, (span, grain), now)?;
    Ok(Detail {
        target: Some(target),
        span: Some(span),
        columns: stretch.columns(count),
        summary: stretch.summary(),
        strip: stretch.strip(count),
        unseen: stretch.unseen(),
        remarks: stretch.remarks().to_vec(),
        addresses: stretch.addresses(),
        outages: super::outages(outages),
    })
}

/// The uptimes of one target over the windows that end at a moment.
pub(super) fn uptimes(reader: &Reader<'_>, view: &TargetView, until: Wall, now: Wall) -> Result<Uptimes, ReadError> {
    let target = view.target.id;
    let outages = all_outages(reader, target)?;
    let end = until.min(now);
    let read = |length, grain| Stretch::read(reader, &view.target, &outages, (Span::before(end, length), grain), now);
    // A day is told to the second, a month by its hours.
    let (day, month) = (read(WINDOWS[1], Grain::Check)?, read(WINDOWS[3], Grain::Hour)?);
    let windows = [day.uptime(WINDOWS[0]), day.uptime(WINDOWS[1]), month.uptime(WINDOWS[2]), month.uptime(WINDOWS[3])];
    Ok(Uptimes { target: Some(target), until, windows, oldest: month.oldest() })
}

/// All outages that a target has.
pub(super) fn all_outages(reader: &Reader<'_>, target: TargetId) -> Result<Vec<Outage>, ReadError> {
    reader.outages_of(target, Span { from: Wall(i64::MIN), to: Wall(i64::MAX) })
}
