//! What the detail view asks: a span of one target's history, and its uptimes over windows of up to 31 days.

use super::super::query::{Detail, Uptimes};
use super::addresses::addresses;
use super::stretch::Stretch;
use crate::domain::{Outage, Span, TargetId, Wall};
use crate::monitor::TargetView;
use crate::store::{ReadError, Reader};
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
    let stretch = Stretch::read(reader, view, &outages, span, now)?;
    Ok(Detail {
        target: Some(target),
        span: Some(span),
        columns: stretch.columns(count),
        summary: stretch.summary(),
        strip: stretch.strip(count),
        unseen: stretch.unseen(),
        remarks: stretch.remarks().to_vec(),
        addresses: addresses(stretch.checks()),
        outages: super::outages(outages),
    })
}

/// The uptimes of one target over the windows that end at a moment.
pub(super) fn uptimes(reader: &Reader<'_>, view: &TargetView, until: Wall, now: Wall) -> Result<Uptimes, ReadError> {
    let target = view.target.id;
    let whole = Span::before(until.min(now), WINDOWS[3]);
    let stretch = Stretch::read(reader, view, &all_outages(reader, target)?, whole, now)?;
    let windows = WINDOWS.map(|window| stretch.uptime(window));
    Ok(Uptimes { target: Some(target), until, windows, oldest: stretch.checks().first().map(|check| check.at) })
}

fn all_outages(reader: &Reader<'_>, target: TargetId) -> Result<Vec<Outage>, ReadError> {
    reader.outages_of(target, Span { from: Wall(i64::MIN), to: Wall(i64::MAX) })
}
