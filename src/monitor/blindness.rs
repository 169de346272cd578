//! What the monitor does about sight: seeks evidence, looks around, goes blind and comes back.

use super::health::Paths;
use super::message::Notice;
use super::moment::Moment;
use super::sight::{self, Insight};
use super::{Monitor, Purpose, agenda, snapshot};
use crate::domain::endpoint::Family;
use crate::domain::job::Phases;
use crate::domain::{
    Attempt, Endpoint, Fault, Finding, Gap, GapCause, Happening, Host, Job, Now, Order, Outcome, Path, Record, Span,
    TargetId, VantageId, Wall,
};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How old the evidence of our sight may grow while all that is watched is down anyway.
const DOWN_UNPROVEN_MAX: Duration = Duration::from_mins(1);

impl Monitor {
    /// A failure asks for evidence that we can see; the last strike opens an outage only with it.
    /// In an open outage the evidence may be older: it only tells how far a blindness reaches back.
    pub(super) fn seek_evidence(&mut self, now: Now, id: TargetId, start: Moment, paths: Paths, finding: &Finding) {
        let Some(watch) = self.watches.get(id) else { return };
        let literal = watch.target.definition.endpoints.first().and_then(|endpoint| endpoint.address.host.literal());
        let address = finding.address.or(literal);
        if watch.health.pending().is_some() {
            self.suspects.insert(id, address);
        }
        let needed = if watch.health.is_down() { start.before(DOWN_UNPROVEN_MAX) } else { start };
        for path in paths.iter().filter(|path| !self.sights[path.index()].is_proven_since(needed, address)) {
            let tried = finding.tries.iter().map(|tried| tried.address).chain(address);
            let toward = tried.into_iter().find(|&address| Path::to(address) == path);
            let wanted = &mut self.looks_wanted[path.index()];
            if wanted.is_none_or(|(_, since)| since <= needed) {
                *wanted = Some((toward.unwrap_or(some_address(path)), needed));
            }
        }
        self.judge_suspects(now);
    }

    /// Opens the outages for which all evidence is in.
    pub(super) fn judge_suspects(&mut self, now: Now) {
        if self.suspects.is_empty() {
            return;
        }
        for (id, address) in self.suspects.clone() {
            let Some((strike, paths)) = self.watches.get(id).and_then(|watch| watch.health.pending()) else {
                self.suspects.remove(&id);
                continue;
            };
            if paths.iter().all(|path| self.sights[path.index()].is_proven_since(strike, address)) {
                self.confirm(now, id);
            }
        }
    }

    /// Whether a look is wanted or under way.
    pub(super) fn is_looking(&self) -> bool {
        self.looks_wanted.iter().any(Option::is_some) || self.sights.iter().any(sight::Sight::is_looking)
    }

    /// Starts the looks that are wanted, and ends those that take too long.
    pub(super) fn look_around(&mut self, now: Now) {
        let moment = Moment::at(now);
        for path in Path::ALL {
            let insight = self.sights[path.index()].tick(moment, now.mono);
            self.learn(now, path, insight);
            let Some((toward, since)) = self.looks_wanted[path.index()] else { continue };
            let sight = &self.sights[path.index()];
            if sight.is_proven_since(since, Some(toward)) {
                self.looks_wanted[path.index()] = None;
            } else if sight.may_look(moment, now.mono) {
                self.look(now, path, toward);
            }
        }
    }

    fn look(&mut self, now: Now, path: Path, toward: IpAddr) {
        let myself = self.next_attempt(Purpose::Look(path));
        self.journal.order(Order::SelfCheck { attempt: myself, toward });
        let asked: Vec<Endpoint> =
            self.settings.canaries.iter().filter(|canary| goes_by(canary, path)).cloned().collect();
        let mut canaries = BTreeSet::new();
        for endpoint in asked {
            let attempt = self.next_attempt(Purpose::Canary(path));
            canaries.insert(attempt);
            self.journal.order(Order::Probe(Job { attempt, endpoint, ordered: now, phases: Phases::Quiet }));
        }
        self.sights[path.index()].start_look(Moment::at(now), myself, toward, canaries);
    }

    pub(super) fn self_checked(&mut self, now: Now, attempt: Attempt, found: Result<(), Fault>) {
        let Some(Purpose::Look(path)) = self.attempts.remove(&attempt) else { return };
        if found.is_err() {
            let again = Attempt(self.last_attempt + 1);
            if let Some(witness) = self.sights[path.index()].turn_to_witness(Moment::at(now), attempt, again) {
                let again = self.next_attempt(Purpose::Look(path));
                return self.journal.order(Order::SelfCheck { attempt: again, toward: witness });
            }
        }
        let insight = self.sights[path.index()].self_checked(Moment::at(now), now.mono, attempt, found);
        self.learn(now, path, insight);
    }

    pub(super) fn canary_ended(&mut self, now: Now, path: Path, attempt: Attempt, finding: &Finding) {
        let opened = finding.tries.iter().find(|tried| tried.outcome.is_open() && Path::to(tried.address) == path);
        let opened = opened.map(|tried| tried.address).or_else(|| {
            let outcome_opened = matches!(finding.outcome, Outcome::Open(_));
            finding.address.filter(|&address| outcome_opened && Path::to(address) == path)
        });
        let insight = self.sights[path.index()].canary_ended(Moment::at(now), now.mono, attempt, opened);
        self.learn(now, path, insight);
    }

