//! Which targets a filter lets through: words that must occur, words that must not, and facts by name.

use super::group;
use super::standing::Standing;
use crate::domain::{Closing, Outage, Outcome, Reason};
use crate::monitor::TargetView;
use crate::words::cause;

/// A filter as it was typed and as it is applied.
///
/// All words must match. `a|b` is either, `!x` is not. A word matches a part of name, host, port or tag
/// without regard to case; `state:`, `tag:`, `port:`, `host:`, `name:` and `reason:` ask for one fact.
/// `up`, `down` and the other standings are facts where they stand behind `!`, so that `!up` shows
/// everything that is not up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    all: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    sense: Sense,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    Is,
    IsNot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Anywhere(String),
    Name(String),
    Host(String),
    Port(String),
    Tag(String),
    Reason(String),
    State(String),
}

impl Filter {
    /// Reads a filter; every text is one.
    pub fn new(text: &str) -> Self {
        let alternatives = |word: &str| word.split('|').filter_map(term).collect::<Vec<_>>();
        let all = text.split_whitespace().map(alternatives).filter(|terms| !terms.is_empty()).collect();
        Self { text: text.trim().to_owned(), all }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets everything through.
    pub const fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether it asks for facts that change with every check, so that it must be applied again with
    /// every picture.
    pub fn follows_state(&self) -> bool {
        self.all.iter().flatten().any(|term| matches!(term.test, Test::State(_) | Test::Reason(_)))
    }

    /// Whether it lets a target through.
    pub fn admits(&self, view: &TargetView) -> bool {
        self.all.iter().all(|any| any.iter().any(|term| term.test.holds(view) == (term.sense == Sense::Is)))
    }

    /// Whether it lets an outage through; `view` is its target, if that is still watched. Words are looked for
    /// in the name, the reason, the addresses and the tags; `state:` asks whether it is open, over, closed,
    /// paused or removed.
    pub fn admits_outage(&self, outage: &Outage, view: Option<&TargetView>) -> bool {
        let holds = |test: &Test| match test {
            Test::Anywhere(part) => {
                has(&outage.name, part) || is_reason(outage.reason, part) || view.is_some_and(|view| test.holds(view))
            }
            Test::Name(part) => has(&outage.name, part),
            Test::Reason(part) => is_reason(outage.reason, part),
            Test::State(name) => states(outage).iter().any(|state| state.starts_with(name.as_str())),
            Test::Host(_) | Test::Port(_) | Test::Tag(_) => view.is_some_and(|view| test.holds(view)),
        };
        self.all.iter().all(|any| any.iter().any(|term| holds(&term.test) == (term.sense == Sense::Is)))
    }

    /// Whether it lets something through that is no target: its words are looked for in the text, a fact
    /// about the state of a target holds for none.
    pub fn admits_words(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let holds = |test: &Test| match test {
            Test::Anywhere(word) | Test::Name(word) | Test::Host(word) | Test::Reason(word) => text.contains(word),
            Test::Port(_) | Test::Tag(_) | Test::State(_) => false,
        };
        self.all.iter().all(|any| any.iter().any(|term| holds(&term.test) == (term.sense == Sense::Is)))
    }
}

/// Whether a text contains a part that is in lower case.
fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(part)
}

fn is_reason(reason: Reason, part: &str) -> bool {
    has(reason.word(), part) || has(reason.sentence(), part) || has(&cause(reason), part)
}

/// What can be said of how an outage stands.
const fn states(outage: &Outage) -> &'static [&'static str] {
    match outage.closing {
        None => &["open", "ongoing", "down"],
        Some(Closing::Recovered { .. }) => &["over", "closed", "up"],
        Some(Closing::EndNotSeen { .. }) => &["over", "closed", "up", "unseen"],
        Some(Closing::Paused(_)) => &["paused", "closed"],
        Some(Closing::Removed(_)) => &["removed", "closed"],
    }
}

fn term(word: &str) -> Option<Term> {
    let (sense, word) = match word.strip_prefix('!') {
        Some(rest) => (Sense::IsNot, rest),
        None => (Sense::Is, word),
    };
    let word = word.to_lowercase();
    let test = match word.split_once(':') {
        Some((_, "")) => return None,
        Some(("state", value)) => Test::State(value.to_owned()),
        Some(("tag", value)) => Test::Tag(value.to_owned()),
        Some(("port", value)) => Test::Port(value.to_owned()),
        Some(("host", value)) => Test::Host(value.to_owned()),
        Some(("name", value)) => Test::Name(value.to_owned()),
        Some(("reason", value)) => Test::Reason(value.to_owned()),
        _ if word.is_empty() => return None,
        _ if sense == Sense::IsNot && Standing::named(&word).is_some() => Test::State(word),
        _ => Test::Anywhere(word),
    };
    Some(Term { sense, test })
}

impl Test {
    fn holds(&self, view: &TargetView) -> bool {
        let definition = &view.target.definition;
        let host = |part: &str| definition.endpoints.iter().any(|at| has(&at.address.host.to_string(), part));
        match self {
            Self::Anywhere(part) => {
                has(&definition.name, part)
                    || definition.endpoints.iter().any(|at| has(&at.address.to_string(), part))
                    || definition.tags.iter().any(|tag| has(tag, part))
            }
            Self::Name(part) => has(&definition.name, part),
            Self::Host(part) => host(part),
            Self::Port(port) => definition.endpoints.iter().any(|at| at.address.port.to_string() == *port),
            Self::Tag(tag) => definition.tags.iter().any(|have| have.to_lowercase() == *tag),
            Self::State(name) => Standing::of(view).name().starts_with(name.as_str()),
            Self::Reason(part) => {
                let members = group::members(view).filter_map(|(_, member)| member?.latest.as_ref());
                view.latest.iter().chain(members).any(|latest| match latest.check.outcome {
                    Outcome::Open(_) => false,
                    Outcome::Failed(failure) => is_reason(failure.reason, part),
                    Outcome::Inconclusive(fault) => has(fault.word(), part) || has(fault.sentence(), part),
                })
            }
        }
    }
}
