//! Where things stand on a screen of a given size; `update` needs it to page and `view` to draw.

use super::model::Size;
use ratatui::layout::Rect;

/// How the dashboard is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Fewer than 60 columns or 10 rows: the problems, one a line.
    Problems,
    /// The table alone.
    Table,
    /// The table, with the selected target below it.
    Panel,
    /// Four panes: the table, the selected target, events, instant checks.
    Panes,
}

/// How a screen is divided, whatever view it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What is wrong with portpulse itself, one line each; empty when nothing is.
    pub banners: Rect,
    /// The view.
    pub body: Rect,
    /// The keys.
    pub footer: Rect,
}

/// How the dashboard divides its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// Counts and the clock.
    pub head: Rect,
    /// The newest problems, the filter, or a message.
    pub second: Rect,
    /// The table with its header and without its frame.
    pub list: Rect,
    /// The selected target below the table.
    pub panel: Option<Rect>,
    /// The other panes beside and below the table.
    pub panes: Option<Panes>,
}

/// The panes of a wide dashboard, frames included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    /// Around the table.
    pub list: Rect,
    /// The selected target.
    pub detail: Rect,
    /// Events.
    pub events: Rect,
    /// Instant checks.
    pub checks: Rect,
}

/// Rows of the panel under the table.
const PANEL_ROWS: u16 = 9;
/// Rows of the lower panes.
const LOWER_ROWS: u16 = 12;
/// The share of the columns that the table has beside other panes, in percent.
const LIST_SHARE: u16 = 64;

impl Shape {
    /// The shape for a terminal of that size.
    pub const fn of(size: Size) -> Self {
        match (size.columns, size.rows) {
            (0..60, _) | (_, 0..10) => Self::Problems,
            (160.., 40..) => Self::Panes,
            (100.., 30..) => Self::Panel,
            _ => Self::Table,
        }
    }
}

/// Divides a screen that has so many banners to show.
pub fn frame(size: Size, banners: usize) -> Frame {
    let screen = Rect::new(0, 0, size.columns, size.rows);
    let footer = Rect { y: size.rows.saturating_sub(1), height: size.rows.min(1), ..screen };
    let room = size.rows.saturating_sub(footer.height);
    let most = if size.rows >= 16 { room / 4 } else { room.min(1) };
    let banners = Rect { height: (banners as u16).min(most), ..screen };
    let body = Rect { y: banners.height, height: room - banners.height, ..screen };
    Frame { banners, body, footer }
}

/// Divides the body of a dashboard; the table has everything when it is zoomed.
pub fn dashboard(body: Rect, shape: Shape) -> Dashboard {
    let line = |place: u16| Rect {
        y: body.y + place.min(body.height),
        height: body.height.saturating_sub(place).min(1),
        ..body
    };
    let rest = Rect { y: body.y + body.height.min(2), height: body.height.saturating_sub(2), ..body };
    let whole = Dashboard { head: line(0), second: line(1), list: rest, panel: None, panes: None };
    match shape {
        Shape::Problems | Shape::Table => whole,
        Shape::Panel => {
            let height = PANEL_ROWS.min(rest.height);
            let list = Rect { height: rest.height - height, ..rest };
            Dashboard { list, panel: Some(Rect { y: list.bottom(), height, ..rest }), ..whole }
        }
        Shape::Panes => {
            let lower = LOWER_ROWS.min(rest.height);
            let left = rest.width * LIST_SHARE / 100;
            let list = Rect { width: left, height: rest.height - lower, ..rest };
            let detail = Rect { x: list.right(), width: rest.width - left, ..list };
            let events = Rect { y: list.bottom(), height: lower, ..list };
            let checks = Rect { y: list.bottom(), height: lower, ..detail };
            Dashboard { list: inside(list), panes: Some(Panes { list, detail, events, checks }), ..whole }
        }
    }
}

/// The area inside of a frame.
pub const fn inside(area: Rect) -> Rect {
    let (dx, dy) = (if area.width > 1 { 1 } else { area.width }, if area.height > 1 { 1 } else { area.height });
    Rect { x: area.x + dx, y: area.y + dy, width: area.width.saturating_sub(2), height: area.height.saturating_sub(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(columns: u16, rows: u16, banners: usize) -> Dashboard {
        let size = Size { columns, rows };
        dashboard(frame(size, banners).body, Shape::of(size))
    }

    #[test]
    fn eighty_by_twenty_four_shows_twenty_targets() {
        assert_eq!(body(80, 24, 0).list, Rect::new(0, 2, 80, 21));
        assert_eq!(body(80, 24, 1).list, Rect::new(0, 3, 80, 20));
    }

    #[test]
    fn wider_screens_get_a_panel_and_then_panes() {
        let middle = body(120, 35, 0);
        assert_eq!((middle.list.height, middle.panel.map(|panel| panel.height)), (23, Some(9)));
        let wide = body(200, 50, 0).panes.expect("panes");
        assert_eq!((wide.list, wide.detail), (Rect::new(0, 2, 128, 35), Rect::new(128, 2, 72, 35)));
        assert_eq!((wide.events, wide.checks), (Rect::new(0, 37, 128, 12), Rect::new(128, 37, 72, 12)));
    }

    #[test]
    fn every_part_stays_inside_of_every_screen() {
        for columns in 0..=210 {
            for rows in 0..=60 {
                let size = Size { columns, rows };
                let screen = Rect::new(0, 0, columns, rows);
                for banners in 0..4 {
                    let frame = frame(size, banners);
                    let parts = dashboard(frame.body, Shape::of(size));
                    let mut all = vec![frame.banners, frame.body, frame.footer, parts.head, parts.second, parts.list];
                    all.extend(parts.panel);
                    all.extend(
                        parts
                            .panes
                            .map(|panes| [panes.list, panes.detail, panes.events, panes.checks])
                            .into_iter()
                            .flatten(),
                    );
                    for part in all {
                        assert_eq!(
                            part.area() > 0,
                            part.area() > 0 && screen.intersection(part) == part,
                            "{part:?} in {screen:?}"
                        );
                    }
                }
            }
        }
    }
}
