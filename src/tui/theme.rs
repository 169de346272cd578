//! What each role on the screen looks like in each theme; nothing else on the screen names a colour.

use ratatui::style::{Color, Modifier, Style};

/// What a cell is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything without another role; always the terminal's own colours.
    Text,
    /// Secondary text, paused targets, no data.
    Muted,
    /// Headings and the name of the selected row.
    Strong,
    /// The sign of something that is up.
    Up,
    /// The sign and word of something slow.
    Slow,
    /// The sign and count of something that is failing but not down.
    Failing,
    /// The state of something that is down.
    Down,
    /// Bars and charts.
    Bar,
    /// A failed check in a bar or chart.
    Failed,
    /// Something loud: blind, not recording, frozen.
    Banner,
    /// A refusal or an error in words.
    Error,
    /// What is being typed into.
    Input,
    /// Frames.
    Border,
}

/// A named set of styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Sixteen palette colours over the terminal's own; safe on dark and light.
    #[default]
    Ansi,
    /// No red against green.
    ColourBlind,
    /// No colours; `NO_COLOR` chooses it.
    Mono,
    /// Fixed 24-bit colours (Okabe-Ito).
    True,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 13] = [
        Self::Text,
        Self::Muted,
        Self::Strong,
        Self::Up,
        Self::Slow,
        Self::Failing,
        Self::Down,
        Self::Bar,
        Self::Failed,
        Self::Banner,
        Self::Error,
        Self::Input,
        Self::Border,
    ];
}

impl Theme {
    /// Every theme in the order in which the key steps through them.
    pub const ALL: [Self; 4] = [Self::Ansi, Self::ColourBlind, Self::Mono, Self::True];

    /// Its name in the configuration and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ansi => "ansi",
            Self::ColourBlind => "cb",
            Self::Mono => "mono",
            Self::True => "true",
        }
    }

    /// The theme of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Ansi => Self::ColourBlind,
            Self::ColourBlind => Self::Mono,
            Self::Mono => Self::True,
            Self::True => Self::Ansi,
        }
    }

    /// What the role looks like. The background is always the terminal's own, and text that only a
    /// hue would set apart is bold, reversed or repeated by a word (no hue is readable on every palette).
    pub const fn style(self, role: Role) -> Style {
        let plain = Style::new();
        match (role, self) {
            (Role::Text, _) | (Role::Up | Role::Bar, Self::ColourBlind | Self::Mono) => plain,
            (Role::Muted | Role::Border, _) => plain.add_modifier(Modifier::DIM),
            (Role::Strong, _) | (Role::Slow | Role::Failed | Role::Error, Self::Mono) => {
                plain.add_modifier(Modifier::BOLD)
            }
            (Role::Banner, _) | (Role::Down, Self::ColourBlind | Self::Mono) => {
                plain.add_modifier(Modifier::BOLD.union(Modifier::REVERSED))
            }
            (Role::Input, _) => plain.add_modifier(Modifier::UNDERLINED),
            (Role::Up, Self::Ansi) => plain.fg(Color::Green),
            (Role::Up, Self::True) => plain.fg(Color::Rgb(0x5f, 0xb5, 0x8a)),
            (Role::Bar, Self::Ansi) => plain.fg(Color::Cyan),
            (Role::Bar, Self::True) => plain.fg(Color::Rgb(0x56, 0xb4, 0xe9)),
            (Role::Slow, Self::Ansi | Self::ColourBlind) | (Role::Failing, Self::Ansi) => {
                plain.fg(Color::Yellow).add_modifier(Modifier::BOLD)
            }
            (Role::Slow, Self::True) => plain.fg(Color::Rgb(0xd7, 0x99, 0x21)).add_modifier(Modifier::BOLD),
            (Role::Failing, Self::ColourBlind) => plain.fg(Color::Cyan).add_modifier(Modifier::UNDERLINED),
            (Role::Failing, Self::Mono) => plain.add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
            (Role::Failing, Self::True) => plain.fg(Color::Rgb(0xe6, 0x9f, 0x00)).add_modifier(Modifier::BOLD),
            (Role::Down, Self::Ansi) => plain.fg(Color::Red).add_modifier(Modifier::BOLD.union(Modifier::REVERSED)),
            (Role::Down, Self::True) => {
                plain.fg(Color::Rgb(0xd5, 0x5e, 0x00)).add_modifier(Modifier::BOLD.union(Modifier::REVERSED))
            }
            (Role::Failed | Role::Error, Self::Ansi) => plain.fg(Color::Red).add_modifier(Modifier::BOLD),
            (Role::Failed | Role::Error, Self::ColourBlind) => plain.add_modifier(Modifier::BOLD),
            (Role::Failed | Role::Error, Self::True) => {
                plain.fg(Color::Rgb(0xd5, 0x5e, 0x00)).add_modifier(Modifier::BOLD)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_theme_paints_a_background_and_mono_paints_nothing() {
        for theme in Theme::ALL {
            for role in Role::ALL {
                let style = theme.style(role);
                assert_eq!(style.bg, None, "{theme:?} {role:?}");
                assert!(theme != Theme::Mono || style.fg.is_none(), "{role:?}");
            }
        }
    }

    #[test]
    fn the_default_theme_uses_only_hues_that_are_safe_on_dark_and_light() {
        let safe = [Color::Red, Color::Green, Color::Yellow, Color::Cyan];
        for role in Role::ALL {
            for theme in [Theme::Ansi, Theme::ColourBlind] {
                assert!(theme.style(role).fg.is_none_or(|colour| safe.contains(&colour)), "{theme:?} {role:?}");
            }
        }
    }

    #[test]
    fn down_slow_failing_and_up_differ_without_any_colour() {
        let look = |role| Theme::Mono.style(role).add_modifier;
        let looks = [look(Role::Down), look(Role::Failing), look(Role::Slow), look(Role::Up)];
        for (place, one) in looks.iter().enumerate() {
            assert!(!looks[place + 1..].contains(one), "{looks:?}");
        }
    }

    #[test]
    fn stepping_goes_through_every_theme_and_names_lead_back() {
        let mut theme = Theme::default();
        for expected in Theme::ALL {
            assert_eq!(theme, expected);
            assert_eq!(Theme::named(theme.name()), Some(theme));
            theme = theme.next();
        }
        assert_eq!(theme, Theme::default());
    }
}
