//! Time in which somebody works on a target, so that what its checks find says nothing about how well it serves.

use super::{Span, TargetId, Wall};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long a title may be, in characters.
pub const TITLE_MAX: usize = 80;

/// Where a maintenance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// A schedule of the configuration; it ends when the schedule is taken out.
    Scheduled,
    /// Somebody declared it, before or after the fact; it ends when its time is over.
    Declared,
}

/// Time in which somebody works on a target. Its checks go on and are kept; the time counts neither as up nor
/// as down, and nobody is called because of what is found in it.
///
/// Its start says which one of a target it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// From when until when; the end may lie in the future.
    pub span: Span,
    /// What is being done, in the words of the user; may be empty.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// A maintenance with those that it is on. Later ones with the same start take the place of earlier ones, each for
/// the targets that it names, and an empty span says that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceOf {
    /// On which targets, in any order.
    pub targets: Vec<TargetId>,
    /// What is said of them.
    pub maintenance: Maintenance,
}

impl Maintenance {
    /// Whether it goes on at a moment.
    pub fn is_on(&self, at: Wall) -> bool {
        self.span.contains(at)
    }

    /// Whether it is there only to say that there is none.
    pub fn is_withdrawn(&self) -> bool {
        self.span.to <= self.span.from
    }
}

/// What holds of a target, oldest first, by all that was said in the order in which it was.
pub fn of_target<'m>(said: impl IntoIterator<Item = &'m MaintenanceOf>, target: TargetId) -> Vec<&'m Maintenance> {
    let mut known = BTreeMap::new();
    for MaintenanceOf { targets, maintenance } in said {
        if targets.contains(&target) {
            known.insert(maintenance.span.from, maintenance);
        }
    }
    known.into_values().filter(|maintenance| !maintenance.is_withdrawn()).collect()
}

/// The starts of which nothing that was ever said reaches to a moment: they are forgotten as a whole, or what was
/// taken back would hold again.
pub fn over_by<'m>(said: impl IntoIterator<Item = &'m MaintenanceOf>, moment: Wall) -> BTreeSet<Wall> {
    let mut ends: BTreeMap<Wall, Wall> = BTreeMap::new();
    for Maintenance { span, .. } in said.into_iter().map(|said| &said.maintenance) {
        let end = ends.entry(span.from).or_insert(span.from);
        *end = span.to.max(*end);
    }
    ends.into_iter().filter(|(_, end)| *end < moment).map(|(start, _)| start).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_last_of_a_start_holds_for_those_it_names() {
        let said = |targets: &[u32], from: i64, to: i64| MaintenanceOf {
            targets: targets.iter().copied().map(TargetId).collect(),
            maintenance: Maintenance {
                span: Span { from: Wall(from), to: Wall(to) },
                title: String::new(),
                origin: Origin::Declared,
            },
        };
        let all = [said(&[1, 2, 3], 20, 40), said(&[2], 20, 30), said(&[3], 20, 20), said(&[1], 5, 9)];
        let of = |target| {
            let spans = of_target(&all, TargetId(target)).into_iter().map(|it| (it.span.from.0, it.span.to.0));
            spans.collect::<Vec<_>>()
        };
        assert_eq!(of(1), [(5, 9), (20, 40)]);
        assert_eq!(of(2), [(20, 30)]);
        assert!(of(3).is_empty() && of(4).is_empty());
        assert_eq!(over_by(&all, Wall(31)), BTreeSet::from([Wall(5)]), "what ended early goes with what it was");
        assert_eq!(over_by(&all, Wall(41)), BTreeSet::from([Wall(5), Wall(20)]));
    }
}
