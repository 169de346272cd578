//! Every character with a meaning, once for Unicode terminals and once for ASCII ones.

/// Which characters the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Blocks, circles and triangles; no braille, no private use area.
    #[default]
    Unicode,
    /// Seven bits.
    Ascii,
}

/// The characters of one charset; each is one column wide unless said otherwise.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub up: &'static str,
    pub slow: &'static str,
    pub failing: &'static str,
    pub down: &'static str,
    pub paused: &'static str,
    pub new: &'static str,
    /// The word for a first check that runs.
    pub new_word: &'static str,
    /// The selected row.
    pub cursor: &'static str,
    /// A marked row.
    pub marked: &'static str,
    /// Eight heights of a bar: up to 1, 3, 10, 30, 100, 300, 1000 ms, and above.
    pub bars: [&'static str; 8],
    /// A failed check.
    pub failed: &'static str,
    /// Time that nobody observed.
    pub gap: &'static str,
    /// A target that nobody observed.
    pub unobserved: &'static str,
    /// A target that somebody works on, and time in which somebody did.
    pub maintenance: &'static str,
    /// Time in which the target was paused, in a chart.
    pub gap_paused: &'static str,
    /// A moment that somebody wrote about, on an axis.
    pub remark: &'static str,
    /// A check of ours that says nothing, and time in which we were blind.
    pub inconclusive: &'static str,
    /// Strip cells by the share of time that was down: none, six steps, all.
    pub strip: [&'static str; 8],
    /// A strip cell that nobody observed.
    pub strip_gap: &'static str,
    /// Eight fillings of a chart cell, from the bottom.
    pub chart: [&'static str; 8],
    pub ellipsis: &'static str,
    /// Two columns in ASCII.
    pub arrow: &'static str,
    /// Between the parts of a path of views; one column.
    pub crumb: &'static str,
    /// Between items of a line, with its spaces; three columns.
    pub separator: &'static str,
    pub sorted_up: &'static str,
    pub sorted_down: &'static str,
    pub caret: &'static str,
    pub check: &'static str,
    /// Not understood.
    pub cross: &'static str,
    pub horizontal: &'static str,
    /// A dividing line.
    pub dashed: &'static str,
    pub vertical: &'static str,
    pub top_left: &'static str,
    pub top_right: &'static str,
    pub bottom_left: &'static str,
    pub bottom_right: &'static str,
    /// The axis of a chart with a labelled tick.
    pub axis_tick: &'static str,
    pub dash: &'static str,
    /// What is chosen among presets.
    pub chosen: (&'static str, &'static str),
    pub enter: &'static str,
    pub arrow_up: &'static str,
    pub arrow_down: &'static str,
    pub arrow_left: &'static str,
    pub arrow_right: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    up: "●",
    slow: "◐",
    failing: "△",
    down: "▼",
    paused: "‖",
    new: "○",
    new_word: "…",
    cursor: ">",
    marked: "*",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    failed: "×",
    gap: "·",
    unobserved: "·",
    maintenance: "◇",
    gap_paused: "‖",
    remark: "◆",
    inconclusive: "?",
    strip: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    strip_gap: "·",
    chart: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    ellipsis: "…",
    arrow: "→",
    crumb: "›",
    separator: " · ",
    sorted_up: "▴",
    sorted_down: "▾",
    caret: "▏",
    check: "✓",
    cross: "✗",
    horizontal: "─",
    dashed: "┄",
    vertical: "│",
    top_left: "┌",
    top_right: "┐",
    bottom_left: "└",
    bottom_right: "┘",
    axis_tick: "┤",
    dash: "—",
    chosen: ("‹", "›"),
    enter: "⏎",
    arrow_up: "↑",
    arrow_down: "↓",
    arrow_left: "←",
    arrow_right: "→",
};

const ASCII: Glyphs = Glyphs {
    up: "+",
    slow: "~",
    failing: "?",
    down: "!",
    paused: "=",
    new: ".",
    new_word: ".",
    cursor: ">",
    marked: "*",
    bars: ["_", ".", "-", "-", "=", "=", "#", "#"],
    failed: "x",
    gap: " ",
    unobserved: "-",
    maintenance: "%",
    gap_paused: "p",
    remark: "*",
    inconclusive: "?",
    strip: ["_", ":", ":", ":", "=", "=", "=", "#"],
    strip_gap: " ",
    chart: ["_", "_", ".", ".", "-", "=", "=", "#"],
    ellipsis: "~",
    arrow: "->",
    crumb: ">",
    separator: "   ",
    sorted_up: "^",
    sorted_down: "v",
    caret: "_",
    check: "+",
    cross: "x",
    horizontal: "-",
    dashed: "-",
    vertical: "|",
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    axis_tick: "|",
    dash: "-",
    chosen: ("<", ">"),
    enter: "Enter",
    arrow_up: "Up",
    arrow_down: "Down",
    arrow_left: "Left",
    arrow_right: "Right",
};

impl Charset {
    /// Its characters.
    pub const fn glyphs(self) -> &'static Glyphs {
        match self {
            Self::Unicode => &UNICODE,
            Self::Ascii => &ASCII,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Unicode => Self::Ascii,
            Self::Ascii => Self::Unicode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn what_stands_in_the_grid_is_one_column_wide() {
        for glyphs in [&UNICODE, &ASCII] {
            let singles = [
                glyphs.up,
                glyphs.slow,
                glyphs.failing,
                glyphs.down,
                glyphs.paused,
                glyphs.new,
                glyphs.cursor,
                glyphs.marked,
                glyphs.failed,
                glyphs.gap,
                glyphs.unobserved,
                glyphs.maintenance,
                glyphs.gap_paused,
                glyphs.remark,
                glyphs.inconclusive,
                glyphs.strip_gap,
                glyphs.ellipsis,
                glyphs.crumb,
                glyphs.sorted_up,
                glyphs.sorted_down,
                glyphs.vertical,
                glyphs.horizontal,
            ];
            for glyph in singles.into_iter().chain(glyphs.bars).chain(glyphs.strip).chain(glyphs.chart) {
                assert_eq!(glyph.width(), 1, "{glyph:?}");
            }
        }
    }

    #[test]
    fn the_states_differ_in_shape_in_both_charsets() {
        for glyphs in [&UNICODE, &ASCII] {
            let states = [
                glyphs.up,
                glyphs.slow,
                glyphs.failing,
                glyphs.down,
                glyphs.paused,
                glyphs.new,
                glyphs.unobserved,
                glyphs.maintenance,
            ];
            let distinct: std::collections::BTreeSet<&str> = states.into_iter().collect();
            assert_eq!(distinct.len(), states.len());
        }
    }
}
