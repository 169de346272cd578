//! A session at the screen: keys go in, pictures come out, and a small stand-in answers as the engine would.

use super::evidence;
use super::history;
use super::pictures::{self, NOW};
use portpulse::domain::maintenance::{Origin, of_target};
use portpulse::domain::{
    AdHoc, Definition, Event, Happening, Maintenance, MaintenanceOf, Now, Phase, Span, Target, TargetId, Wall,
};
use portpulse::engine::query::{AsOf, Depth, Extent};
use portpulse::engine::{Answer, Query};
use portpulse::monitor::snapshot::{AdHocView, Finished, Running};
use portpulse::monitor::{Command, Reply, Snapshot, State, TargetView};
use portpulse::tui::model::Model;
use portpulse::tui::{Intent, Msg, Settings, update};
use std::sync::Arc;
use std::time::Duration;

/// A person at a terminal of some size.
pub struct Session {
    /// What the screen is a function of.
    pub model: Model,
    columns: u16,
    rows: u16,
    snapshot: Snapshot,
    removed: Vec<Arc<TargetView>>,
    newest: u32,
    /// What the screen wanted of the shell, the answered questions left out.
    pub wanted: Vec<Intent>,
    /// What was asked of the engine.
    pub commands: Vec<Command>,
    outages: Vec<portpulse::domain::Outage>,
    maintenance: Vec<MaintenanceOf>,
    past: Past,
}

/// How things stood at a moment, made from how they stand now.
pub type Past = Box<dyn Fn(&Snapshot, Wall, Depth) -> AsOf>;

/// A past in which everything was as it is now, and something changed every hour.
fn the_same(now: &Snapshot, at: Wall, depth: Depth) -> AsOf {
    let picture = Snapshot { at: Now { wall: at, ..now.at }, ..now.clone() };
    let (before, after) = (Wall(at.0 - 3_600_000), Wall(at.0 + 3_600_000));
    AsOf {
        at,
        depth,
        picture: Some(picture.into()),
        begins: None,
        before: Some(before),
        after: Some(after),
        forgotten: 0,
    }
}

impl Session {
    /// A session that shows this snapshot.
    pub fn new(settings: Settings, snapshot: Snapshot, columns: u16, rows: u16) -> Self {
        let model = Model::new(settings);
        let outages = history::day();
        let mut session = Self {
            model,
            columns,
            rows,
            snapshot,
            removed: Vec::new(),
            newest: 1_000,
            wanted: Vec::new(),
            commands: Vec::new(),
            outages,
            maintenance: Vec::new(),
            past: Box::new(the_same),
        };
        session.happens(Msg::Resized(columns, rows)).happens(Msg::Clock(NOW)).publish();
        session
    }

    /// The same with these outages in the store.
    pub fn with_outages(mut self, outages: Vec<portpulse::domain::Outage>) -> Self {
        self.outages = outages;
        self
    }

    /// The same with this past in the store.
    pub fn with_past(mut self, past: Past) -> Self {
        self.past = past;
        self
    }

