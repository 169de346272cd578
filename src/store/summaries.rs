//! Questions about summaries: what outlives the checks.

use super::base::Item;
use super::day::{Day, HOURS};
use super::error::{ReadError, Trouble};
use super::outdated::ALL;
use super::reader::Reader;
use super::{hours, key, uptimes};
use crate::domain::{EndpointId, Span, TargetId, VantageId, Wall};
use crate::window::{Cell, HOUR, Hour, Strip, Uptime, UptimeHour};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

impl Reader<'_> {
    /// Every day before this moment is summed up; checks tell the rest. `None` if nothing is.
    pub fn summed_until(&self) -> Option<Wall> {
        self.ledger.summed.until.map(Day::start)
    }

    /// Checks before this moment are gone, but for those around outages. `None` if none are.
    pub fn pruned_until(&self) -> Option<Wall> {
        self.ledger.summed.pruned
    }

    /// When the first hour of an endpoint began that is summed up.
    pub fn oldest_hour(&self, endpoint: EndpointId, vantage: VantageId) -> Result<Option<Wall>, ReadError> {
        let prefix = key::series((endpoint, vantage));
        let first = self.asked(|| self.ledger.base.hours.raw(&prefix).next().transpose())?;
        let Some((_, day)) = first.and_then(|(key, _)| key::read_hours(&key)) else { return Ok(None) };
        let hours = self.hours(endpoint, vantage, Span { from: day.start(), to: day.plus(1).start() })?;
        Ok(hours.first().map(|hour| hour.from))
    }

    /// The hours that the span touches and in which the endpoint was checked, oldest first, as far as
    /// they are summed up.
    pub fn hours(&self, endpoint: EndpointId, vantage: VantageId, span: Span) -> Result<Vec<Hour>, ReadError> {
        let of = (endpoint, vantage);
        let mut found = Vec::new();
        self.asked(|| {
            let (from, to) = (key::hours(of, Day::of(span.from)), key::hours(of, Day::of(span.to).plus(1)));
            for item in self.ledger.base.hours.range(&from, &to) {
                let known = match item? {
                    Item::Good(key, body) => key::read_hours(&key).and_then(|(_, day)| hours::unpack(day, &body)),
                    Item::Damaged(_) => None,
                };
                match known {
                    Some(known) => found.extend(known),
                    None => self.damage.borrow_mut().add("summaries of hours"),
                }
            }
            Ok(())
        })?;
        found.retain(|hour| hour.span().overlap(span).is_some());
        Ok(found)
    }

    /// The uptime of each hour that the span touches, oldest first, as far as they are summed up.
    pub fn uptimes(&self, target: TargetId, span: Span) -> Result<Vec<UptimeHour>, ReadError> {
        let mut found = Vec::new();
        self.asked(|| {
            let mut day = self.first_day(span)?;
            while let Some(today) = day.filter(|day| day.start() < span.to) {
                // The value that the target is in begins with it, or with one before it.
                let (from, to) = (key::day(today), key::uptimes(today, TargetId(target.0.saturating_add(1))));
                match self.ledger.base.uptime.last_between(&from, &to)? {
                    Some(Item::Good(_, body)) => self.runs(&body, |id, first, length, uptime| {
                        let hours = (first..first + length).map(|hour| today.start() + HOUR * hour as u32);
                        found.extend(hours.filter(|_| id == target).map(|from| UptimeHour { from, uptime }));
                    }),
                    Some(Item::Damaged(_)) => self.damage.borrow_mut().add("summaries of uptimes"),
                    None => {}
                }
                day = self.first_day(Span { from: today.plus(1).start(), to: span.to })?;
            }
            Ok(())
        })?;
        found.retain(|hour| (Span { from: hour.from, to: hour.from + HOUR }).overlap(span).is_some());
        Ok(found)
    }

    /// The first day of a span that anything is summed up of.
    fn first_day(&self, span: Span) -> Result<Option<Day>, Trouble> {
        let first = self.ledger.base.uptime.raw_from(&key::day(Day::of(span.from))).next().transpose()?;
        Ok(first.and_then(|(key, _)| key::read_day(&key)))
    }

    /// The uptime of every hour of all targets that begins in the span, as far as it is summed up and nothing is
    /// known since that would change it: whose, when the first of some equal hours began, and how many.
    pub fn each_uptime(&self, span: Span, mut run: impl FnMut(TargetId, Wall, u32, Uptime)) -> Result<(), ReadError> {
        let end = self.ledger.summed.until.unwrap_or(Day::of(span.from)).min(Day::of(span.to).plus(1));
        self.asked(|| {
            for item in self.ledger.base.uptime.range(&key::day(Day::of(span.from)), &key::day(end)) {
                let Item::Good(key, body) = item? else {
                    self.damage.borrow_mut().add("summaries of uptimes");
                    continue;
                };
                let Some(day) = key::read_day(&key) else { continue };
                let outdated = self.outdated_on(day);
                self.runs(&body, |id, first, length, uptime| {
                    if !outdated.as_ref().is_none_or(|targets| targets.contains(&id)) {
                        run(id, day.start() + HOUR * first as u32, length as u32, uptime);
                    }
                });
            }
            Ok(())
        })
    }

    /// The targets whose hours of a day are to be summed up again; `None` is all of them.
    fn outdated_on(&self, day: Day) -> Option<HashSet<TargetId>> {
        let of_day = self.ledger.outdated.range((day, EndpointId(0))..=(day, ALL)).map(|(_, endpoint)| *endpoint);
        let waiting = self.waiting.checks().filter(|check| Day::of(check.at) == day).map(|check| check.endpoint);
        let mut targets = HashSet::new();
        for endpoint in of_day.chain(waiting) {
            match self.ledger.owners.get(&endpoint) {
                _ if endpoint == ALL => return None,
                Some(target) => drop(targets.insert(*target)),
                None => {}
            }
        }
        Some(targets)
    }

    /// A window of all known targets in cells of equal length, each a whole number of hours, with the
    /// uptime of all hours from another moment on; as far as they are summed up, and only days before the
    /// one that `until` is in. Gives the first moment that is not in it as well, `None` without summaries.
    pub fn overview(
        &self,
        window: Span,
        cells: usize,
        from: Wall,
        until: Wall,
    ) -> Result<(HashMap<TargetId, Strip>, Option<Wall>), ReadError> {
        let end = self.ledger.summed.until.map_or(Day::of(until), |summed| summed.min(Day::of(until)));
        let known = self.ledger.catalog.len();
        let mut sums: HashMap<TargetId, Sums> = HashMap::with_capacity(known);
        self.asked(|| {
            let first = key::day(Day::of(window.from.min(from)));
            for item in self.ledger.base.uptime.range(&first, &key::day(end)) {
                let Item::Good(key, body) = item? else {
                    self.damage.borrow_mut().add("summaries of uptimes");
                    continue;
                };
                let Some(day) = key::read_day(&key) else { continue };
                let places = places(day, window, cells);
                let counted = from.since(day.start()).as_millis().div_ceil(HOUR.as_millis()) as usize;
                self.runs(&body, |id, first, length, uptime| {
                    sums.entry(id).or_insert_with(|| Sums::new(cells)).add(&places, first, length, uptime, counted);
                });
            }
            Ok(())
        })?;
        sums.retain(|id, _| self.entry(*id).is_some());
        let strips = sums.into_iter().map(|(id, sums)| (id, sums.strip())).collect();
        Ok((strips, self.ledger.summed.until.map(|_| end.start())))
    }

    fn runs(&self, value: &[u8], run: impl FnMut(TargetId, usize, usize, Uptime)) {
        if uptimes::read(value, run).is_none() {
            self.damage.borrow_mut().add("summaries of uptimes");
        }
    }
}

