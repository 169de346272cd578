//! History as rows: asked for in parts that are small enough for memory and for whoever else waits for the disk.

use super::{CheckRow, Format, OutageRow, Row, SummaryRow, Writer};
use crate::domain::{Span, Target, TargetId, Wall};
use crate::engine::query::{Answer, CHECKS_MAX, FIGURES_MAX, Query};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a step of a summary may be: what is shorter than a second has no figures.
pub const STEP: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(400 * 24);
/// About how many checks are asked for at once.
const CHECKS_AT_ONCE: u32 = 10_000;

/// What can be written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exported {
    /// A row for each check.
    Checks,
    /// A row for each outage that touches the span.
    Outages,
    /// A row for each step of the span, with the figures of its checks and its uptime.
    Summary,
}

impl Exported {
    /// What people call them.
    pub const NAMES: [(&'static str, Self); 3] =
        [("checks", Self::Checks), ("outages", Self::Outages), ("summary", Self::Summary)];
}

/// What is to be written out.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Which rows.
    pub what: Exported,
    /// Of which targets, one after the other, removed ones included.
    pub targets: Vec<TargetId>,
    /// Of which time; one that begins with the smallest [`Wall`] has no beginning.
    pub span: Span,
    /// How long a step of [`Exported::Summary`] is; `None` for the whole span.
    pub step: Option<Duration>,
    /// How.
    pub format: Format,
}

impl Export {
    /// Writes it to `out`, with answers from `ask`, and tells now and then of how many targets all rows are
    /// written, and how many rows. Gives the number of rows.
    ///
    /// # Errors
    /// A question is not answered, or `out` refuses.
    pub fn write(
        &self,
        now: Wall,
        mut ask: impl FnMut(Query) -> io::Result<Answer>,
        out: impl Write,
        mut tell: impl FnMut(usize, u64),
    ) -> io::Result<u64> {
        let known = catalog(&mut ask)?;
        let begin = match self.what {
            Exported::Checks => Writer::begin::<CheckRow>,
            Exported::Outages => Writer::begin::<OutageRow>,
            Exported::Summary => Writer::begin::<SummaryRow>,
        };
        let mut rows = Rows { writer: begin(self.format, out)?, written: 0 };
        for (done, id) in self.targets.iter().enumerate() {
            let mut tell = |written| tell(done, written);
            match (self.what, known.get(id)) {
                (Exported::Outages, target) => self.outages((*id, target), now, &mut ask, &mut rows)?,
                (Exported::Checks, Some(target)) => self.checks(target, &mut ask, &mut rows, &mut tell)?,
                (Exported::Summary, Some(target)) => self.summary(target, now, &mut ask, &mut rows, &mut tell)?,
                // Nothing is left of it.
                (Exported::Checks | Exported::Summary, None) => {}
            }
            tell(rows.written);
        }
        rows.writer.finish()?;
        Ok(rows.written)
    }

    fn checks(
        &self,
        target: &Target,
        ask: &mut impl FnMut(Query) -> io::Result<Answer>,
        rows: &mut Rows<impl Write>,
        tell: &mut impl FnMut(u64),
    ) -> io::Result<()> {
        let Some(whole) = reach(target, ask)?.and_then(|reach| reach.overlap(self.span)) else { return Ok(()) };
        let Answer::Endpoints(endpoints) = ask(Query::Endpoints(target.id))? else { return Err(no_answer()) };
        let mut from = whole.from;
        while from < whole.to {
            let part = Span { from, to: whole.to.min(from + at_once(target)) };
            let Answer::Checks(checks) = ask(Query::Checks(target.id, part))? else { return Err(no_answer()) };
            for check in &checks {
                let known = endpoints.iter().find(|(id, _)| *id == check.endpoint);
                rows.write(&CheckRow::new(target, known.and_then(|(_, address)| address.as_ref()), check))?;
            }
            tell(rows.written);
            from = match checks.last() {
                Some(last) if checks.len() >= CHECKS_MAX => last.at + Duration::from_millis(1),
                _ => part.to,
            };
        }
        Ok(())
    }

