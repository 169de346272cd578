//! What is on the screen, what shall be on it, and the bytes between the two.

use super::terminal::{SYNC_BEGIN, SYNC_END, Terminal};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::Widget;
use std::io;

/// Frames larger than this are put on the screen at once; smaller ones cannot tear.
const SYNC_FROM: usize = 1024;
/// The largest screen that is painted, in cells: a bogus size must not take all memory.
const CELLS_MAX: u32 = 1 << 20;

/// Two pictures of the screen.
///
/// It stands in for [`ratatui::Terminal`], which asks the terminal for its cursor whenever it is
/// cleared or resized, and asks for the size before each frame.
#[derive(Debug)]
pub struct Canvas {
    terminal: Terminal,
    shown: Buffer,
    next: Buffer,
    /// Whether nothing is known about what the terminal shows.
    is_unknown: bool,
}

impl Canvas {
    /// A blank screen of that many columns and rows.
    pub fn new(terminal: Terminal, columns: u16, rows: u16) -> Self {
        let area = area(columns, rows);
        Self { terminal, shown: Buffer::empty(area), next: Buffer::empty(area), is_unknown: true }
    }

    /// Paints for a terminal of this kind from now on.
    pub fn suit(&mut self, terminal: Terminal) {
        self.terminal = terminal;
    }

    /// Takes this size; if it is a new one, everything is painted again.
    pub fn fit(&mut self, columns: u16, rows: u16) {
        if self.next.area != area(columns, rows) {
            *self = Self::new(self.terminal, columns, rows);
        }
    }

    /// Paints everything again next time.
    pub fn forget(&mut self) {
        self.is_unknown = true;
    }

    /// The bytes that turn what is shown into this picture; none if that is what is shown.
    ///
    /// # Errors
    /// None: the bytes go to memory.
    pub fn paint(&mut self, screen: impl Widget) -> io::Result<Vec<u8>> {
        let area = self.next.area;
        if area.is_empty() {
            return Ok(Vec::new());
        }
        self.next.reset();
        screen.render(area, &mut self.next);
        let mut bytes = Vec::new();
        if self.is_unknown {
            self.shown.reset();
            bytes.extend_from_slice(b"\x1b[0m\x1b[2J");
        }
        let changes = self.shown.diff(&self.next);
        if !changes.is_empty() {
            CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
        }
        self.is_unknown = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        if bytes.len() > SYNC_FROM && self.terminal.is_synchronized() {
            bytes = [SYNC_BEGIN, &bytes, SYNC_END].concat();
        }
        Ok(bytes)
    }
}

fn area(columns: u16, rows: u16) -> Rect {
    let rows_max = CELLS_MAX.checked_div(u32::from(columns)).unwrap_or(0);
    Rect::new(0, 0, columns, u16::try_from(rows_max).map_or(rows, |most| rows.min(most)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SynchronizedOutput;
    use ratatui::text::Text;

    fn paint(canvas: &mut Canvas, text: &str) -> String {
        String::from_utf8(canvas.paint(Text::raw(text)).expect("memory")).expect("text")
    }

    #[test]
    fn only_the_first_frame_is_whole_and_an_unchanged_one_is_nothing() {
        let mut canvas = Canvas::new(Terminal::Full, 20, 2);
        assert!(paint(&mut canvas, "db1:up").starts_with("\x1b[0m\x1b[2J\x1b[1;1Hdb1:up"));
        assert_eq!(paint(&mut canvas, "db1:up"), "");
        let change = paint(&mut canvas, "db1:down");
        assert!(change.starts_with("\x1b[1;5Hdown") && !change.contains("[2J"), "{change:?}");
        canvas.forget();
        assert!(paint(&mut canvas, "db1:down").contains("[2J"));
    }

    #[test]
    fn large_frames_are_synchronized_where_the_terminal_can() {
        for (terminal, wrapped) in [(Terminal::Full, true), (Terminal::Console, false)] {
            let mut canvas = Canvas::new(terminal, 200, 50);
            let frame = paint(&mut canvas, &["x".repeat(200).as_str(); 50].join("\n"));
            assert_eq!(frame.starts_with("\x1b[?2026h") && frame.ends_with("\x1b[?2026l"), wrapped, "{terminal:?}");
        }
        let mut canvas = Canvas::new(Terminal::Full, 200, 50);
        canvas.suit(Terminal::Full.synchronized(SynchronizedOutput::Off));
        assert!(!paint(&mut canvas, &["x".repeat(200).as_str(); 50].join("\n")).contains("2026"));
    }

    #[test]
    fn no_size_is_too_small_or_too_large() {
        for (columns, rows) in [(0, 0), (1, 1), (0, 5), (5, 0), (65535, 1), (65535, 65535)] {
            let mut canvas = Canvas::new(Terminal::Full, columns, rows);
            paint(&mut canvas, "db1:up");
        }
    }
}
