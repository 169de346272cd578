//! Which part of time a chart shows: the latest, a span that was stepped back to, or what was zoomed into.

use super::grid::CLOSEST;
use crate::domain::{Span, Wall};
use crate::tui::model::Window;

/// Which part of time is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// So much time until now; it moves on with the clock.
    Latest(Window),
    /// This span; it stands still.
    Past(Span),
}

/// Which part of time is looked at, and how one came there.
///
/// * Without anything else it is the latest hour, day, week or month.
/// * A step back makes it the same length at an earlier time. A step forward that reaches the present leads
///   back to the latest, which moves on; so does one that nearly reaches it.
/// * Zooming in lays a shorter span over that. Steps move the innermost one; going out takes it off.
/// * Another length begins anew, at the latest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    length: Window,
    stepped: Option<Span>,
    zoomed: Vec<Span>,
}

/// Why one cannot go further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// Nothing is known from before this.
    Oldest(Wall),
    /// There is nothing newer.
    Newest,
    /// There is nothing between two checks.
    Closest,
}

impl Look {
    /// The span at a moment.
    pub fn span(self, now: Wall) -> Span {
        match self {
            Self::Latest(length) => Span::before(now, length.length()),
            Self::Past(span) => span,
        }
    }

    /// Where it ends; `None` for now.
    pub const fn until(self) -> Option<Wall> {
        match self {
            Self::Latest(_) => None,
            Self::Past(span) => Some(span.to),
        }
    }
}

impl Sight {
    /// The latest of that length.
    pub const fn latest(length: Window) -> Self {
        Self { length, stepped: None, zoomed: Vec::new() }
    }

    /// How much time is shown where it is not zoomed.
    pub const fn length(&self) -> Window {
        self.length
    }

    /// How many times it was zoomed into.
    pub const fn depth(&self) -> usize {
        self.zoomed.len()
    }

    /// Which part of time is looked at.
    pub fn look(&self) -> Look {
        let past = self.zoomed.last().copied().or(self.stepped);
        past.map_or(Look::Latest(self.length), Look::Past)
    }

    /// Half of what is shown further back, and not further than to the oldest check.
    pub fn step_back(&mut self, now: Wall, oldest: Option<Wall>) -> Result<(), Stuck> {
        let shown = self.look().span(now);
        let limit = oldest.unwrap_or(Wall(i64::MIN));
        let from = (shown.from - shown.length() / 2).max(limit);
        // What would not move the picture by a column is no step.
        if from + shown.length() / 100 >= shown.from {
            return Err(Stuck::Oldest(limit));
        }
        self.put(Span { from, to: from + shown.length() });
        Ok(())
    }

    /// Half of what is shown further on; from what was stepped back to, the present leads to the latest.
    pub fn step_forward(&mut self, now: Wall) -> Result<(), Stuck> {
        let Look::Past(shown) = self.look() else { return Err(Stuck::Newest) };
        // As many steps lead back as led there, though the present has moved on meanwhile.
        if self.zoomed.is_empty() && shown.to + shown.length() * 3 / 4 >= now {
            self.stepped = None;
            return Ok(());
        }
        let to = (shown.to + shown.length() / 2).min(now);
        // A present that has moved by less than a screen can show is no way to go.
        if to.since(shown.to) < CLOSEST / 2 {
            return Err(Stuck::Newest);
        }
        self.put(Span::before(to, shown.length()));
        Ok(())
    }

    /// Shows a part of what is shown.
    pub fn zoom(&mut self, span: Span, now: Wall) -> Result<(), Stuck> {
        if span.length() < CLOSEST || span.length() >= self.look().span(now).length() {
            return Err(Stuck::Closest);
        }
        self.zoomed.push(span);
        Ok(())
    }

    /// Shows a span that need not be part of what is shown.
    pub fn visit(&mut self, span: Span) {
        self.zoomed.push(span);
    }

    /// Takes off the innermost span; whether there was one.
    pub fn zoom_out(&mut self) -> bool {
        self.zoomed.pop().is_some()
    }

    /// Back to the latest; whether it was anything else.
    pub fn return_to_now(&mut self) -> bool {
        let was_past = self.look() != Look::Latest(self.length);
        *self = Self::latest(self.length);
        was_past
    }

    fn put(&mut self, span: Span) {
        match self.zoomed.last_mut() {
            Some(innermost) => *innermost = span,
            None => self.stepped = Some(span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Wall = Wall(1_000 * 3_600_000);

    fn hours(from: f64, to: f64) -> Look {
        let ago = |hours: f64| NOW - Duration::from_secs_f64(hours * 3_600.0);
        Look::Past(Span { from: ago(from), to: ago(to) })
    }

    #[test]
    fn steps_are_half_of_what_is_shown_and_end_at_the_oldest_check_and_at_the_present() {
        let mut sight = Sight::latest(Window::Hour);
        let oldest = Some(NOW - Duration::from_mins(100));
        assert_eq!(sight.step_forward(NOW), Err(Stuck::Newest));
        assert_eq!((sight.step_back(NOW, oldest), sight.look()), (Ok(()), hours(1.5, 0.5)));
        assert_eq!(sight.step_back(NOW, oldest), Ok(()));
        assert_eq!(sight.look().span(NOW).from, NOW - Duration::from_mins(100), "not before the oldest check");
        assert_eq!(sight.look().span(NOW).length(), Duration::from_hours(1));
        assert_eq!(sight.step_back(NOW, oldest), Err(Stuck::Oldest(NOW - Duration::from_mins(100))));
        assert_eq!((sight.step_forward(NOW), sight.look()), (Ok(()), Look::Latest(Window::Hour)));
    }

    #[test]
    fn what_was_stepped_back_to_stands_still_while_time_goes_on() {
        let mut sight = Sight::latest(Window::Day);
        sight.step_back(NOW, None).expect("history");
        let later = NOW + Duration::from_hours(5);
        assert_eq!(sight.look().span(NOW), sight.look().span(later));
        assert_eq!(Look::Latest(Window::Day).span(later).to, later);
    }

    #[test]
    fn levels_nest_and_each_way_out_undoes_one() {
        let mut sight = Sight::latest(Window::Day);
        let (wide, narrow) = (hours(10.0, 8.0), hours(9.5, 9.0));
        for (look, depth) in [(wide, 1), (narrow, 2)] {
            sight.zoom(look.span(NOW), NOW).expect("shorter");
            assert_eq!((sight.look(), sight.depth()), (look, depth));
        }
        assert_eq!(sight.zoom(wide.span(NOW), NOW), Err(Stuck::Closest), "no shorter");
        sight.step_back(NOW, None).expect("history");
        assert_eq!(sight.look(), hours(9.75, 9.25), "steps move the innermost");
        assert!(sight.zoom_out());
        assert_eq!(sight.look(), wide);
        assert!(sight.zoom_out() && !sight.zoom_out());
        assert_eq!(sight.look(), Look::Latest(Window::Day));
    }

    #[test]
    fn a_zoomed_span_stops_at_the_present() {
        let mut sight = Sight::latest(Window::Day);
        sight.zoom(hours(2.5, 0.5).span(NOW), NOW).expect("shorter");
        assert_eq!((sight.step_forward(NOW), sight.look()), (Ok(()), hours(2.0, 0.0)));
        assert_eq!(sight.step_forward(NOW + Duration::from_secs(9)), Err(Stuck::Newest));
        assert!(sight.return_to_now() && !sight.return_to_now());
    }
}
