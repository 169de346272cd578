//! Which paths were blind at a moment, since when, and from when on that was known.

use crate::domain::{Event, Gap, GapCause, Happening, Path, Wall};
use crate::monitor::sight::scope;
use crate::monitor::snapshot::Sight;
use crate::window;

/// A path that was blind.
#[derive(Debug)]
struct Out {
    gap: Gap,
    path: Path,
    noticed_at: Wall,
    why: String,
}

/// Blindness that went on at a moment and had been noticed. It is dated back to the last proof of sight:
/// the failures between that and the notice were believed, and are taken back only when sight returns.
#[derive(Debug)]
pub(super) struct Blindness(Vec<Out>);

impl Blindness {
    pub(super) fn at(at: Wall, gaps: &[Gap], events: &[Event]) -> Self {
        let goes_on = |gap: &&Gap| gap.cause == GapCause::Blind && gap.from <= at && gap.to > at;
        let mut out: Vec<Out> = gaps.iter().filter(goes_on).filter_map(|gap| Out::noticed(*gap, events)).collect();
        out.retain(|out| out.noticed_at <= at);
        out.sort_by_key(|out| out.path);
        out.dedup_by_key(|out| out.path);
        Self(out)
    }

    /// What went on, without an end.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        self.0.iter().map(|out| Gap { to: Wall(i64::MAX), ..out.gap }).collect()
    }

    /// Where a check was not believed at the moment: inside a gap that was over, or after the notice of
    /// one that went on.
    pub(super) fn hiding(&self, at: Wall, gaps: &[Gap]) -> Vec<Gap> {
        let over = gaps.iter().filter(|gap| gap.to <= at).copied();
        let going_on = self.0.iter().map(|out| Gap { from: out.noticed_at, to: Wall(i64::MAX), ..out.gap });
        window::merged(over.chain(going_on).collect())
    }

    pub(super) fn sight(&self) -> Sight {
        let Some(first) = self.0.first() else { return Sight::Clear };
        let since = self.0.iter().map(|out| out.gap.from).min().unwrap_or(first.gap.from);
        Sight::Blind { since, why: first.why.clone(), scope: scope(self.0.iter().map(|out| out.path)) }
    }
}

impl Out {
    /// The notice of a gap; one that the log has forgotten counts from its start.
    fn noticed(gap: Gap, events: &[Event]) -> Option<Self> {
        let path = gap.path?;
        let told = events.iter().filter(|event| gap.span().contains(event.at)).find_map(|event| match &event.what {
            Happening::Blind { why } => {
                let why = why.strip_prefix(path.word())?.strip_prefix(": ")?;
                Some((event.at, why.to_owned()))
            }
            _ => None,
        });
        let (noticed_at, why) = told.unwrap_or((gap.from, "our own side of the network was out".to_owned()));
        Some(Self { gap, path, noticed_at, why })
    }
}
