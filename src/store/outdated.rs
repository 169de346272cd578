//! Which days are summed up, and which of these say something that is no longer true.
//!
//! Days are summed up in their order, each when it has been over for a while. Whatever arrives later and
//! changes what a summed day was (checks that are imported or that a wall clock which was put back
//! sends into the past, an outage whose beginning or end is only now known, a gap or a pause that is told
//! late) marks the day for the endpoint that it is about, and the day is summed up again. A day is
//! never summed up from a part of its checks: those that pruning has taken stay as they were summed.
//!
//! So that every day comes to be summed, pruning leaves the checks of those that are not.

use super::base::Item;
use super::day::Day;
use super::error::Trouble;
use super::form::encode;
use super::key;
use super::ledger::Ledger;
use crate::domain::{EndpointId, Event, Gap, Happening, MaintenanceOf, Span, Wall, maintenance};
use crate::window::{open_ended, owned};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a day has been over before it is summed up: by then it is usually known whether its last
/// failures were an outage.
const SETTLED_AFTER: Duration = Duration::from_mins(10);
/// Days further back than this are not summed up: nobody is shown them.
const DAYS_MAX: i32 = 400;
/// How long a check of the longest interval (24 hours) speaks: a day needs the checks that reach into it.
const REACH: Duration = Duration::from_hours(36);
/// In place of an endpoint: all of them.
pub(super) const ALL: EndpointId = EndpointId(u32::MAX);

/// A row of `meta`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summed {
    /// Every day before this one is summed up.
    pub until: Option<Day>,
    /// Checks before this moment may be gone.
    pub pruned: Option<Wall>,
}

impl Ledger {
    pub(super) fn put_summed(&self) -> Result<(), Trouble> {
        self.base.meta.put(b"summed", &encode(&self.summed)?)
    }

    /// Takes notice of the first moment that anything is known of.
    pub(super) fn begin_days(&mut self, at: Wall) -> Result<(), Trouble> {
        if self.summed.until.is_none() {
            self.summed.until = Some(Day::of(at));
            self.put_summed()?;
        }
        Ok(())
    }

    /// Takes notice of the wall clock, as a proof of life tells it. One that was put back behind days that are summed
    /// up has left days behind it that were not over: they are summed up when they are.
    pub(super) fn follow_clock(&mut self, at: Wall) -> Result<(), Trouble> {
        let now = Day::of(at);
        self.leap_with(at)?;
        if self.summed.until.is_some_and(|until| until > now) {
            self.under_way = None;
            self.summed.until = Some(now);
            self.put_summed()?;
        }
        self.begin_days(at)
    }

    /// Takes notice of a moment that is to be the newest. After a leap so far ahead that the days between are not
    /// summed up one after the other, those that were waiting for their turn are not passed over.
    pub(super) fn leap_with(&mut self, at: Wall) -> Result<(), Trouble> {
        let before = Day::of(self.newest);
        let Some(until) = self.summed.until.filter(|_| before.plus(DAYS_MAX) < Day::of(at)) else { return Ok(()) };
        let mut day = until.max(before.plus(-DAYS_MAX));
        while day <= before {
            if self.outdated.insert((day, ALL)) {
                self.base.outdated.put(&key::outdated(day, ALL), &[])?;
            }
            day = day.plus(1);
        }
        Ok(())
    }

    /// If it is not known how far days are summed up, though there are checks: what is summed counts, and
    /// the rest begins with the first day that has a whole day of checks before it.
    pub(super) fn find_days(&mut self) -> Result<(), Trouble> {
        let Self { base, series, summed, .. } = self;
        if summed.until.is_some() {
            return Ok(());
        }
        let last = base.uptime.raw_newest(&[]).next().transpose()?.and_then(|(key, _)| key::read_day(&key));
        let mut first: Option<Wall> = None;
        for (of, progress) in series.iter() {
            let sealed = base.chunk.raw(&key::series(*of)).next().transpose()?;
            let sealed = sealed.and_then(|(key, _)| key::read_chunk(&key)).map(|(_, at)| at);
            let open = (!progress.packer.is_empty()).then(|| progress.packer.first());
            first = first.into_iter().chain(sealed).chain(open).min();
        }
        summed.until = last.map(|day| day.plus(1)).or(first.map(Day::of));
        summed.pruned = last.and(first);
        if summed.until.is_some() { self.put_summed() } else { Ok(()) }
    }

    /// Every day before this one is summed up, or is being summed up.
    fn begun_until(&self) -> Option<Day> {
        let begun = self.under_way.map(|day| day.plus(1));
        self.summed.until.map(|until| begun.map_or(until, |begun| begun.max(until)))
    }

    /// Marks the summed days of this span: they are to be summed up again for this endpoint.
    pub(super) fn outdate(&mut self, endpoint: EndpointId, span: Span) -> Result<(), Trouble> {
        let Some(until) = self.begun_until() else { return Ok(()) };
        let mut day = Day::of(span.from).max(until.plus(-DAYS_MAX));
        while day < until && day.start() < span.to {
            if self.outdated.insert((day, endpoint)) {
                self.base.outdated.put(&key::outdated(day, endpoint), &[])?;
            }
            day = day.plus(1);
        }
        Ok(())
    }