    /// Does what a new insight into our own sight asks for.
    pub(super) fn learn(&mut self, now: Now, path: Path, insight: Insight) {
        match insight {
            Insight::None => {}
            Insight::Proven => self.judge_suspects(now),
            Insight::Lost(why) => self.lose_sight(now, path, why),
            Insight::Restored { from, to } => {
                self.regain_sight(now, path, from, to);
                self.void(now, path, from, to);
                self.judge_suspects(now);
            }
            Insight::CanariesOut { from, to } => {
                self.regain_sight(now, path, from, to);
                let text = format!("no {} canary has answered for 15 minutes: judging without them", path.word());
                self.journal.tell(now.wall, None, Happening::Note(text));
                self.judge_suspects(now);
            }
        }
    }

    fn lose_sight(&mut self, now: Now, path: Path, why: String) {
        let sight = &mut self.sights[path.index()];
        let from = sight.newest_proof().unwrap_or(self.born);
        sight.date_back(from);
        self.blind_why[path.index()].clone_from(&why);
        self.journal.tell(now.wall, None, Happening::Blind { why: format!("{}: {why}", path.word()) });
        let blind = self.sights.iter().filter(|sight| sight.is_blind()).count();
        if blind == 1 {
            self.journal.announce(Notice::Blind(why));
        }
        self.save_blindness(now.wall);
        self.hide(now, path, from);
        self.version += 1;
    }

    /// Nothing that goes this way can be seen since then.
    fn hide(&mut self, now: Now, path: Path, from: Moment) {
        let gap = blind_gap(path, from.wall, Wall(i64::MAX));
        for watch in self.watches.values_mut() {
            watch.lose_sight(now.wall, from, gap);
        }
        for recent in self.shelf.values_mut() {
            recent.gap(gap, now.wall);
        }
    }

    /// Targets that are taken up while nothing can be seen cannot be seen either.
    pub(super) fn stay_blind(&mut self, now: Now) {
        for path in Path::ALL {
            if let Some(from) = self.sights[path.index()].blind_since() {
                self.hide(now, path, from);
            }
        }
    }

    fn regain_sight(&mut self, now: Now, path: Path, from: Moment, to: Moment) {
        self.looks_wanted[path.index()] = None;
        let gap = blind_gap(path, from.wall, to.wall.max(from.wall));
        self.journal.save(Record::Gap(gap));
        self.remember_gap(gap);
        for watch in self.watches.values_mut() {
            watch.recent.gap(gap, now.wall);
            watch.changed();
        }
        for recent in self.shelf.values_mut() {
            recent.gap(gap, now.wall);
        }
        self.journal.tell(now.wall, None, Happening::SightRestored { after: to.since(from) });
        if self.sights.iter().all(|sight| !sight.is_blind()) {
            self.journal.announce(Notice::Sighted);
        }
        self.version += 1;
    }

    /// Takes back the strikes of a blind time and checks those targets again soon.
    fn void(&mut self, now: Now, path: Path, from: Moment, to: Moment) {
        let mut struck = Vec::new();
        for watch in self.watches.values_mut() {
            if watch.health.void(path, from, to) {
                watch.changed();
                struck.push(watch.target.id);
            }
        }
        for (slot, id) in agenda::prompt_slots(now.mono, struck.len()).zip(struck) {
            self.agenda.hasten(id, slot);
        }
    }

    /// Saves the gap of every path that is blind, as far as it goes by now.
    pub(super) fn save_blindness(&mut self, now: Wall) {
        for gap in self.blindness(now) {
            self.journal.save(Record::Gap(gap));
        }
    }

    /// The gap of every path that is blind, as far as it goes by now.
    pub(super) fn blindness(&self, now: Wall) -> Vec<Gap> {
        let since = |path: Path| Some((path, self.sights[path.index()].blind_since()?));
        let blind = Path::ALL.into_iter().filter_map(since);
        blind.map(|(path, from)| blind_gap(path, from.wall, now.max(from.wall))).collect()
    }

    /// What a banner says about our sight.
    pub(super) fn sight(&self) -> snapshot::Sight {
        let blind = Path::ALL.into_iter().filter(|path| self.sights[path.index()].is_blind());
        let since =
            blind.clone().filter_map(|path| self.sights[path.index()].blind_since()).map(|from| from.wall).min();
        let Some(since) = since else { return snapshot::Sight::Clear };
        let why = blind.clone().map(|path| self.blind_why[path.index()].as_str()).next().unwrap_or_default();
        snapshot::Sight::Blind { since, why: why.to_owned(), scope: sight::scope(blind) }
    }
}

fn blind_gap(path: Path, from: Wall, to: Wall) -> Gap {
    let Span { from, to } = Span { from, to };
    Gap { vantage: VantageId::HERE, from, to, cause: GapCause::Blind, path: Some(path) }
}

/// Where to look when the failure named no address of that path.
const fn some_address(path: Path) -> IpAddr {
    match path {
        Path::Ipv6 => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        Path::Ipv4 | Path::Names | Path::Loopback => IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

/// Whether a canary can answer through this path.
fn goes_by(canary: &Endpoint, path: Path) -> bool {
    match (&canary.address.host, path) {
        (_, Path::Names | Path::Loopback) => false,
        (Host::Name(_), Path::Ipv4) => canary.family != Family::Ipv6,
        (Host::Name(_), Path::Ipv6) => canary.family != Family::Ipv4,
        (host, path) => host.literal().is_some_and(|address| Path::to(address) == path),
    }
}
