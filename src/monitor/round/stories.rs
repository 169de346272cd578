//! Rounds of several endpoints as stories: what each of them found in each minute, and what the target became.

#[cfg(test)]
mod tests {
    use crate::domain::record::Resumed;
    use crate::domain::{
        Check, Clocked, Closing, Definition, Endpoint, Evaluation, Expect, Failure, Fault, Finding, Grade, Happening,
        Mono, Now, Order, Outcome, Place, Reason, Record, Timing, Try, Wall,
    };
    use crate::evaluate::{Standing, Verdict};
    use crate::monitor::{Effect, Input, Monitor, Settings, Snapshot, State, TargetView};
    use std::sync::Arc;
    use std::time::Duration;

    /// A monitor of one target, and the world around it, in which each check takes 100 ms.
    struct World {
        monitor: Monitor,
        effects: Vec<Effect>,
        now: Now,
        saved: Vec<Record>,
        /// What each endpoint finds from now on: `o` open, `s` open and slow, `r` refused, `t` timed out,
        /// `c` no route from here, `?` another fault of ours; and `-` for an answer that never comes.
        finds: String,
        /// What the script says.
        script: Result<Verdict, String>,
    }

    fn endpoint(place: usize) -> Endpoint {
        Endpoint::new(format!("192.0.2.{place}:6379").parse().expect("an address"))
    }

    fn group(count: usize, evaluation: Evaluation) -> Definition {
        let endpoints = (1..=count).map(endpoint).collect();
        Definition { endpoints, evaluation, ..Definition::new("redis".to_owned(), endpoint(1)) }
    }

    fn outcome(word: char) -> Outcome {
        let open = |millis| {
            let connect = Duration::from_millis(millis);
            Outcome::Open(Timing { connect, clocked: Clocked::Kernel, syn_lost: 0 })
        };
        let failed = |reason, after| {
            let (place, after) = (Place::Later, Duration::from_millis(after));
            Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
        };
        match word {
            'o' => open(3),
            's' => open(300),
            'r' => failed(Reason::Refused, 1),
            't' => failed(Reason::TimedOut, 10_000),
            'c' => {
                let (reason, place, after) = (Reason::NetworkUnreachable, Place::AtCall, Duration::ZERO);
                Outcome::Failed(Failure { reason, place, errno: None, name: None, after, syn_lost: 0 })
            }
            _ => Outcome::Inconclusive(Fault::Descriptors),
        }
    }

    impl World {
        fn new(definition: Definition) -> Self {
            let now = Now { mono: Mono(0), wall: Wall(1_795_132_800_000) };
            let mut effects = Vec::new();
            let monitor = Monitor::new(now, Settings::default(), vec![definition], Resumed::default(), &mut effects);
            let script = Err("no script".to_owned());
            Self { monitor, effects, now, saved: Vec::new(), finds: String::new(), script }
        }

        fn hear(&mut self, input: Input) {
            self.monitor.handle(self.now, input, &mut self.effects);
        }

        fn pass(&mut self, millis: u64) {
            self.now =
                Now { mono: Mono(self.now.mono.0 + millis), wall: self.now.wall + Duration::from_millis(millis) };
        }

        /// Answers whatever is wanted.
        fn work(&mut self) {
            while !self.effects.is_empty() {
                for effect in std::mem::take(&mut self.effects) {
                    match effect {
                        Effect::Save(records) => self.saved.extend(records),
                        Effect::Order(Order::Probe(job)) => {
                            let address = job.endpoint.address.host.literal().expect("a literal");
                            let place = job.endpoint.address.to_string().chars().nth(8).and_then(|c| c.to_digit(10));
                            let word = self.finds.chars().nth(place.expect("a number") as usize - 1).unwrap_or('o');
                            if word == '-' {
                                continue;
                            }
                            let outcome = outcome(word);
                            let tries = vec![Try { address, outcome }];
                            let (waited, dns, address) = (Duration::ZERO, None, Some(address));
                            self.pass(100);
                            self.hear(Input::Probed(job.attempt, Finding { waited, dns, tries, outcome, address }));
                        }
                        Effect::Order(Order::SelfCheck { attempt, .. }) => {
                            self.hear(Input::SelfChecked(attempt, Ok(())));
                        }
                        Effect::Evaluate(attempt, _, pings) => {
                            assert!(!pings.is_empty());
                            self.hear(Input::Evaluated(attempt, self.script.clone()));
                        }
                        _ => {}
                    }
                }
            }
        }

        /// One round in which the endpoints find this.
        fn round(&mut self, finds: &str) -> Arc<TargetView> {
            self.finds = finds.to_owned();
            let before = self.checks().len();
            while self.checks().len() == before {
                self.pass(1_000);
                self.hear(Input::Wake);
                self.work();
            }
            self.view()
        }

