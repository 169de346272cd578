//! Whether we can see at all: an outage of our own must not be taken for one of the targets.

#[cfg(test)]
mod stories;

use super::moment::Moment;
use crate::domain::{Attempt, Fault, Mono, Path};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// How long a look at ourselves may take before it counts as failed.
const LOOK_TIMEOUT: Duration = Duration::from_secs(15);
/// The pause between looks while blind.
const LOOK_PAUSE: Duration = Duration::from_secs(5);
/// The least time between the starts of two looks, so that a storm of failures is no storm of looks.
const LOOK_SPACING: Duration = Duration::from_secs(1);
/// How long silent canaries are waited for: a target that answers meanwhile contradicts them.
const CANARIES_WAIT: Duration = Duration::from_secs(10);
/// Misses of the canaries further apart than this are separate incidents.
const CANARIES_INCIDENT: Duration = Duration::from_mins(1);
/// After this long without any canary, while this machine and its routes are fine, it is the
/// canaries that are out.
const CANARIES_TRUSTED: Duration = Duration::from_mins(15);

/// A moment at which this address is known to have answered.
#[derive(Clone, Copy, Debug)]
struct Proof {
    address: IpAddr,
    at: Moment,
}

/// One look at ourselves: a self-check, and all canaries of the path.
#[derive(Debug)]
struct Look {
    started: Moment,
    /// When the self-check began whose answer counts.
    asked_myself_at: Moment,
    myself: Attempt,
    /// To which address the self-check asks for a route.
    toward: IpAddr,
    route: Route,
    /// What the self-check said, once it has.
    found: Option<Result<(), Fault>>,
    /// Canaries that have not answered yet.
    canaries: BTreeSet<Attempt>,
    canaries_asked: usize,
}

/// Whose route a look asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    /// That of the target which failed.
    Suspect,
    /// That of somebody else who is known to have answered, because the suspect has none.
    Witness,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Clear,
    Blind {
        from: Moment,
        next_look: Mono,
    },
}

/// What a sign changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Insight {
    /// Nothing yet.
    None,
    /// Sight through this path is proven at that moment: strikes before it may be judged.
    Proven,
    /// Sight through this path is lost, and this is the matter.
    Lost(String),
    /// Sight came back; it had been lost since then. What was seen meanwhile is void.
    Restored { from: Moment, to: Moment },
    /// The canaries are out, not we: what was seen meanwhile counts.
    CanariesOut { from: Moment, to: Moment },
}

/// Sight through one path.
///
/// * It is *proven* for a moment by a connection to another address that started at that moment or
///   later and opened, or by a healthy look that started then or later.
/// * A look is healthy when this machine reaches itself and has a route, and, where canaries are
///   configured, one of them answers. It has failed when the machine does not, or when for ten
///   seconds neither a canary nor a target answers; a target that does contradicts the canaries.
/// * An address without a route may be alone in that: before the whole path counts as out, the route
///   to somebody who is known to have answered is asked for.
/// * Only a failed look makes us *blind*; many failing targets alone do not, they ask for a look.
/// * Blindness reaches back to the newest proof before it and lasts until the next proof. Looks
///   are repeated every five seconds meanwhile.
/// * If for 15 minutes only the canaries speak against us, they are out themselves: blindness ends,
///   and until one of them answers again their silence counts for nothing.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// The newest proofs by two different addresses, newest first.
    proofs: [Option<Proof>; 2],
    /// The start of the newest healthy look.
    healthy: Option<Moment>,
    stage: Stage,
    look: Option<Look>,
    looked_at: Option<Moment>,
    /// The newest blindness that is over.
    was_blind: Option<(Moment, Moment)>,
    /// The first and the newest look of an incident in which only the canaries spoke against us.
    canaries_missing: Option<(Mono, Mono)>,
    canaries_out: bool,
}

impl Sight {
    pub(super) fn is_blind(&self) -> bool {
        matches!(self.stage, Stage::Blind { .. })
    }

    /// Whether nothing could be seen at that moment.
    pub(super) fn was_blind_at(&self, moment: Moment) -> bool {
        self.was_blind.is_some_and(|(from, to)| from <= moment && moment < to)
    }

