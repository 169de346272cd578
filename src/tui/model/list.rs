//! A list with a selection by identity and an offset that follows it.

/// The selection and scroll position of a list whose rows are known by `Id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<Id> {
    /// Which row.
    pub selected: Option<Id>,
    /// The first row on the screen.
    pub offset: usize,
}

/// A movement of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many rows down, or up if negative.
    By(isize),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

impl<Id> Default for List<Id> {
    fn default() -> Self {
        Self { selected: None, offset: 0 }
    }
}

impl<Id: Copy + PartialEq> List<Id> {
    /// Where the selected row stands.
    pub fn place(&self, rows: &[Id]) -> Option<usize> {
        self.selected.and_then(|id| rows.iter().position(|row| *row == id))
    }

    /// Moves the selection and keeps it in sight of a page of `height` rows.
    pub fn step(&mut self, rows: &[Id], step: Step, height: usize) {
        let Some(end) = rows.len().checked_sub(1) else {
            *self = Self::default();
            return;
        };
        let place = match (step, self.place(rows)) {
            (Step::First, _) | (Step::By(_), None) => 0,
            (Step::Last, _) => end,
            (Step::By(by), Some(place)) => place.saturating_add_signed(by).min(end),
        };
        self.selected = rows.get(place).copied();
        self.reveal(rows, height);
    }

    /// Makes the selection valid for these rows: a row that is gone hands it to the row that now
    /// stands where it stood (`was` is its place before), and the offset follows.
    pub fn settle(&mut self, rows: &[Id], was: Option<usize>, height: usize) {
        if self.place(rows).is_none() {
            let place = was.unwrap_or(0).min(rows.len().saturating_sub(1));
            self.selected = rows.get(place).copied();
        }
        self.reveal(rows, height);
    }

    /// Moves the offset as little as it must for the selection to be in sight.
    pub fn reveal(&mut self, rows: &[Id], height: usize) {
        let height = height.max(1);
        if let Some(place) = self.place(rows) {
            self.offset = self.offset.clamp((place + 1).saturating_sub(height), place);
        }
        self.offset = self.offset.min(rows.len().saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(selected: u32, offset: usize) -> List<u32> {
        List { selected: Some(selected), offset }
    }

    #[test]
    fn the_offset_follows_the_selection_and_no_further() {
        let rows: Vec<u32> = (0..10).collect();
        let mut list = at(0, 0);
        for (step, expected) in [
            (Step::By(1), at(1, 0)),
            (Step::By(2), at(3, 1)),
            (Step::By(-1), at(2, 1)),
            (Step::Last, at(9, 7)),
            (Step::By(5), at(9, 7)),
            (Step::First, at(0, 0)),
        ] {
            list.step(&rows, step, 3);
            assert_eq!(list, expected, "{step:?}");
        }
    }

    #[test]
    fn the_selection_stays_with_its_row_when_rows_move_around_it() {
        let mut list = at(7, 0);
        list.settle(&[9, 8, 7, 1], Some(0), 3);
        assert_eq!(list, at(7, 0));
        list.settle(&[7, 9, 8, 1], Some(2), 3);
        assert_eq!(list, at(7, 0));
    }

    #[test]
    fn a_row_that_is_gone_hands_the_selection_to_the_one_in_its_place() {
        let mut list = at(7, 0);
        list.settle(&[5, 6, 8], Some(2), 3);
        assert_eq!(list, at(8, 0));
        list.settle(&[], Some(2), 3);
        assert_eq!(list, List { selected: None, offset: 0 });
    }

    #[test]
    fn an_empty_list_and_a_page_without_rows_do_no_harm() {
        let mut list = at(7, 3);
        list.step(&[], Step::By(1), 0);
        assert_eq!(list, List::default());
        list.step(&[1, 2], Step::Last, 0);
        assert_eq!(list, at(2, 1));
    }
}
