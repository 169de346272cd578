//! How the results of a round become one verdict: which rule, with which settings.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

/// The rule by which a target with several endpoints is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evaluation {
    /// Up when every endpoint is open, else down (S49).
    #[default]
    All,
    /// Up when one endpoint is open, else down.
    Any,
    /// Up when all are open, degraded with a quorum, else down (S56).
    Quorum {
        /// How many make a quorum; `None` for more than half.
        needed: Option<NonZeroU16>,
    },
    /// Up with the first endpoint, degraded with another, else down (S58).
    Failover,
    /// Up with all of the weight open, degraded with a share of it, else down (S59).
    Weighted {
        /// The share that is enough to be degraded, in percent.
        degraded_from: u8,
    },
    /// Time-outs make it degraded, errors down when nothing is open (S60). Time-outs of *all* endpoints are
    /// degraded too: a cluster that is dark altogether never goes down.
    Timeouts,
    /// Degraded with an endpoint missing or a slow 95th percentile, down with a slow 99th or nothing open (S61).
    Percentile {
        /// The 95th percentile above which it is degraded.
        degraded_above: Duration,
        /// The 99th percentile above which it is down.
        down_above: Duration,
    },
    /// The user's own function in JavaScript (S46 to S48).
    Script(PathBuf),
}

/// What an evaluation makes of an open target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// All that is asked for.
    #[default]
    Up,
    /// Less than that, and enough to work with.
    Degraded,
}

impl Evaluation {
    /// The word that stands for it in the configuration.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::Quorum { .. } => "quorum",
            Self::Failover => "failover",
            Self::Weighted { .. } => "weighted",
            Self::Timeouts => "timeouts",
            Self::Percentile { .. } => "percentile",
            Self::Script(_) => "script",
        }
    }

    /// Every rule but the user's own, with its settings as in the documents.
    pub const POLICIES: [Self; 7] = [
        Self::All,
        Self::Any,
        Self::Quorum { needed: None },
        Self::Failover,
        Self::WEIGHTED,
        Self::Timeouts,
        Self::PERCENTILE,
    ];

    /// The weighted rule with the share of the documents (S59).
    pub const WEIGHTED: Self = Self::Weighted { degraded_from: 50 };

    /// The rule of percentiles with the limits of the documents (S61).
    pub const PERCENTILE: Self =
        Self::Percentile { degraded_above: Duration::from_millis(150), down_above: Duration::from_millis(300) };
}