/// The cell of each hour of a day, if it lies in the window.
fn places(day: Day, window: Span, cells: usize) -> [Option<usize>; HOURS] {
    let length = (window.length().as_millis() / cells.max(1) as u128).max(1);
    std::array::from_fn(|hour| {
        let from = day.start() + HOUR * hour as u32;
        let place = window.contains(from).then(|| from.since(window.from).as_millis() / length)?;
        usize::try_from(place).ok().filter(|place| *place < cells)
    })
}

/// Sums in milliseconds, which add up far faster than durations.
struct Sums {
    cells: Vec<(u64, u64)>,
    up: u64,
    down: u64,
    expected: u64,
    blips: u32,
}

impl Sums {
    fn new(cells: usize) -> Self {
        Self { cells: vec![(0, 0); cells], up: 0, down: 0, expected: 0, blips: 0 }
    }

    /// Adds hours that are all the same; the uptime counts from one hour of the day on.
    fn add(&mut self, places: &[Option<usize>; HOURS], first: usize, length: usize, hour: Uptime, counted: usize) {
        let [up, down, expected] = [hour.up, hour.down, hour.expected].map(|time| time.as_millis() as u64);
        for place in places.iter().skip(first).take(length).flatten() {
            if let Some(cell) = self.cells.get_mut(*place) {
                cell.0 += up;
                cell.1 += down;
            }
        }
        let times = (first + length).saturating_sub(first.max(counted)) as u64;
        self.up += up * times;
        self.down += down * times;
        self.expected += expected * times;
        self.blips = self.blips.saturating_add(hour.blips.saturating_mul(times as u32));
    }

    fn strip(self) -> Strip {
        let [up, down, expected] = [self.up, self.down, self.expected].map(Duration::from_millis);
        let cell =
            |(up, down)| Cell { up: Duration::from_millis(up), down: Duration::from_millis(down), ..Cell::default() };
        let cells = self.cells.into_iter().map(cell).collect();
        Strip { cells, uptime: Uptime { up, down, expected, blips: self.blips } }
    }
}
