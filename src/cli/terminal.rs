//! What standard output is: a terminal with so many columns and colours, or something that takes plain lines.

use crate::tui::standing::Standing;
use std::io::{self, IsTerminal};

/// Whether words have colours. They say the same without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Colour,
}

/// What standard output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terminal {
    /// How wide it is; a file or another program takes lines of any length.
    pub columns: Option<usize>,
    /// How high it is.
    pub rows: Option<usize>,
    pub paint: Paint,
}

impl Terminal {
    /// That of this process now: people change the size of their windows.
    pub fn of_this_process() -> Self {
        let out = io::stdout();
        if !out.is_terminal() {
            return Self { columns: None, rows: None, paint: Paint::Plain };
        }
        // One that does not know how wide it is says 0.
        let size = rustix::termios::tcgetwinsize(&out).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
        let paint = if refuses_colours() { Paint::Plain } else { Paint::Colour };
        Self {
            columns: Some(size.map_or(80, |size| size.ws_col.into())),
            rows: Some(size.map_or(24, |size| size.ws_row.into())),
            paint,
        }
    }

    /// Whether what was written can be written over.
    pub fn can_repaint(self) -> bool {
        self.rows.is_some() && std::env::var_os("TERM").is_some_and(|terminal| terminal != "dumb")
    }
}

/// What the environment asks for: `NO_COLOR` (<https://no-color.org>) and `TERM=dumb`.
fn refuses_colours() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_none_or(|terminal| terminal == "dumb")
}

impl Paint {
    /// A word in the colour of how a target stands.
    pub fn word(self, standing: Standing, word: &str) -> String {
        let code = match standing {
            Standing::Down => "1;31",
            Standing::Failing | Standing::Blind => "1;33",
            Standing::Slow => "33",
            Standing::Up => "32",
            Standing::New | Standing::Gap | Standing::Maintenance | Standing::Paused => "2",
        };
        if self == Self::Colour { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    }
}

/// Two columns in so much room: what does not need its half leaves the rest to the other one.
pub(super) fn fit(room: usize, wanted: (usize, usize)) -> (usize, usize) {
    let (first, second) = wanted;
    let half = room / 2;
    match (first <= half, second <= half) {
        _ if first.saturating_add(second) <= room => wanted,
        (true, _) => (first, room - first),
        (_, true) => (room - second, second),
        (false, false) => (half, room - half),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_share_the_room() {
        for (room, wanted, given) in [
            (80, (10, 20), (10, 20)),
            (40, (10, 90), (10, 30)),
            (40, (90, 10), (30, 10)),
            (40, (90, 90), (20, 20)),
            (usize::MAX, (90, 90), (90, 90)),
            (0, (9, 9), (0, 0)),
        ] {
            assert_eq!(fit(room, wanted), given, "{wanted:?} in {room}");
        }
    }
}
