//! Which paths were blind at a moment, since when, and from when on and until when that was known.

use crate::domain::{Event, Gap, GapCause, Happening, Path, Wall};
use crate::monitor::sight::scope;
use crate::monitor::snapshot::Sight;
use std::time::Duration;

/// A proof of sight is a check, and told when that has ended: at the latest after its timeout and a look.
const TOLD_WITHIN: Duration = Duration::from_mins(2);
/// How far apart two clocks may have run that tell the length of the same thing.
const NO_STEP: Duration = Duration::from_secs(1);

/// A path that was blind.
#[derive(Debug)]
struct Out {
    gap: Gap,
    path: Path,
    noticed_at: Wall,
    why: String,
}

/// Blindness that went on at a moment and had been noticed. It is dated back to the last proof of sight.
/// Failures are counted towards an outage all the same, and are taken back when sight returns; to an
/// outage that is open they add nothing from the notice on.
#[derive(Debug)]
pub(super) struct Blindness(Vec<Out>);

/// The end of a blindness is that of the proof of sight, which was told a moment later: until then it went on.
pub(super) fn last_until_told(at: Wall, gaps: &mut [Gap], events: &[Event]) {
    let is_over = |gap: &&mut Gap| gap.cause == GapCause::Blind && gap.to <= at && at.since(gap.to) <= TOLD_WITHIN;
    for gap in gaps.iter_mut().filter(is_over) {
        let lasted = gap.span().length();
        let told = events.iter().filter(|event| event.at >= gap.to).find(
            |event| matches!(event.what, Happening::SightRestored { after } if after.abs_diff(lasted) <= NO_STEP),
        );
        gap.to = told.map_or(gap.to, |event| event.at).max(gap.to);
    }
}

impl Blindness {
    pub(super) fn at(at: Wall, gaps: &[Gap], events: &[Event]) -> Self {
        let goes_on = |gap: &&Gap| gap.cause == GapCause::Blind && gap.from <= at && gap.to > at;
        let mut out: Vec<Out> = gaps.iter().filter(goes_on).filter_map(|gap| Out::noticed(*gap, at, events)).collect();
        out.retain(|out| out.noticed_at <= at);
        out.sort_by_key(|out| out.path);
        out.dedup_by_key(|out| out.path);
        Self(out)
    }

    /// What went on, without an end.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        self.0.iter().map(|out| Gap { to: Wall(i64::MAX), ..out.gap }).collect()
    }

    /// Where a failure said nothing about an outage that was open: after the notice.
    pub(super) fn hiding(&self) -> impl Iterator<Item = Gap> {
        self.0.iter().map(|out| Gap { from: out.noticed_at, to: Wall(i64::MAX), ..out.gap })
    }

    pub(super) fn sight(&self) -> Sight {
        let Some(first) = self.0.first() else { return Sight::Clear };
        let since = self.0.iter().map(|out| out.gap.from).min().unwrap_or(first.gap.from);
        Sight::Blind { since, why: first.why.clone(), scope: scope(self.0.iter().map(|out| out.path)) }
    }
}

impl Out {
    /// The notice of a gap: the newest, because sight that seemed to come back and was lost again is one
    /// gap. A gap whose notice the log has forgotten counts from its start.
    fn noticed(gap: Gap, at: Wall, events: &[Event]) -> Option<Self> {
        let path = gap.path?;
        let notices = events.iter().filter(|event| gap.span().contains(event.at)).filter_map(|event| {
            let Happening::Blind { why } = &event.what else { return None };
            let why = why.strip_prefix(path.word())?.strip_prefix(": ")?;
            Some((event.at, why.to_owned()))
        });
        let told = notices.clone().rfind(|(noticed_at, _)| *noticed_at <= at).or_else(|| notices.min());
        let (noticed_at, why) = told.unwrap_or((gap.from, "our own side of the network was out".to_owned()));
        Some(Self { gap, path, noticed_at, why })
    }
}