    /// A check has come; it speaks for some time after its start.
    pub(super) fn outdate_by_check(&mut self, endpoint: EndpointId, at: Wall) -> Result<(), Trouble> {
        if self.begun_until().is_none_or(|until| at >= until.start()) {
            return self.begin_days(at);
        }
        let owner = self.owners.get(&endpoint).and_then(|owner| self.catalog.get(owner));
        let reach = owner.map_or(Duration::ZERO, |entry| owned(entry.target.definition.pace()));
        self.outdate(endpoint, Span { from: at, to: at + reach + Duration::from_millis(1) })
    }

    /// A gap has come, or one that is known has grown.
    pub(super) fn outdate_by_gap(&mut self, gap: &Gap) -> Result<(), Trouble> {
        if self.begun_until().is_none_or(|until| gap.from >= until.start()) {
            return Ok(());
        }
        let known = match self.base.gap.get(&key::gap(gap))? {
            Some(Item::Good(_, body)) => postcard::from_bytes::<Gap>(&body).ok(),
            Some(Item::Damaged(_)) | None => None,
        };
        let from = known.map_or(gap.from, |known| known.to.min(gap.to));
        self.outdate(ALL, Span { from, to: known.map_or(gap.to, |known| known.to.max(gap.to)) })
    }

    /// A line of the log has come: a pause or its end changes what was expected.
    pub(super) fn outdate_by_event(&mut self, event: &Event) -> Result<(), Trouble> {
        let (Happening::Paused | Happening::Resumed, Some((target, _))) = (&event.what, &event.target) else {
            return Ok(());
        };
        let endpoint = self.catalog.get(target).and_then(|entry| entry.target.series());
        endpoint.map_or(Ok(()), |endpoint| self.outdate(endpoint, open_ended(event.at)))
    }

    /// Something was said of maintenance that lies in days that are summed up, or lay in them.
    pub(super) fn outdate_by_maintenance(&mut self, said: &MaintenanceOf) -> Result<(), Trouble> {
        let span = said.maintenance.span;
        if self.begun_until().is_none_or(|until| span.from >= until.start()) {
            return Ok(());
        }
        for target in &said.targets {
            let Some(endpoint) = self.catalog.get(target).and_then(|entry| entry.target.series()) else { continue };
            let known = maintenance::of_target(self.maintenance.values(), *target);
            let before = known.into_iter().find(|known| known.span.from == span.from).map(|known| known.span.to);
            self.outdate(endpoint, Span { to: before.map_or(span.to, |before| before.max(span.to)), ..span })?;
        }
        Ok(())
    }

    /// The first day that is over and has to be summed up.
    pub(super) fn due_day(&self) -> Option<Day> {
        let over = Day::of(self.newest - SETTLED_AFTER);
        let again = self.outdated.first().map(|(day, _)| *day);
        let until = self.summed.until.map(|until| until.max(over.plus(-DAYS_MAX)));
        again.into_iter().chain(until).min().filter(|day| *day < over)
    }

    /// Takes the marks of a day; what marks it from now on marks it anew.
    pub(super) fn take_outdated(&mut self, day: Day) -> Vec<EndpointId> {
        let later = self.outdated.split_off(&(day.plus(1), EndpointId(0)));
        let mut earlier = std::mem::replace(&mut self.outdated, later);
        let marks = earlier.split_off(&(day, EndpointId(0)));
        self.outdated.append(&mut earlier);
        marks.into_iter().map(|(_, endpoint)| endpoint).collect()
    }

    /// Pruning may take checks before this moment and no others.
    pub(super) fn prunable_until(&self, wanted: Wall) -> Wall {
        let first = self.outdated.first().map(|(day, _)| *day);
        let unsummed = first.into_iter().chain(self.summed.until).min();
        unsummed.map_or(wanted, |day| wanted.min(day.start() - REACH))
    }

    /// Notes that checks before this moment may be gone.
    pub(super) fn note_pruned(&mut self, until: Wall) -> Result<(), Trouble> {
        if self.summed.pruned.is_none_or(|known| known < until) {
            self.summed.pruned = Some(until);
            self.put_summed()?;
        }
        Ok(())
    }

    /// Whether all checks that reach into this day are there, for checks that speak so long.
    pub(super) fn is_whole(&self, day: Day, reach: Duration) -> bool {
        self.summed.pruned.is_none_or(|pruned| pruned <= day.start() - reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored bytes stay readable.
    #[test]
    fn the_row_keeps_its_bytes() {
        let summed = Summed { until: Some(Day(20_000)), pruned: Some(Wall(-3)) };
        assert_eq!(encode(&summed), Ok(vec![1, 0xc0, 0xb8, 2, 1, 5]));
    }
}