        fn snapshot(&mut self) -> Snapshot {
            self.monitor.snapshot(self.now)
        }

        fn view(&mut self) -> Arc<TargetView> {
            Arc::clone(self.snapshot().targets.iter().next().expect("a target"))
        }

        fn checks(&self) -> Vec<&Check> {
            self.saved
                .iter()
                .filter_map(|record| if let Record::Check(check) = record { Some(check) } else { None })
                .collect()
        }

        fn happenings(&mut self) -> Vec<Happening> {
            self.snapshot().events.iter().map(|event| event.what.clone()).collect()
        }
    }

    fn verdict(view: &TargetView) -> (Outcome, u8, u8) {
        let check = &view.latest.as_ref().expect("a round").check;
        (check.outcome, check.answered, check.tried)
    }

    #[test]
    fn all_endpoints_are_checked_in_one_round_and_their_verdict_has_a_history_of_its_own() {
        let mut world = World::new(group(3, Evaluation::All));
        let view = world.round("ooo");
        let target = &view.target;
        assert_eq!((view.state, target.endpoint_ids.len()), (State::Up, 3));
        let kept: Vec<_> = world.checks().iter().take(4).map(|check| check.endpoint).collect();
        assert_eq!(kept, target.ids().collect::<Vec<_>>(), "one check of each endpoint, then the verdict");
        let (outcome, answered, tried) = verdict(&view);
        assert!(matches!(outcome, Outcome::Open(timing) if timing.clocked == Clocked::Round(Grade::Up)), "{outcome:?}");
        assert_eq!((answered, tried), (3, 3));
        let round = view.round.as_ref().expect("a round");
        assert_eq!(round.members.len(), 3);
        assert!(round.members.iter().all(|member| member.latest.is_some()), "{round:?}");
    }

    #[test]
    fn an_endpoint_that_cannot_be_called_does_not_silence_those_that_refuse() {
        let mut world = World::new(group(3, Evaluation::Quorum { needed: None }));
        world.round("ooo");
        for _ in 0..2 {
            assert_eq!(world.round("rrc").state, State::Up, "failing, not yet down");
        }
        let view = world.round("rrc");
        assert_eq!(view.outage.as_ref().map(|outage| outage.reason), Some(Reason::Refused), "two of three have failed");
        let mut world = World::new(group(3, Evaluation::Quorum { needed: None }));
        world.round("ooo");
        for _ in 0..4 {
            assert_eq!(world.round("orc").state, State::Up, "nobody knows which way the third would have gone");
        }
    }

    #[test]
    fn the_verdict_goes_through_the_thresholds_and_names_the_worst_reason() {
        let mut world = World::new(group(3, Evaluation::Quorum { needed: None }));
        assert_eq!(world.round("ooo").state, State::Up);
        for _ in 0..2 {
            assert_eq!(world.round("otr").state, State::Up, "failing, not yet down");
        }
        let view = world.round("otr");
        assert_eq!(view.state, State::Down);
        let outage = view.outage.as_ref().expect("an outage");
        assert_eq!((outage.reason, outage.failures[Reason::TimedOut.index()]), (Reason::TimedOut, 3));
        assert_eq!(verdict(&view).1, 1, "one of three answers");
        assert!(view.round.as_ref().is_some_and(|round| round.why.contains("1 of 3")), "{:?}", view.round);
        assert_eq!(world.round("oot").state, State::Down);
        assert_ne!(world.round("oot").state, State::Down, "two good rounds end it");
    }

    #[test]
    fn degraded_needs_three_of_five_rounds_and_leaves_after_five() {
        let mut world = World::new(group(3, Evaluation::Quorum { needed: None }));
        let states = |world: &mut World, rounds: &[&str]| -> Vec<State> {
            rounds.iter().map(|finds| world.round(finds).state).collect()
        };
        let (up, slow) = (State::Up, State::Degraded);
        assert_eq!(states(&mut world, &["ooo", "oor", "ooo", "oor", "oor"]), [up, up, up, up, slow]);
        assert!(world.happenings().contains(&Happening::Degraded { fine: 2, of: 3 }), "{:?}", world.happenings());
        assert_eq!(states(&mut world, &["ooo"; 5]), [slow, slow, slow, slow, up]);
        assert!(world.happenings().contains(&Happening::NoLongerDegraded));
    }

    #[test]
    fn a_check_that_says_nothing_leaves_the_verdict_open_only_where_it_depends_on_it() {
        let mut world = World::new(group(3, Evaluation::Quorum { needed: None }));
        world.round("ooo");
        let (outcome, ..) = verdict(&world.round("rr?"));
        assert_eq!(outcome.reason(), Some(Reason::Refused), "two of three are gone, whatever the third would say");
        let (outcome, ..) = verdict(&world.round("or?"));
        assert_eq!(outcome, Outcome::Inconclusive(Fault::Descriptors));
        assert_eq!(world.view().state, State::Up);
    }