    /// Since when, while blind.
    pub(super) fn blind_since(&self) -> Option<Moment> {
        match self.stage {
            Stage::Blind { from, .. } => Some(from),
            Stage::Clear => None,
        }
    }

    /// The newest moment at which anything proves sight.
    pub(super) fn newest_proof(&self) -> Option<Moment> {
        self.proofs[0].map(|proof| proof.at).max(self.healthy)
    }

    /// Whether sight is proven at or after `moment`, by something other than `address`.
    pub(super) fn is_proven_since(&self, moment: Moment, address: Option<IpAddr>) -> bool {
        let others = self.proofs.iter().flatten().filter(|proof| Some(proof.address) != address);
        !self.is_blind() && others.map(|proof| proof.at).max().max(self.healthy).is_some_and(|at| at >= moment)
    }

    /// A connection that started at `at` reached `address`.
    pub(super) fn reached(&mut self, address: IpAddr, at: Moment) -> Insight {
        let proof = Some(Proof { address, at });
        match self.proofs {
            [Some(first), _] if first.address == address => {
                if at > first.at {
                    self.proofs[0] = proof;
                }
            }
            [Some(first), second] if at < first.at => {
                if second.is_none_or(|second| at > second.at) {
                    self.proofs[1] = proof;
                }
            }
            [first, _] => self.proofs = [proof, first],
        }
        self.see(at)
    }

    /// Sight is proven at `at`: ends a blindness that began before.
    fn see(&mut self, at: Moment) -> Insight {
        match self.stage {
            Stage::Blind { from, .. } if at >= from => {
                self.stage = Stage::Clear;
                self.was_blind = Some((from, at));
                Insight::Restored { from, to: at }
            }
            Stage::Blind { .. } => Insight::None,
            Stage::Clear => Insight::Proven,
        }
    }

    /// Whether a look is under way.
    pub(super) fn is_looking(&self) -> bool {
        self.look.is_some()
    }

    /// Whether a look may start now: none is under way, and the pause since the one before is over.
    pub(super) fn may_look(&self, now: Moment, mono: Mono) -> bool {
        self.look.is_none()
            && match self.stage {
                Stage::Clear => self.looked_at.is_none_or(|looked| now.since(looked) >= LOOK_SPACING),
                Stage::Blind { next_look, .. } => next_look <= mono,
            }
    }

    pub(super) fn start_look(&mut self, started: Moment, myself: Attempt, toward: IpAddr, canaries: BTreeSet<Attempt>) {
        let canaries_asked = canaries.len();
        self.looked_at = Some(started);
        let route = Route::Suspect;
        let asked_myself_at = started;
        self.look =
            Some(Look { started, asked_myself_at, myself, toward, route, found: None, canaries, canaries_asked });
    }

    /// Asks about a witness in place of the suspect, whose self-check has failed. Returns where the
    /// next one, numbered `again`, has to look; `None` if nobody else ever answered.
    /// What that one finds is evidence from `now` on, not from the start of the look.
    pub(super) fn turn_to_witness(&mut self, now: Moment, failed: Attempt, again: Attempt) -> Option<IpAddr> {
        let look = self.look.as_mut().filter(|look| look.myself == failed && look.route == Route::Suspect)?;
        let mut known = self.proofs.iter().flatten().map(|proof| proof.address);
        let witness = known.find(|address| *address != look.toward)?;
        (look.myself, look.asked_myself_at, look.route) = (again, now, Route::Witness);
        Some(witness)
    }

    /// Forgets a look that is under way: we stood still, and what it finds would be about that.
    pub(super) fn drop_look(&mut self) {
        self.look = None;
    }

    /// A self-check has ended.
    pub(super) fn self_checked(
        &mut self,
        now: Moment,
        mono: Mono,
        attempt: Attempt,
        found: Result<(), Fault>,
    ) -> Insight {
        match &mut self.look {
            Some(look) if look.myself == attempt => look.found = Some(found),
            _ => return Insight::None,
        }
        self.weigh(now, mono)
    }

