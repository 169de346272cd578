//! The pure monitor: it decides what to check, when, and what the answers mean.

mod adopt;
mod agenda;
mod as_of;
mod blindness;
mod catalog;
mod commands;
mod elsewhere;
mod health;
mod instant;
mod journal;
mod left;
mod maintenance;
mod members;
pub mod message;
mod moment;
mod recent;
mod regroup;
mod remarks;
mod renaming;
mod retention;
mod roster;
mod round;
mod rounds;
pub mod settings;
mod sight;
pub mod snapshot;
mod start;
mod time;
pub mod views;
mod watch;
mod watches;

pub use as_of::{as_of, checks_needed, gaps_as_of, telling_from};
pub use message::{Change, Command, Declared, Effect, Input, Named, Notice, Recording, Refusal, Reply, RequestId};
pub use round::as_expected;
pub use settings::Settings;
pub use snapshot::{Mark, Sight, Snapshot, Soft, State, TargetView};
pub use views::Views;

use crate::domain::{
    Attempt, Fault, Finding, Gap, Happening, Mono, Now, Path, Record, Schedule, TargetId, job::Health, text::clean,
};
use agenda::Agenda;
use catalog::Catalog;
use commands::Pending;
use instant::Instants;
use journal::Journal;
use maintenance::Timetable;
use moment::Moment;
use recent::Recent;
use retention::Retention;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watches::Watches;

/// How long a note from outside may be, in characters.
const NOTE_MAX: usize = 1_000;

/// What an attempt is for.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Round(TargetId),
    Script(TargetId),
    Instant,
    Canary(Path),
    Look(Path),
}

/// The owner of every decision: no I/O, no clock, no threads. What happens comes in through
/// [`Monitor::handle`], what is wanted goes out as effects, in order.
///
/// It only routes: the rules are in the machines. `agenda` knows whose turn it is, `health` what
/// checks mean for a target, `sight` whether we can see at all, `catalog` who is who, `recent` and
/// [`crate::window`] what was up for how long, `retention` what may be dropped, `maintenance` when
/// nobody is to be called.
#[derive(Debug)]
pub struct Monitor {
    settings: Settings,
    version: u64,
    /// When this run began.
    born: Moment,
    /// The newest moment that anything happened.
    heard: Now,
    catalog: Catalog,
    /// The active targets.
    watches: Watches,
    /// The last day of targets that were removed, should they come back.
    shelf: BTreeMap<TargetId, Recent>,
    agenda: Agenda,
    attempts: BTreeMap<Attempt, Purpose>,
    last_attempt: u64,
    last_outage: u64,
    sights: [sight::Sight; 4],
    /// For each path: where to look and since when it has to be proven.
    looks_wanted: [Option<(IpAddr, Moment)>; 4],
    /// What the matter is with each path, while it is blind.
    blind_why: [String; 4],
    /// Targets whose last strike waits for evidence, and the address that failed.
    suspects: BTreeMap<TargetId, Option<IpAddr>>,
    /// Gaps that reach into the last day, oldest first.
    gaps: Vec<Gap>,
    retention: Retention,
    timetable: Timetable,
    alive_at: Mono,
    pending: BTreeMap<RequestId, Pending>,
    /// What targets were called that were seen before their history was there; empty in most runs.
    former: BTreeMap<TargetId, TargetId>,
    /// What maintenance was planned for targets by name before they were removed, as it has stood since.
    unnamed: BTreeMap<TargetId, Vec<Schedule>>,
    instants: Instants,
    /// Faults of our own that were told, and when each was last met.
    faults: BTreeMap<Fault, Mono>,
    recording: Recording,
    prober: Health,
    skipped_turns: u64,
    checks_per_second: f32,
    configuration_error: Option<String>,
    journal: Journal,
    /// When and where the slow sweep over stale strips goes on.
    sweep_at: Mono,
    swept: usize,
}