    /// Presses keys, written as [`pictures::press`] reads them.
    /// What each key wants is answered before the next.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let end = if first == '<' { rest.find('>').map_or(1, |end| end + 1) } else { first.len_utf8() };
            let (key, after) = rest.split_at(end);
            let intents = pictures::press(&mut self.model, key);
            self.serve(intents);
            rest = after;
        }
        self
    }

    /// Something else happens.
    pub fn happens(&mut self, msg: Msg) -> &mut Self {
        let intents = update(&mut self.model, msg);
        self.serve(intents);
        self
    }

    /// So much time passes.
    pub fn passes(&mut self, time: Duration) -> &mut Self {
        let later = Wall(self.model.clock.0 + i64::try_from(time.as_millis()).expect("a short time"));
        self.happens(Msg::Clock(later))
    }

    /// The snapshot changes.
    pub fn change(&mut self, change: impl FnOnce(&mut Snapshot)) -> &mut Self {
        change(&mut self.snapshot);
        self.publish()
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        pictures::render(&self.model, self.columns, self.rows)
    }

    /// The screen as text, and below it the roles of the rows that are not plain.
    pub fn picture(&self) -> String {
        let styles = pictures::styles(&self.model, self.columns, self.rows);
        let roles: Vec<String> = styles
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(row, line)| format!("{row:>2} {line}"))
            .collect();
        format!("{}~\n{}", self.screen(), roles.join("\n"))
    }

    /// The row of the screen that contains a text.
    pub fn row(&self, text: &str) -> String {
        let screen = self.screen();
        let row = screen.lines().find(|line| line.contains(text));
        row.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{screen}")).to_owned()
    }

    /// Fails with the screen if a text is not on it.
    pub fn shows(&self, text: &str) -> &Self {
        self.row(text);
        self
    }

    /// Fails with the screen if a text is on it.
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.screen().contains(text), "{text:?} is on the screen:\n{}", self.screen());
        self
    }

    fn publish(&mut self) -> &mut Self {
        self.snapshot.version += 1;
        let snapshot = Arc::new(self.snapshot.clone());
        self.happens(Msg::Snapshot(snapshot))
    }

    fn serve(&mut self, intents: Vec<Intent>) {
        for intent in intents {
            match intent {
                Intent::Query(number, query) => {
                    let answer = self.answer(query);
                    self.happens(Msg::Answered(number, answer));
                }
                Intent::Ask(number, command) => {
                    let reply = self.carry_out(&command);
                    self.commands.push(command);
                    self.publish();
                    self.happens(Msg::Replied(number, reply));
                }
                other => self.wanted.push(other),
            }
        }
    }

    fn answer(&self, query: Query) -> Answer {
        match query {
            Query::Detail { target, endpoint, span, columns } => {
                let mut detail = history::detail(target.0, usize::from(columns));
                (detail.span, detail.endpoint) = (Some(span), endpoint);
                detail.maintenance = of_target(&self.maintenance, target).into_iter().cloned().collect();
                Answer::Detail(Box::new(detail))
            }
            Query::Uptimes { target, until } => Answer::Uptimes(Box::new(history::uptimes(target, until))),
            Query::AsOf(at, depth) => Answer::AsOf(Box::new((self.past)(&self.snapshot, at, depth))),
            Query::Outages(_) => Answer::Outages(self.outages.clone()),
            Query::OutageAsOf(id, at) => {
                let found = self.outages.iter().find(|outage| outage.id == id).and_then(|outage| outage.as_of(at));
                Answer::Outage(found.map(|outage| Box::new(evidence::incident(&outage, &self.snapshot.events, at))))
            }
            Query::Outage(id) => {
                let found = self.outages.iter().find(|outage| outage.id == id);
                let told = |outage| Box::new(evidence::incident(outage, &self.snapshot.events, NOW));
                Answer::Outage(found.map(told))
            }
            Query::Report(span) => match self.outages.first() {
                Some(outage) => Answer::Report(Box::new(evidence::findings(outage, span, NOW))),
                None => Answer::Failed("nothing is known".to_owned()),
            },
            Query::Overview { at, length, cells } => Answer::Overview(Box::new(history::overview(at, length, cells))),
            Query::Reach(_)
            | Query::Endpoints(_)
            | Query::Checks(..)
            | Query::OutagesOf(..)
            | Query::MaintenanceOf(_)
            | Query::Figures { .. }
            | Query::Events(_)
            | Query::Catalog(_)
            | Query::Holdings(_) => Answer::Failed("nothing is written here".to_owned()),
            Query::Extent(targets) => {
                Answer::Extent(Extent { checks: 267_840 * targets.len() as u64, outages: 2 * targets.len() as u64 })
            }
        }
    }

    /// The log gets a line.
    fn tell(&mut self, target: Option<TargetId>, what: Happening) -> Reply {
        let name = |id: TargetId| self.snapshot.target(id).map(|view| view.target.definition.name.clone());
        let target = target.and_then(|id| Some((id, name(id)?)));
        Arc::make_mut(&mut self.snapshot.events).push(Event { at: self.model.clock, target, what });
        Reply::Done
    }

    /// Keeps what is said of maintenance, and lets these show what goes on.
    fn maintain(&mut self, ids: &[TargetId], span: Span, title: &str) -> Reply {
        let maintenance = Maintenance { span, title: title.to_owned(), origin: Origin::Declared };
        self.maintenance.push(MaintenanceOf { targets: ids.to_vec(), maintenance });
        for id in ids {
            let all = of_target(&self.maintenance, *id);
            let shown = all.into_iter().find(|one| one.is_on(self.model.clock)).cloned().map(Arc::new);
            let all = of_target(&self.maintenance, *id);
            let planned = all.into_iter().find(|one| one.span.from > self.model.clock).cloned().map(Arc::new);
            self.edit(*id, |view| (view.maintenance, view.planned) = (shown, planned));
        }
        Reply::Done
    }

    fn end_maintenance(&mut self, ids: &[TargetId]) -> Reply {
        for id in ids {
            let known = self.snapshot.target(*id).and_then(|view| view.maintenance.clone());
            if let Some(known) = known {
                self.maintain(&[*id], Span { to: self.model.clock, ..known.span }, &known.title);
            }
        }
        Reply::Done
    }

    fn carry_out(&mut self, command: &Command) -> Reply {
        match command {
            Command::Add(definitions) => self.add(definitions),
            Command::Edit(id, definition) => {
                self.edit(*id, |view| Arc::make_mut(&mut view.target).definition = (**definition).clone())
            }
            Command::Remove(ids) => {
                let targets = self.snapshot.targets.iter().cloned();
                let (gone, kept): (Vec<_>, Vec<_>) = targets.partition(|view| ids.contains(&view.target.id));
                self.snapshot.targets = kept.into();
                self.removed = gone;
                Reply::Done
            }
            Command::Restore(targets) => {
                let kept = self.snapshot.targets.iter().cloned();
                self.snapshot.targets = kept.chain(self.removed.drain(..)).collect();
                Reply::Added(targets.iter().map(|target| target.id).collect())
            }
            Command::SetActivity(ids, activity) => {
                for id in ids {
                    self.edit(*id, |view| {
                        Arc::make_mut(&mut view.target).definition.activity = *activity;
                        view.state = match activity {
                            portpulse::domain::Activity::Paused => State::Paused,
                            portpulse::domain::Activity::Watching => State::Pending,
                        };
                        view.outage = None;
                    });
                }
                Reply::Done
            }
            Command::Maintain { targets, span, title } => self.maintain(targets, *span, title),
            Command::EndMaintenance(ids) => self.end_maintenance(ids),
            Command::WithdrawMaintenance { targets, from } => {
                self.maintain(targets, Span { from: *from, to: *from }, "")
            }
            Command::Instant(endpoint) => {
                let running = Running {
                    attempt: pictures::ATTEMPT,
                    address: endpoint.address.clone(),
                    timeout: endpoint.timeout,
                    asked_at: self.model.clock,
                    phases: vec![Phase::Resolving],
                };
                self.checks(|checks| checks.running.push(running));
                Reply::Started(pictures::ATTEMPT)
            }
            Command::CancelInstant(attempt) => {
                self.checks(|checks| checks.running.retain(|running| running.attempt != *attempt));
                Reply::Done
            }
            Command::Remark { target, about, text } => {
                let (about, text) = (about.unwrap_or(self.model.clock), text.clone());
                self.tell(*target, Happening::Remarked { about, text })
            }
            Command::WithdrawRemark { target, about, text } => {
                self.tell(*target, Happening::RemarkWithdrawn { about: *about, text: text.clone() })
            }
            Command::ClearInstant => {
                self.checks(|checks| checks.finished.clear());
                Reply::Done
            }
            Command::CheckNow(_) => Reply::Done,
        }
    }

    /// A phase of the running instant check.
    pub fn phase(&mut self, phase: Phase) -> &mut Self {
        self.checks(|checks| {
            if let Some(running) = checks.running.iter_mut().find(|running| running.attempt == pictures::ATTEMPT) {
                running.phases.push(phase);
            }
        });
        self.publish()
    }

    /// The end of the running instant check.
    pub fn finish(&mut self, check: AdHoc) -> &mut Self {
        self.checks(|checks| {
            checks.running.clear();
            checks.finished.push(Finished { attempt: Some(pictures::ATTEMPT), check });
        });
        self.publish()
    }

    fn checks(&mut self, change: impl FnOnce(&mut AdHocView)) {
        change(Arc::make_mut(&mut self.snapshot.ad_hoc));
    }

    fn add(&mut self, definitions: &[Definition]) -> Reply {
        let before = self.newest;
        let targets = definitions.iter().map(|definition| {
            self.newest += 1;
            let endpoint_ids = vec![portpulse::domain::EndpointId(self.newest)];
            let target =
                Target { id: TargetId(self.newest), endpoint_ids, round_id: None, definition: definition.clone() };
            let new = pictures::target(self.newest, "", "h:1", "").state(State::Pending, 0).view(|view| {
                view.target = Arc::new(target);
                view.checking = true;
                view.day = Arc::default();
                view.hour = Arc::default();
            });
            new.build()
        });
        self.snapshot.targets = self.snapshot.targets.iter().cloned().chain(targets).collect();
        Reply::Added((before + 1..=self.newest).map(TargetId).collect())
    }

    fn edit(&mut self, id: TargetId, change: impl FnOnce(&mut TargetView)) -> Reply {
        if let Some(place) = self.snapshot.targets.iter().position(|view| view.target.id == id) {
            change(Arc::make_mut(&mut self.snapshot.targets[place]));
        }
        Reply::Done
    }
}
