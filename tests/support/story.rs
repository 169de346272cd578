//! A target that is dark in some minutes, what is planned for it, and what comes of both.

use crate::table::definition;
use crate::world::{Network, Time, WALL_AT_START, World, finding};
use portpulse::domain::schedule::{Scope, When};
use portpulse::domain::{
    Clocked, Failure, Fault, Finding, Happening, Job, Maintenance, Outcome, Path, Place, Reason, Schedule, Span,
    TargetId, Timing, Wall,
};
use portpulse::monitor::{Command, Notice, Reply, Settings};
use std::ops::Range;
use std::time::Duration;

pub const MINUTE: Time = 60_000;
pub const TARGET: TargetId = TargetId(1);

/// Refuses connections in some minutes, and answers in all others.
pub struct Dark(pub Vec<Range<Time>>);

impl Network for Dark {
    fn answer(&mut self, job: &Job, start: Time) -> (Finding, Time) {
        let timing = Timing { connect: Duration::from_millis(3), clocked: Clocked::Kernel, syn_lost: 0 };
        let (reason, after) = (Reason::Refused, Duration::from_millis(2));
        let failure = Failure { reason, place: Place::Later, errno: None, name: None, after, syn_lost: 0 };
        let is_dark = self.0.iter().any(|minutes| minutes.contains(&(start / MINUTE)));
        let outcome = if is_dark { Outcome::Failed(failure) } else { Outcome::Open(timing) };
        (finding(job.endpoint.address.host.literal(), None, outcome), 3)
    }

    fn self_check(&mut self, _: Path, _: Time) -> Result<(), Fault> {
        Ok(())
    }
}

/// The wall clock of a world whose clock was never put, in minutes.
pub fn wall(minute: Time) -> Wall {
    Wall(WALL_AT_START + i64::try_from(minute * MINUTE).expect("small"))
}

pub fn span(from: Time, to: Time) -> Span {
    Span { from: wall(from), to: wall(to) }
}

/// Maintenance of all targets from one minute to another.
pub fn once(from: Time, to: Time) -> Schedule {
    Schedule { title: "switch".to_owned(), scope: Scope::Everything, when: When::Once(span(from, to)) }
}

pub struct Story {
    pub world: World<Dark>,
}

impl Story {
    /// One target that is dark in these minutes, and what is planned.
    pub fn new(dark: Range<Time>, planned: Vec<Schedule>) -> Self {
        let settings = Settings { maintenance: planned, ..Settings::default() };
        let mut world = World::new(Dark(Vec::from([dark])), settings, vec![definition("10.0.0.1:5432")]);
        world.start();
        Self { world }
    }

    pub fn until(&mut self, minute: Time) {
        self.world.run_until(minute * MINUTE);
    }

    /// Another plan is read from the file.
    pub fn plan(&mut self, planned: Vec<Schedule>) {
        self.world.settings.maintenance = planned;
        self.world.declare(self.world.file.clone());
    }

    /// Asks for something and lets a second pass for the answer.
    pub fn ask(&mut self, command: Command) -> Reply {
        let request = self.world.ask(command);
        self.world.run_until(self.world.time + 1_000);
        self.world.log.replies.remove(&request).expect("a reply")
    }

    pub fn away(&mut self, minutes: Time) {
        self.world.kill();
        self.world.run_until(self.world.time + minutes * MINUTE);
        self.world.start();
    }

    /// Who was called, with the minute.
    pub fn called(&self) -> String {
        let notices = self.world.log.notices.iter().filter_map(|(time, notice)| match notice {
            Notice::Down(_) => Some(format!("down {}", time / MINUTE)),
            Notice::Up(_) => Some(format!("up {}", time / MINUTE)),
            Notice::Blind(_) | Notice::Sighted => None,
        });
        notices.collect::<Vec<_>>().join(", ")
    }

    /// What was written into the log about maintenance and outages, with the minute of the wall clock.
    pub fn lines(&self) -> String {
        let lines = self.world.kept.archive.events.iter().filter_map(|event| {
            let what = match &event.what {
                Happening::MaintenanceBegan { .. } => "began",
                Happening::MaintenanceEnded { .. } => "ended",
                Happening::MaintenanceWithdrawn { .. } => "withdrawn",
                Happening::MaintenanceDeclared { .. } => "declared",
                Happening::Down { .. } => "down",
                Happening::StillDown { .. } => "still down",
                Happening::Up { .. } => "up",
                _ => return None,
            };
            Some(format!("{what} {}", (event.at.0 - WALL_AT_START).div_euclid(60_000)))
        });
        lines.collect::<Vec<_>>().join(", ")
    }

    /// The maintenance that the target shows.
    pub fn shown(&mut self) -> Option<Span> {
        let view = self.world.snapshot().targets.first().cloned();
        view.and_then(|view| view.maintenance.as_ref().map(|it: &std::sync::Arc<Maintenance>| it.span))
    }

    /// The share of the last 24 hours that the target was up, in thousandths.
    pub fn uptime(&mut self) -> Option<u32> {
        let share = self.world.snapshot().targets[0].day.uptime.share()?;
        Some((share * 1_000.0).round() as u32)
    }
}