    #[test]
    fn a_refusal_that_is_expected_is_a_success_and_an_open_port_that_is_not_a_failure() {
        let mut definition = group(1, Evaluation::All);
        definition.endpoints[0].expect = Expect::Refused;
        let mut world = World::new(definition.clone());
        let why = |view: &TargetView| view.round.as_ref().map(|round| round.why.clone()).unwrap_or_default();
        let view = world.round("r");
        assert_eq!((view.state, why(&view).as_str()), (State::Up, "refused, as expected"));
        for _ in 0..2 {
            let view = world.round("o");
            assert_eq!(why(&view), "open, and expected to be refused");
        }
        let view = world.round("o");
        assert_eq!(view.outage.as_ref().map(|outage| outage.reason), Some(Reason::Unexpected));
        let raw = world.checks().iter().filter(|check| check.endpoint == view.target.endpoint_ids[0]).count();
        assert_eq!(raw, 4, "what was found is kept as it was found");

        definition.endpoints[0].expect = Expect::Closed;
        let mut world = World::new(definition);
        for finds in ["t", "r", "t"] {
            assert_eq!(world.round(finds).state, State::Up);
        }
    }

    #[test]
    fn a_script_that_fails_makes_the_round_inconclusive_and_says_where() {
        let mut world = World::new(group(2, Evaluation::Script("orders.js".into())));
        let verdict_of = |standing| Ok(Verdict { standing, latency: 12.5, why: "the script says so".to_owned() });
        world.script = verdict_of(Standing::Up);
        let view = world.round("oo");
        let connect = view.latest.as_ref().and_then(|latest| latest.check.latency());
        assert_eq!((view.state, connect), (State::Up, Some(Duration::from_micros(12_500))));
        world.script = Err("orders.js:3: x is not defined".to_owned());
        let view = world.round("oo");
        assert_eq!((view.state, verdict(&view).0), (State::Up, Outcome::Inconclusive(Fault::Script)));
        assert_eq!(view.round.as_ref().map(|round| round.why.as_str()), Some("orders.js:3: x is not defined"));
        let told = Happening::Note("orders.js:3: x is not defined".to_owned());
        assert_eq!(world.happenings().iter().filter(|what| **what == told).count(), 1);
        world.script = verdict_of(Standing::Down);
        for _ in 0..3 {
            world.round("oo");
        }
        let view = world.view();
        assert_eq!(
            view.outage.as_ref().map(|outage| outage.reason),
            Some(Reason::Judged),
            "nothing failed but the verdict"
        );
    }

    #[test]
    fn an_answer_that_is_lost_does_not_keep_the_others() {
        let mut world = World::new(group(2, Evaluation::Any));
        world.round("oo");
        let view = world.round("o-");
        let (outcome, answered, tried) = verdict(&view);
        assert!(outcome.is_open(), "one is enough: {outcome:?}");
        assert_eq!((answered, tried), (1, 2));
    }

    #[test]
    fn a_target_that_becomes_a_group_or_stops_being_one_keeps_its_outage_and_its_day() {
        let mut world = World::new(group(1, Evaluation::All));
        world.round("o");
        for _ in 0..3 {
            world.round("r");
        }
        let outage = |view: &TargetView| view.outage.as_ref().map(|outage| (outage.id, outage.started_at));
        let before = world.view();
        assert!(outage(&before).is_some());
        let declare = |world: &mut World, count| {
            let targets = vec![group(count, Evaluation::All)];
            let declared = crate::monitor::Declared { settings: Settings::default(), targets };
            world.hear(Input::Declared(Ok(declared)));
            world.work();
        };
        for count in [2, 1] {
            declare(&mut world, count);
            let after = world.round("ro");
            assert_eq!((after.state, outage(&after)), (State::Down, outage(&before)), "with {count}");
            assert!(after.day.uptime.up >= before.day.uptime.up, "what was up stays up");
            assert!(after.recent.len() > before.recent.len());
        }
        let removed = world.saved.iter().any(
            |record| matches!(record, Record::Outage(outage) if matches!(outage.closing, Some(Closing::Removed(_)))),
        );
        assert!(!removed);
    }

    #[test]
    fn an_endpoint_that_is_added_leaves_the_history_of_the_verdict_where_it_is() {
        let mut world = World::new(group(2, Evaluation::All));
        let before = world.round("oo").target.clone();
        let declared =
            crate::monitor::Declared { settings: Settings::default(), targets: vec![group(3, Evaluation::All)] };
        world.hear(Input::Declared(Ok(declared)));
        world.work();
        let after = world.round("ooo").target.clone();
        assert_eq!((after.id, after.series()), (before.id, before.series()));
        assert_eq!(after.endpoint_ids[..2], before.endpoint_ids[..]);
        assert_eq!(after.endpoint_ids.len(), 3);
    }
}
