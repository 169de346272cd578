//! Deliberate damage to the monitor, one line at a time, each of which the simulation must notice.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A file as seen from the folder of the monitor, a text that stands in it exactly once, and what to put in its place.
struct Mutation(&'static str, &'static str, &'static str);

const MUTATIONS: &[Mutation] = &[
    Mutation("agenda.rs", "phase: PHASE * place", "phase: Duration::ZERO"),
    Mutation("agenda.rs", "slot_from(start + self.retry_interval)", "slot_from(start + self.interval)"),
    Mutation(
        "health/mod.rs",
        "let place = usize::from(self.down_after) - 1;",
        "let place = usize::from(self.down_after);",
    ),
    Mutation("health/mod.rs", "const BRIDGED_INTERVALS: u32 = 10;", "const BRIDGED_INTERVALS: u32 = 20;"),
    Mutation("health/mod.rs", "self.inconclusive = self.inconclusive.saturating_add(1);", "self.strikes.clear();"),
    Mutation("health/mod.rs", "let started_at = first.at.wall;", "let started_at = last.at.wall;"),
    Mutation("health/mod.rs", "recovery.first.wall.max(outage.started_at)", "at.wall.max(outage.started_at)"),
    Mutation("health/mod.rs", "if recovery.count < self.up_after {", "if recovery.count <= self.up_after {"),
    Mutation("health/mod.rs", "(self.recovery.take(), &mut self.standing)", "(self.recovery, &mut self.standing)"),
    Mutation("health/mod.rs", "silence > owned(self.interval), before)", "false, before)"),
    Mutation("health/mod.rs", "strike.at < from || strike.at >= to", "strike.at < from || strike.at >= from"),
    Mutation(
        "health/mod.rs",
        "self.broken.take_if(|(at, ..)| *at >= from)",
        "self.broken.take_if(|(at, ..)| *at < from)",
    ),
    Mutation("rounds.rs", "if round.standing == Standing::Stalled && ", "if round.standing != Standing::Stalled && "),
    Mutation("rounds.rs", "if age <= timeout + LOST_AFTER {", "if age > timeout + LOST_AFTER {"),
    Mutation("rounds.rs", "sight.was_blind_at(start) || ", ""),
    Mutation("rounds.rs", "self.agenda.hasten(id, next);", ""),
    Mutation("rounds.rs", "self.last_outage += 1;", ""),
    Mutation(
        "blindness.rs",
        "paths.iter().all(|path| self.sights[path.index()].is_proven_since(strike, address))",
        "strike >= self.born",
    ),
    Mutation("blindness.rs", "self.void(now, path, from, to);", ""),
    Mutation("blindness.rs", "if found.is_err() {", "if found.is_err() && self.version == 0 {"),
    Mutation("health/verdict.rs", ".filter(|tried| tried.outcome.is_conclusive())", ".filter(|_| true)"),
    Mutation(
        "health/verdict.rs",
        "Outcome::Failed(failure) if check.outcome.is_conclusive() =>",
        "Outcome::Failed(failure) =>",
    ),
    Mutation("sight/mod.rs", "if at > first.at {", "self.proofs[0] = None;\n                if at > first.at {"),
    Mutation("start.rs", "Retention::new(now, alive, &events)", "Retention::new(now, alive, &[])"),
    Mutation(
        "sight/mod.rs",
        "Some(Err(fault)) => self.lose(now, mono, fault.sentence().to_owned()),",
        "Some(Err(_)) => self.see(started),",
    ),
    Mutation(
        "sight/mod.rs",
        "Some(Ok(())) if !look.canaries.is_empty() => return Insight::None,",
        "Some(Ok(())) if !look.canaries.is_empty() => self.see(started),",
    ),
    Mutation("sight/mod.rs", "Duration::from_mins(15);", "Duration::from_mins(5);"),
    Mutation("start.rs", "self.health.resume(outage, last_failure);", "drop((outage, last_failure));"),
    Mutation(
        "start.rs",
        "            last_outage,\n            sights",
        "            last_outage: 0,\n            sights",
    ),
    Mutation(
        "time.rs",
        "const STALL: Duration = Duration::from_secs(5);",
        "const STALL: Duration = Duration::from_secs(50);",
    ),
    Mutation(
        "retention.rs",
        "const PROBATION: Duration = Duration::from_hours(24);",
        "const PROBATION: Duration = Duration::from_hours(1);",
    ),
    Mutation("catalog.rs", "id.or_else(|| by_address.remove(&addresses(&definition)))", "id"),
    Mutation("catalog.rs", "self.last_target += 1;", "self.last_target = 1;"),
    Mutation(
        "commands.rs",
        "Err(why) => Reply::Refused(Refusal::NotWritten(why)),",
        "Err(_) => self.carry_out(now, pending),",
    ),
    Mutation("roster.rs", "abandon(Moment::at(now), Closing::Paused)", "abandon(Moment::at(now), Closing::Removed)"),
    Mutation("maintenance.rs", "self.announce_what_lasts(now, target.id);", ""),
    Mutation("maintenance.rs", "said.until > moment", "said.maintenance.span.to > moment"),
    Mutation("maintenance.rs", "self.timetable.looked_at = now.wall;", ""),
    Mutation("rounds.rs", "if watch.quiet != Some(outage.id) {", "if true {"),
    Mutation("start.rs", "watch.resume_maintenance(self.timetable.looked_at());", ""),
    Mutation("../window/mod.rs", "interval + interval / 2", "interval * 3"),
    Mutation("recent.rs", "self.ledger.observe(&before, check.at, self.interval, &self.gaps);", ""),
    Mutation("recent.rs", "spans::insert(&mut self.ledger.outages, span);", "drop(span);"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source(file: &str) -> String {
    fs::read_to_string(root().join("src/monitor").join(file)).expect("a source of the monitor")
}

#[test]
fn every_mutation_still_applies() {
    for Mutation(file, text, replacement) in MUTATIONS {
        assert_eq!(source(file).matches(text).count(), 1, "{file}: {text}");
        assert_ne!(text, replacement);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a copy");
        }
    }
}

/// Whether the simulation passes in that copy of the crate. It has to compile in any case.
fn passes(crate_copy: &Path) -> bool {
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(crate_copy).env("CARGO_TARGET_DIR", crate_copy.join("target"));
        command.env_remove("PORTPULSE_MUTATIONS").env("PORTPULSE_SEEDS", "1").env("RUSTFLAGS", "-Awarnings");
        command.args(["test", "--offline", "--test", "simulation"]).args(arguments).output().expect("cargo runs")
    };
    let built = cargo(&["--no-run"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    // The pictures take no time; only what they let through has to survive a month.
    let table = ["--", "--skip", "mutations", "--skip", "seeded_months"];
    cargo(&table).status.success() && cargo(&["--", "seeded_months"]).status.success()
}

/// Breaks a copy of the monitor in every listed way: takes a quarter of an hour.
#[test]
fn every_mutation_is_killed() {
    if std::env::var_os("PORTPULSE_MUTATIONS").is_none() {
        println!("not run: set PORTPULSE_MUTATIONS=1 to break the monitor in {} ways", MUTATIONS.len());
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for part in ["src", "tests", "benches", "assets"] {
        copy(&root().join(part), &folder.path().join(part));
    }
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(root().join(file), folder.path().join(file)).expect("a copy");
    }
    assert!(passes(folder.path()), "the simulation fails without any mutation");
    let mut survivors = Vec::new();
    for (number, Mutation(file, text, replacement)) in MUTATIONS.iter().enumerate() {
        let place = folder.path().join("src/monitor").join(file);
        fs::write(&place, source(file).replace(text, replacement)).expect("a mutated source");
        let survived = passes(folder.path());
        println!("{:2} {} {file}: {text}", number + 1, if survived { "SURVIVED" } else { "killed  " });
        if survived {
            survivors.push((file, text));
        }
        fs::write(&place, source(file)).expect("the source again");
    }
    assert!(survivors.is_empty(), "{survivors:#?}");
}
