//! What somebody wrote on the timeline of a target or of all, taken from the log of events.

use super::{Event, Happening, TargetId, Wall};
use serde::{Deserialize, Serialize};

/// How long a remark may be, in graphemes.
pub const REMARK_MAX: usize = 500;

/// A line that somebody wrote on the timeline. Two with the same target, moment and words are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The moment that it is about.
    pub about: Wall,
    /// Which target, with its name at the time; `None` for all.
    pub target: Option<(TargetId, String)>,
    /// The words, cleaned, at most [`REMARK_MAX`] graphemes.
    pub text: String,
}

impl Remark {
    /// Whether it stands on the timeline of this target: it is about it, or about all.
    pub fn concerns(&self, target: TargetId) -> bool {
        self.target.as_ref().is_none_or(|(id, _)| *id == target)
    }
}

/// The remarks in a log, by the moment that they are about; those that were taken back are left out.
/// The log may come in any order but that of a remark and its withdrawal.
pub fn remarks<'e>(log: impl IntoIterator<Item = &'e Event>) -> Vec<Remark> {
    let mut standing: Vec<Remark> = Vec::new();
    for event in log {
        let id = event.target.as_ref().map(|(id, _)| *id);
        let is = |known: &Remark, about: &Wall, text: &str| {
            known.target.as_ref().map(|(id, _)| *id) == id && known.about == *about && known.text == *text
        };
        match &event.what {
            Happening::Remarked { about, text } if !standing.iter().any(|known| is(known, about, text)) => {
                standing.push(Remark { about: *about, target: event.target.clone(), text: text.clone() });
            }
            Happening::RemarkWithdrawn { about, text } => standing.retain(|known| !is(known, about, text)),
            _ => {}
        }
    }
    standing.sort_by_key(|remark| remark.about);
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(target: Option<u32>, what: Happening) -> Event {
        Event { at: Wall(9), target: target.map(|id| (TargetId(id), format!("t{id}"))), what }
    }

    fn wrote(target: Option<u32>, about: i64, text: &str) -> Event {
        event(target, Happening::Remarked { about: Wall(about), text: text.to_owned() })
    }

    fn withdrew(target: Option<u32>, about: i64, text: &str) -> Event {
        event(target, Happening::RemarkWithdrawn { about: Wall(about), text: text.to_owned() })
    }

    #[test]
    fn a_remark_stands_until_it_is_taken_back_and_only_that_one_goes() {
        let log = [
            wrote(Some(1), 5, "restarted"),
            wrote(None, 3, "restarted"),
            event(None, Happening::Stopped),
            wrote(Some(2), 5, "restarted"),
            wrote(Some(2), 5, "restarted"),
            wrote(Some(1), 5, "wrong host"),
            withdrew(Some(1), 5, "wrong host"),
            withdrew(Some(2), 5, "restarted"),
        ];
        let told: Vec<String> = remarks(&log)
            .iter()
            .map(|remark| {
                let whose = remark.target.as_ref().map_or("all", |(_, name)| name);
                format!("{} {whose} {}", remark.about.0, remark.text)
            })
            .collect();
        assert_eq!(told, ["3 all restarted", "5 t1 restarted"]);
        let all = &remarks(&log)[0];
        assert!(all.concerns(TargetId(1)) && all.concerns(TargetId(7)) && !remarks(&log)[1].concerns(TargetId(2)));
    }
}
