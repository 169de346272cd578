//! What this kind of terminal can do, told by its name alone: the terminal itself is never asked.

use crate::config::SynchronizedOutput;
use std::io::IsTerminal;

/// A kind of terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// Alternate screen, title, synchronized output: nearly all of them.
    Full,
    /// As [`Terminal::Full`], but what GNU screen and old terminals show of a synchronized frame is garbage.
    Unsynchronized,
    /// The Linux console: no alternate screen and no title.
    Console,
}

/// Why there can be no full-screen program here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTerminal {
    /// Input or output is a file or a pipe.
    #[error(
        "the screen needs a terminal, but {0} is not one: run it in a terminal, or use `portpulse check` in scripts"
    )]
    Redirected(&'static str),
    /// `TERM` says that it cannot move the cursor.
    #[error("a terminal of the kind `dumb` (TERM) cannot show a screen: use `portpulse check` here")]
    Dumb,
    /// `TERM` is missing.
    #[error("TERM is not set, so the kind of terminal is unknown: set it, as in TERM=xterm-256color")]
    Unknown,
}

/// Puts a synchronized frame on the screen at once (DEC private mode 2026).
pub const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
/// See [`SYNC_BEGIN`].
pub const SYNC_END: &[u8] = b"\x1b[?2026l";

/// Takes the title from the stack of titles (`22;2t` put it there).
const TITLE_POP: &[u8] = b"\x1b[23;2t";

impl Terminal {
    /// The terminal that this process has.
    ///
    /// # Errors
    /// There is none, or none that can show a screen.
    pub fn of_this_process() -> Result<Self, NoTerminal> {
        if !std::io::stdin().is_terminal() {
            return Err(NoTerminal::Redirected("standard input"));
        }
        if !std::io::stdout().is_terminal() {
            return Err(NoTerminal::Redirected("standard output"));
        }
        Self::named(std::env::var("TERM").ok().as_deref())
    }

    /// The terminal that `TERM` names.
    pub fn named(term: Option<&str>) -> Result<Self, NoTerminal> {
        match term {
            None | Some("") => Err(NoTerminal::Unknown),
            Some("dumb") => Err(NoTerminal::Dumb),
            Some("linux") => Ok(Self::Console),
            Some(term) if term.starts_with("screen") || term.starts_with("vt") => Ok(Self::Unsynchronized),
            Some(_) => Ok(Self::Full),
        }
    }

    /// The same, but as the user wants it who has turned synchronized output off.
    #[must_use]
    pub fn synchronized(self, wish: SynchronizedOutput) -> Self {
        match (self, wish) {
            (Self::Full, SynchronizedOutput::Off) => Self::Unsynchronized,
            _ => self,
        }
    }

    /// Whether large frames are put on the screen at once.
    pub const fn is_synchronized(self) -> bool {
        matches!(self, Self::Full)
    }

    /// Whether it has a title.
    pub const fn has_title(self) -> bool {
        !matches!(self, Self::Console)
    }

    /// Title put aside, alternate screen, blank, bracketed paste, no cursor.
    pub fn enter_sequence(self) -> Vec<u8> {
        let title: &[u8] = if self.has_title() { b"\x1b[22;2t" } else { b"" };
        [title, b"\x1b[?1049h\x1b[0m\x1b[2J\x1b[?2004h\x1b[?25l"].concat()
    }

    /// The reverse of [`Terminal::enter_sequence`], from whatever state a broken frame left behind.
    /// The console has no alternate screen to leave, so it is cleared.
    pub fn leave_sequence(self) -> Vec<u8> {
        let sync: &[u8] = if self.is_synchronized() { SYNC_END } else { b"" };
        let title = if self.has_title() { TITLE_POP } else { b"" };
        let clear: &[u8] = if matches!(self, Self::Console) { b"\x1b[2J\x1b[H" } else { b"" };
        [sync, MOUSE_OFF, b"\x1b[?2004l\x1b[0m", title, clear, b"\x1b[?1049l\x1b[?25h"].concat()
    }
}

/// Reports presses, drags and the wheel (modes 1000, 1002), in a form without limits (1006).
pub const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// See [`MOUSE_ON`].
pub const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_kind() {
        assert_eq!(Terminal::named(Some("xterm-256color")), Ok(Terminal::Full));
        assert_eq!(Terminal::named(Some("tmux-256color")), Ok(Terminal::Full));
        assert_eq!(Terminal::named(Some("screen.xterm")), Ok(Terminal::Unsynchronized));
        assert_eq!(Terminal::named(Some("vt100")), Ok(Terminal::Unsynchronized));
        assert_eq!(Terminal::named(Some("linux")), Ok(Terminal::Console));
        assert_eq!(Terminal::named(Some("dumb")), Err(NoTerminal::Dumb));
        assert_eq!(Terminal::named(None), Err(NoTerminal::Unknown));
    }

    #[test]
    fn every_end_shows_the_cursor_on_the_screen_of_the_shell() {
        for terminal in [Terminal::Full, Terminal::Unsynchronized, Terminal::Console] {
            assert!(terminal.leave_sequence().ends_with(b"\x1b[?1049l\x1b[?25h"), "{terminal:?}");
        }
    }
}