    fn outages(
        &self,
        (id, target): (TargetId, Option<&Target>),
        now: Wall,
        ask: &mut impl FnMut(Query) -> io::Result<Answer>,
        rows: &mut Rows<impl Write>,
    ) -> io::Result<()> {
        let Answer::Outages(outages) = ask(Query::OutagesOf(id, self.span))? else { return Err(no_answer()) };
        let Answer::Maintenance(works) = ask(Query::MaintenanceOf(id))? else { return Err(no_answer()) };
        let name = target.map(|target| &target.definition.name[..]);
        outages.iter().rev().try_for_each(|outage| rows.write(&OutageRow::new(outage, name, &works, now)))
    }

    fn summary(
        &self,
        target: &Target,
        now: Wall,
        ask: &mut impl FnMut(Query) -> io::Result<Answer>,
        rows: &mut Rows<impl Write>,
        tell: &mut impl FnMut(u64),
    ) -> io::Result<()> {
        // What happened at this very moment is inside.
        let span = Span { from: self.span.from, to: self.span.to.min(now + Duration::from_millis(1)) };
        let Some(known) = reach(target, ask)?.and_then(|reach| reach.overlap(span)) else { return Ok(()) };
        let (mut from, step) = match self.step {
            None => (known.from, known.length()),
            Some(step) => (first_step(span.from, step, known.from), step),
        };
        // As many whole steps at once as have about so many checks, and at least one.
        let steps = at_once(target).as_millis() / step.as_millis().max(1);
        let length = step.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX).clamp(1, FIGURES_MAX));
        while from < known.to {
            let part = Span { from, to: known.to.min(from + length) };
            let query = Query::Figures { target: target.id, span: part, step };
            let Answer::Figures(all) = ask(query)? else { return Err(no_answer()) };
            for figures in &all {
                rows.write(&SummaryRow::new(&target.definition.name, figures))?;
            }
            tell(rows.written);
            from = part.to;
        }
        Ok(())
    }
}

/// Rows on their way, counted.
struct Rows<W: Write> {
    writer: Writer<W>,
    written: u64,
}

impl<W: Write> Rows<W> {
    fn write<R: Row>(&mut self, row: &R) -> io::Result<()> {
        self.written += 1;
        self.writer.write(row)
    }
}

/// The step that a moment is in. Steps are counted from where the span begins; where that is the beginning
/// of all time, from 1970 in UTC, so that those of all targets begin together.
fn first_step(begins: Wall, step: Duration, at: Wall) -> Wall {
    let origin = if begins == Wall(i64::MIN) { Wall(0) } else { begins };
    let step = i64::try_from(step.as_millis()).unwrap_or(i64::MAX).max(1);
    Wall(origin.0 + at.0.saturating_sub(origin.0).div_euclid(step).saturating_mul(step))
}

/// How long a target needs for about as many checks as are asked for at once.
fn at_once(target: &Target) -> Duration {
    target.definition.interval.max(Duration::from_millis(1)) * CHECKS_AT_ONCE
}

fn reach(target: &Target, ask: &mut impl FnMut(Query) -> io::Result<Answer>) -> io::Result<Option<Span>> {
    match ask(Query::Reach(target.id))? {
        Answer::Reach(reach) => Ok(reach),
        _ => Err(no_answer()),
    }
}

/// What is known of every target, removed ones included.
fn catalog(ask: &mut impl FnMut(Query) -> io::Result<Answer>) -> io::Result<BTreeMap<TargetId, Target>> {
    let mut all: BTreeMap<TargetId, Target> = BTreeMap::new();
    loop {
        match ask(Query::Catalog(all.keys().next_back().copied()))? {
            Answer::Catalog(more) if more.is_empty() => return Ok(all),
            Answer::Catalog(more) => all.extend(more.into_iter().map(|entry| (entry.target.id, entry.target))),
            _ => return Err(no_answer()),
        }
    }
}

fn no_answer() -> io::Error {
    io::Error::other("history gave no answer to what was asked")
}
