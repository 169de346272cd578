//! Two processes on one history: what a command gets from the portpulse that owns it, and what rogues get.

#[path = "owner/asked.rs"]
mod asked;
#[path = "owner/commands.rs"]
mod commands;
#[path = "owner/company.rs"]
mod company;
#[path = "support/home.rs"]
mod home;
#[path = "support/pty.rs"]
mod pty;
#[path = "owner/rogue.rs"]
mod rogue;
#[path = "owner/stand_in.rs"]
mod stand_in;
#[path = "owner/status.rs"]
mod status;
#[path = "owner/unit.rs"]
mod unit;
#[path = "owner/watching.rs"]
mod watching;
#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "store/world.rs"]
mod world;

use home::{BRISK, Home};
use portpulse::domain::*;
use portpulse::store::{Store, open};
use pty::Pty;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use world::{block_on, options, outage, refused, target};

/// How many checks the history has before anybody watches.
const CHECKS: u64 = 50_000;

/// A home with a history of the last two weeks, of two targets that are not watched any more.
struct Past {
    home: Home,
    /// After its last check.
    end: Wall,
}

impl Past {
    fn new() -> Self {
        let past = Self::empty();
        block_on(async {
            let store = past.open();
            let start = past.end - Duration::from_secs(CHECKS * 10);
            let mut random = fastrand::Rng::with_seed(11);
            let checks = (0..CHECKS).map(|number| {
                let (at, endpoint) = (start + Duration::from_secs(number * 10), EndpointId((number % 2) as u32));
                let made =
                    if number % 100 < 4 { refused(endpoint, at) } else { world::check(&mut random, endpoint, at) };
                Record::Check(made)
            });
            let targets = (0..2).map(|id| Record::Target(target(id, id, start))).collect();
            store.import(targets).await.expect("kept");
            store.import(checks.collect()).await.expect("kept");
            let ended_at = start + Duration::from_mins(90);
            let closing = Some(Closing::Recovered { ended_at, confirmed_at: ended_at });
            let over = Outage { closing, ..outage(1, TargetId(1), start + Duration::from_hours(1)) };
            store.save(vec![Record::Outage(over)]);
            store.close().await.expect("a clean end");
        });
        past
    }

    /// The same without a history.
    fn empty() -> Self {
        Self::watching("[[target]]\naddress = \"127.0.0.1:1\"\n")
    }

    /// The same with these targets.
    fn watching(targets: &str) -> Self {
        let home = Home::with(&format!("{BRISK}{targets}"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
        Self { home, end: Wall(now as i64) }
    }

    /// Where the history is.
    fn history(&self) -> PathBuf {
        self.home.path().join("data/portpulse")
    }

    /// Its store, as ours.
    fn open(&self) -> Store {
        std::fs::create_dir_all(self.home.path().join("data")).expect("a directory");
        open(&self.history(), options()).expect("a store").store
    }

    /// Starts a portpulse that owns it.
    fn watch(&self, arguments: &[&str]) -> Pty {
        let mut pty = self.home.start(arguments);
        pty.wait_for("▼ DOWN");
        pty
    }

    /// A command of this home.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
        command.args(arguments).env_clear().envs(self.home.environment()).current_dir(self.home.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// What a command writes that is as it should be.
    #[track_caller]
    fn text(&self, arguments: &[&str]) -> String {
        let (code, out, complaint) = told(&self.run(arguments));
        assert_eq!((code, complaint.as_str()), (0, ""), "{arguments:?}");
        out
    }

    /// The end of the past as the command line takes it.
    fn until(&self) -> String {
        Zone::Utc.rfc3339_millis(self.end)
    }

    /// The sockets of this home.
    fn sockets(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.home.path().join("run/portpulse")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }
}

/// Exit code, standard output, standard error.
fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (
        output.status.code().unwrap_or_else(|| panic!("it ends by itself: {output:?}")),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Quits as a user does.
#[track_caller]
fn quit(pty: &mut Pty) {
    pty.send("1q");
    pty.wait_for("Quit?");
    pty.send("y");
    assert_eq!(pty.wait_for_end(pty::DEADLINE), 0, "{}", pty.contents());
}
