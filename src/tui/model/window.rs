//! The lengths of time that the screen looks back over.

use std::time::Duration;

/// Over how much time charts, strips and outages look back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// Seven days.
    Week,
    /// Thirty-one days.
    Month,
}

impl Window {
    /// Every window in the order in which the key steps through them.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// Its length.
    pub const fn length(self) -> Duration {
        match self {
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
            Self::Week => Duration::from_hours(7 * 24),
            Self::Month => Duration::from_hours(31 * 24),
        }
    }

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "31d",
        }
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Hour => Self::Day,
            Self::Day => Self::Week,
            Self::Week => Self::Month,
            Self::Month => Self::Hour,
        }
    }

    /// The one that is exactly so long.
    pub fn of(length: Duration) -> Option<Self> {
        Self::ALL.into_iter().find(|window| window.length() == length)
    }

    /// How long a picture of it stays good while newer checks arrive: what one of them changes in it is the
    /// smaller the longer it is.
    pub const fn lasts(self) -> Duration {
        match self {
            Self::Hour => Duration::from_secs(1),
            Self::Day => Duration::from_secs(5),
            Self::Week => Duration::from_secs(30),
            Self::Month => Duration::from_mins(1),
        }
    }
}
