//! The programs: one file each.

pub mod args;
mod backstage;
mod change;
pub mod check;
mod choose;
pub mod completions;
pub mod config;
pub mod demo;
mod estate;
pub mod evaluate;
pub mod export;
mod follow;
mod full_screen;
mod history;
pub mod import;
pub mod keymap;
pub mod logs;
pub mod manual;
mod owner;
pub mod report;
mod scratch;
pub mod serve;
mod share;
pub mod status;
pub mod store;
pub mod targets;
mod terminal;
pub mod watch;

use crate::domain::Activity;
use args::{Arguments, Command};
use clap::Parser;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// How a program ends. The numbers are promised in `--help`; those from 64 on are those of
/// `sysexits.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for is as hoped.
    Fine,
    /// A check failed, what was looked at is not as it should be, or a change is refused.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// A target is down.
    Down,
    /// No check failed, but one said nothing; or nobody knows how things stand.
    Inconclusive,
    /// A foreign file cannot be read or understood.
    Data,
    /// The system refuses something that is needed.
    System,
    /// There is no history to look at.
    NoHistory,
    /// Another portpulse has the data directory.
    InUse,
    /// The configuration file is wrong.
    Config,
    /// There is no terminal to show a screen on.
    NoTerminal,
    /// A part of the program has failed.
    Software,
    /// The screen ended: 0, or 128 and the number of the signal.
    Ended(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage | Exit::Down => 2,
            Exit::Inconclusive => 3,
            Exit::Data => 65,
            Exit::System => 71,
            Exit::NoHistory => 66,
            Exit::InUse => 75,
            Exit::Config => 78,
            Exit::NoTerminal => 64,
            Exit::Software => 70,
            Exit::Ended(code) => code,
        })
    }
}

/// Does what the command line says. Says on standard error why it cannot.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(help) => {
            // Nobody is left to be told that nobody could be told.
            let _ = help.print();
            return if help.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    keep_contained_panics_quiet();
    let ended = match arguments.command {
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Config(config)) => config::run(&config),
        Some(Command::Demo(demo)) => demo::run(&demo),
        Some(Command::Serve(serve)) => serve::run(&serve),
        Some(Command::Status(status)) => status::run(&status),
        Some(Command::List(list)) => change::list::run(&list),
        Some(Command::Add(add)) => change::add::run(&add),
        Some(Command::Edit(edit)) => change::edit::run(&edit),
        Some(Command::Remove(remove)) => change::remove::run(&remove),
        Some(Command::Pause(chosen)) => change::activity::run(&chosen, Activity::Paused),
        Some(Command::Resume(chosen)) => change::activity::run(&chosen, Activity::Watching),
        Some(Command::CheckNow(chosen)) => change::check_now::run(&chosen),
        Some(Command::Maintenance(maintenance)) => change::maintenance::run(&maintenance),
        Some(Command::Logs(logs)) => logs::run(&logs),
        Some(Command::Report(report)) => report::run(&report),
        Some(Command::Evaluate(evaluate)) => evaluate::run(&evaluate),
        Some(Command::ScriptEngine) => evaluate::serve(),
        Some(Command::Export(export)) => export::run(&export),
        Some(Command::Import(import)) => import::run(&import),
        Some(Command::Store(store)) => store::run(&store),
        Some(Command::Completions { shell }) => completions::run(shell),
        Some(Command::Man(man)) => manual::run(&man),
        None => watch::run(&arguments.watch),
    };
    match ended {
        Ok(exit) => exit,
        // `| head` has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Fine,
        Err(error) => complain(&error.to_string(), Exit::System),
    }
}

/// A panic that somebody is waiting for, such as one of the storage engine on a damaged file, is told by that one.
fn keep_contained_panics_quiet() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::store::is_contained() {
            print(panic);
        }
    }));
}

/// Says why something cannot be done.
pub(crate) fn complain(why: &str, exit: Exit) -> Exit {
    let _ = writeln!(io::stderr(), "portpulse: {}", why.trim_end());
    exit
}