    /// A canary has ended; `opened` if it answered through this path.
    pub(super) fn canary_ended(
        &mut self,
        now: Moment,
        mono: Mono,
        attempt: Attempt,
        opened: Option<IpAddr>,
    ) -> Insight {
        let Some(look) = &mut self.look else { return Insight::None };
        if !look.canaries.remove(&attempt) {
            return Insight::None;
        }
        let started = look.started;
        match opened {
            Some(address) => {
                self.canaries_out = false;
                self.canaries_missing = None;
                self.healthy = self.healthy.max(Some(started));
                look.canaries.clear();
                let seen = self.reached(address, started);
                if seen == Insight::None { self.see(started) } else { seen }
            }
            None => self.weigh(now, mono),
        }
    }

    /// Ends a look that takes too long, or whose canaries were waited for.
    pub(super) fn tick(&mut self, now: Moment, mono: Mono) -> Insight {
        let Some(look) = &mut self.look else { return Insight::None };
        if now.since(look.started) >= LOOK_TIMEOUT {
            look.found.get_or_insert(Err(Fault::Stalled));
            look.canaries.clear();
        }
        self.weigh(now, mono)
    }

    /// Judges the look under way, if all that matters is in.
    fn weigh(&mut self, now: Moment, mono: Mono) -> Insight {
        let Some(look) = &self.look else { return Insight::None };
        let (started, asked_myself_at, asked) = (look.started, look.asked_myself_at, look.canaries_asked);
        let insight = match look.found {
            None => return Insight::None,
            Some(_) if self.healthy.is_some_and(|healthy| healthy >= started) => Insight::None,
            Some(Err(fault)) => self.lose(now, mono, fault.sentence().to_owned()),
            Some(Ok(())) if asked == 0 || self.canaries_out => {
                self.healthy = self.healthy.max(Some(asked_myself_at));
                self.see(asked_myself_at)
            }
            Some(Ok(())) if !look.canaries.is_empty() => return Insight::None,
            Some(Ok(())) if self.proofs[0].is_some_and(|proof| proof.at >= started) => {
                self.miss_canaries(mono);
                Insight::None
            }
            Some(Ok(())) if now.since(started) < CANARIES_WAIT => return Insight::None,
            Some(Ok(())) => self.doubt_canaries(now, mono, asked),
        };
        self.look = None;
        insight
    }

    /// Notes that no canary answers. Returns for how long that has been so.
    fn miss_canaries(&mut self, mono: Mono) -> Duration {
        let since = match self.canaries_missing {
            Some((since, newest)) if mono.since(newest) <= CANARIES_INCIDENT => since,
            _ => mono,
        };
        self.canaries_missing = Some((since, mono));
        mono.since(since)
    }

    /// This machine and its routes are fine, no canary answers, and no target either.
    fn doubt_canaries(&mut self, now: Moment, mono: Mono, asked: usize) -> Insight {
        let missing = self.miss_canaries(mono);
        if let Stage::Blind { from, .. } = self.stage
            && missing >= CANARIES_TRUSTED
        {
            self.canaries_out = true;
            self.stage = Stage::Clear;
            self.healthy = self.healthy.max(Some(now));
            return Insight::CanariesOut { from, to: now };
        }
        let why = match asked {
            1 => "the canary does not answer".to_owned(),
            _ => format!("none of {asked} canaries answers"),
        };
        self.lose(now, mono, why)
    }

    fn lose(&mut self, now: Moment, mono: Mono, why: String) -> Insight {
        let next_look = mono + LOOK_PAUSE;
        let (from, insight) = match self.stage {
            Stage::Blind { from, .. } => (from, Insight::None),
            Stage::Clear => (now, Insight::Lost(why)),
        };
        self.stage = Stage::Blind { from, next_look };
        insight
    }

    /// Dates a blindness that has just been found back to when it began.
    pub(super) fn date_back(&mut self, moment: Moment) {
        if let Stage::Blind { from, .. } = &mut self.stage {
            *from = moment.min(*from);
        }
    }
}

/// The IPv4, IPv6, names and loopback paths in words, for a banner.
pub(super) fn scope(paths: impl Iterator<Item = Path>) -> String {
    paths.map(Path::word).collect::<Vec<_>>().join(" and ")
}
