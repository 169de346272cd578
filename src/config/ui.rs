//! How the screen looks and behaves: the section `[ui]`.

/// Which colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Sixteen colours of the terminal's own palette.
    #[default]
    Ansi,
    /// Shape and weight instead of red and green.
    ColourBlind,
    /// No colour at all.
    Mono,
    /// 24-bit colour.
    True,
}

/// Whether only ASCII is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ascii {
    /// When the locale is not UTF-8 or the terminal is the Linux console.
    #[default]
    Auto,
    /// Yes.
    Always,
    /// No.
    Never,
}

/// Whether large frames are wrapped in synchronized updates (DEC private mode 2026).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SynchronizedOutput {
    /// Unless the terminal is known to be confused by it.
    #[default]
    Auto,
    /// No.
    Off,
}

/// In which zone times are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Zone {
    /// The machine's.
    #[default]
    Local,
    /// Universal time.
    Utc,
}

/// The section `[ui]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ui {
    /// Which colours are used.
    pub theme: Theme,
    /// Whether only ASCII is drawn.
    pub ascii: Ascii,
    /// Whether the bell rings when a target goes down.
    pub bell: bool,
    /// Whether the mouse is taken at the start.
    pub mouse: bool,
    /// In which zone times are shown.
    pub zone: Zone,
    /// Whether `q` asks before checks stop.
    pub confirm_quit: bool,
    /// Whether large frames are synchronized.
    pub sync: SynchronizedOutput,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            ascii: Ascii::default(),
            bell: true,
            mouse: false,
            zone: Zone::default(),
            confirm_quit: true,
            sync: SynchronizedOutput::default(),
        }
    }
}

impl Theme {
    /// Every theme under the name that it is written by.
    pub const NAMES: [(&'static str, Self); 4] =
        [("ansi", Self::Ansi), ("cb", Self::ColourBlind), ("mono", Self::Mono), ("true", Self::True)];
}

impl Ascii {
    /// Every choice under the name that it is written by.
    pub const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

impl SynchronizedOutput {
    /// Every choice under the name that it is written by.
    pub const NAMES: [(&'static str, Self); 2] = [("auto", Self::Auto), ("off", Self::Off)];
}