impl Monitor {
    /// Takes notice of one thing that happened and appends what is wanted because of it.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        self.keep_time(now);
        self.keep_maintenance(now);
        match input {
            Input::Wake => {}
            Input::Phase(attempt, phase) => self.phase(attempt, phase),
            Input::Probed(attempt, finding) => self.probed(now, attempt, finding),
            Input::Evaluated(attempt, answer) => self.evaluated(now, attempt, answer),
            Input::SelfChecked(attempt, found) => self.self_checked(now, attempt, found),
            Input::ProberHealth(health) => {
                if health != self.prober {
                    self.prober = health;
                    self.version += 1;
                }
            }
            Input::Asked(request, command) => self.asked(now, request, command),
            Input::Written(request, result) => self.written(now, request, result),
            Input::Declared(declared) => self.declared(now, declared),
            Input::Recalled(endpoint, checks) => self.recalled(now, endpoint, &checks),
            Input::Recording(recording) => self.record(now, recording),
            Input::Opened(resumed, batches) => self.opened(now, *resumed, batches),
            Input::Noted(text) => {
                self.journal.tell(now.wall, None, Happening::Note(clean(&text, NOTE_MAX)));
                self.version += 1;
            }
            Input::Stopping => {
                self.journal.tell(now.wall, None, Happening::Stopped);
                self.journal.save(Record::Alive(now.wall));
                return self.journal.drain(effects);
            }
        }
        self.work(now);
        self.journal.drain(effects);
    }

    /// When to call [`Monitor::handle`] with [`Input::Wake`] at the latest.
    pub fn wake_at(&self) -> Option<Mono> {
        let maintenance = self.heard.mono + self.timetable.next().since(self.heard.wall);
        let chores = self.alive_at.min(self.retention.next()).min(maintenance);
        let Some(turn) = self.agenda.first() else { return Some(agenda::slot_from(chores)) };
        let pulse = self.heard.mono + time::PULSE;
        Some(agenda::slot_from(turn.min(pulse).min(chores)))
    }

    /// Grows whenever a snapshot would show something new.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// Everything that a front end shows, at this moment.
    pub fn snapshot(&mut self, now: Now) -> Snapshot {
        Snapshot {
            version: self.version,
            at: now,
            targets: self.watches.views(),
            sight: self.sight(),
            recording: self.recording.clone(),
            events: self.journal.events(),
            ad_hoc: self.instants.view(),
            prober: self.prober,
            checks_per_second: self.checks_per_second,
            skipped_turns: self.skipped_turns,
            configuration_error: self.configuration_error.clone(),
        }
    }

    fn probed(&mut self, now: Now, attempt: Attempt, finding: Finding) {
        match self.attempts.remove(&attempt) {
            Some(Purpose::Round(id)) => self.check_ended(now, id, attempt, finding),
            Some(Purpose::Instant) => self.instant_ended(attempt, finding),
            Some(Purpose::Canary(path)) => self.canary_ended(now, path, attempt, &finding),
            Some(Purpose::Look(_) | Purpose::Script(_)) | None => {}
        }
    }

    fn next_attempt(&mut self, purpose: Purpose) -> Attempt {
        self.last_attempt += 1;
        let attempt = Attempt(self.last_attempt);
        self.attempts.insert(attempt, purpose);
        attempt
    }

    fn record(&mut self, now: Now, recording: Recording) {
        match (&self.recording, &recording) {
            (Recording::Failing { .. }, Recording::Recording | Recording::Temporary) => {
                let lost = if let Recording::Failing { lost, .. } = self.recording { lost } else { 0 };
                self.journal.tell(now.wall, None, Happening::RecordingAgain { lost });
            }
            (Recording::Recording | Recording::Temporary, Recording::Failing { why, .. }) => {
                self.journal.tell(now.wall, None, Happening::NotRecording { why: why.clone() });
            }
            _ => {}
        }
        if recording != self.recording {
            self.recording = recording;
            self.version += 1;
        }
    }

    /// Whatever is due: turns, looks, proof of life, pruning, stale strips.
    fn work(&mut self, now: Now) {
        self.keep_maintenance(now);
        self.take_turns(now);
        if self.is_looking() {
            self.look_around(now);
        }
        self.prove_life(now);
        if let Some(due) = self.retention.take_due(now, &self.settings) {
            let kept = |id: &TargetId| self.catalog.is_kept(*id, now.wall);
            self.shelf.retain(|id, _| kept(id));
            self.journal.want(Effect::Prune {
                checks_before: due.checks,
                exact_before: due.exact,
                outages_before: due.outages,
                summaries_before: due.summaries,
                removed_before: due.removed,
            });
        }
        self.sweep(now);
    }
}
