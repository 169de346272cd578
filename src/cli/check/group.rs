//! The targets of a check as one group: what each of its rounds comes to.

use super::Exit;
use crate::domain::{Endpoint, Evaluation, Finding};
use crate::evaluate::{self, Ping, Standing, Verdict};

/// A group that is checked once or a few times, and forgotten.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) evaluation: Evaluation,
}

/// How many rounds came to what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdicts {
    down: u32,
    unknown: u32,
    all: u32,
}

impl Group {
    /// What a round comes to whose checks found this, in the order of the endpoints; nothing if they do not tell.
    pub(super) fn judge(&self, endpoints: &[Endpoint], found: &[Option<Finding>]) -> Option<Verdict> {
        let member = |(endpoint, finding): (&Endpoint, &Option<Finding>)| {
            let ping = |finding: &Finding| Ping::of(endpoint, &finding.outcome, finding.dns, finding.address);
            evaluate::Member { ping: finding.as_ref().and_then(ping), weight: endpoint.weight }
        };
        let members: Vec<evaluate::Member> = endpoints.iter().zip(found).map(member).collect();
        evaluate::judge(&self.evaluation, None, &members)
    }
}

impl Verdicts {
    pub(super) fn add(&mut self, verdict: Option<&Verdict>) {
        self.all += 1;
        match verdict.map(|verdict| verdict.standing) {
            Some(Standing::Up | Standing::Degraded) => {}
            Some(Standing::Down) => self.down += 1,
            Some(Standing::Maintenance) | None => self.unknown += 1,
        }
    }

    /// How it went: down in a round, unknown in one, or always enough to work with.
    pub(super) const fn exit(self) -> Exit {
        match self {
            Self { down: 1.., .. } => Exit::Failed,
            Self { unknown: 0, all: 1.., .. } => Exit::Fine,
            Self { .. } => Exit::Inconclusive,
        }
    }
}
