//! What can be written on the command line.

mod change;
mod evaluate;
mod export;
mod import;
mod logs;
mod manual;
mod report;
mod serve;
mod status;
mod store;
mod targets;

pub use change::{Add, Chosen, Edit, Figures, List, Maintenance, Place, Remove};
pub use evaluate::Evaluate;
pub use export::{Export, ExportWork};
pub use import::{ExportTargets, Import};
pub use logs::Logs;
pub use manual::Man;
pub use report::Report;
pub use serve::Serve;
pub use status::Status;
pub use store::{Store, StoreWork};
pub use targets::{Group, addresses, lines};

use crate::config::{Theme, defaults, duration};
use crate::domain::{Family, Handshake};
use clap::builder::styling::Styles;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;
use std::time::Duration;

/// How often `check` may repeat itself.
const COUNT_MAX: i64 = 1_000_000;
/// How long `check` may wait from one round to the next.
const INTERVAL_MAX: Duration = Duration::from_hours(24);

const TARGET_HELP: &str = "host:port, [v6]:port, host:port,port-port, {host,host}:port";
const CONFIG_HELP: &str = "Configuration file [default: portpulse/portpulse.toml in $XDG_CONFIG_HOME or ~/.config]";
const DATA_HELP: &str = "Where history is kept [default: portpulse in $XDG_DATA_HOME or ~/.local/share]";
const THEME_HELP: &str = "Colours: ansi, cb (colour-blind), mono, true (24-bit); NO_COLOR has the last word";

const EXAMPLES: &str = "\
Targets:
  db1:5432             a name or an IPv4 address and a port
  [2001:db8::1]:22     an IPv6 address needs brackets
  db1:5432,9100-9103   several ports, ranges of ports
  '{db1,db2}:5432'     several hosts; quoted, because shells expand braces, too
  'db1 5432'  tcp://db1:5432

Examples:
  portpulse                          watch what the configuration file says; `a` adds a target
  portpulse db1:5432 cache:6379      watch these, for this run only
  portpulse r1:6379 r2:6379 --group redis --evaluate quorum
  portpulse demo                     look around: ports and history of its own
  portpulse serve                    make the checks when nobody looks; `portpulse` attaches
  portpulse check db1:5432           check once and say why it fails
  portpulse status --problems        what is out now
  portpulse add db1:5432 --tag prod  watch it from now on; also list, edit, remove, pause, resume
  portpulse check-now db1            have it checked at once; maintenance db1 30m: nobody is called
  portpulse logs -f                  what happens, line by line
  portpulse report --from -2h        what was out in the last two hours, as Markdown
  portpulse config check             is the configuration file right?
  portpulse evaluate redis.js        what does this function say of a group?
  portpulse export outages           history for other programs
  portpulse import gatus.yaml        targets of other programs, or from a scan of nmap
  portpulse store                    how much history there is
  portpulse completions bash         what a shell completes; man prints the manual

Exit codes:
  0              fine
  1              a check failed, or a change is refused
  2              wrong usage
  64             no terminal to show a screen on
  65             a foreign file is wrong
  66             there is no history
  75             another portpulse has the history and does not share it
  78             the configuration file is wrong
  129, 143, ...  128 and the signal that ended it";

const CHECK_EXAMPLES: &str = "\
Examples:
  portpulse check db1:5432 cache:6379        once each
  portpulse check db1:22,80,443 --count 10   ten times, with percentiles
  portpulse check db1:5432 --json | jq .total_ms

Times are in milliseconds: DNS, connect, and both together. `syn lost` tells packet loss,
`stopwatch` that the kernel had no figure of its own. The silent handshake wakes no service.

Exit codes:
  0  all open
  1  at least one failed
  2  wrong usage
  3  at least one said nothing about its target (the fault is on this machine), and none failed";

const CONFIG_EXITS: &str = "\
Exit codes:
  0   the file is right, or there is none yet
  2   wrong usage
  78  the file is wrong or cannot be read";

/// portpulse watches TCP ports: full-screen, from this machine, with history.
#[derive(Debug, Parser)]
#[command(name = "portpulse", version, after_help = EXAMPLES, styles = Styles::plain())]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true, max_term_width = 100)]
pub struct Arguments {
    /// What to do other than watching.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to watch.
    #[command(flatten)]
    pub watch: Watch,
}

/// What to do other than watching.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check ports now, without keeping anything
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Show a live screen at once: ports of its own, history of its own, no network
    Demo(Demo),
    /// Make the checks without a screen, also when nobody looks; `portpulse` attaches to it
    #[command(after_help = serve::EXAMPLES)]
    Serve(Serve),
    /// Say how the targets stand, without a screen; the exit code says the worst
    #[command(after_help = status::EXAMPLES)]
    Status(Status),
    /// Say what is watched, and how
    #[command(after_help = change::LIST_EXAMPLES)]
    List(List),
    /// Watch more targets from now on, as the key `a` does
    #[command(after_help = change::ADD_EXAMPLES)]
    Add(Add),
    /// Change a target, as the key `e` does
    #[command(after_help = change::EDIT_EXAMPLES)]
    Edit(Edit),
    /// Stop watching targets, as the key `d` does
    #[command(after_help = change::EXITS)]
    Remove(Remove),
    /// Pause targets: they are not checked, and the time counts neither as up nor as down
    #[command(after_help = change::EXITS)]
    Pause(Chosen),
    /// Check paused targets again
    #[command(after_help = change::EXITS)]
    Resume(Chosen),
    /// Have targets checked at once, whatever their turn, and say how they stand then
    #[command(after_help = change::CHECK_NOW_EXITS)]
    CheckNow(Chosen),
    /// Say that somebody works on a target: checks go on, and nobody is called, as the key `w` does
    #[command(after_help = change::MAINTENANCE_EXAMPLES)]
    Maintenance(Maintenance),
    /// Say what happened, line by line, and with -f what happens
    #[command(after_help = logs::EXAMPLES)]
    Logs(Logs),
    /// Write the post-mortem of a span: what was out, since when, why
    #[command(after_help = report::EXAMPLES)]
    Report(Report),
    /// Try a function that judges a group: on made-up results, or on recorded ones
    #[command(after_help = evaluate::help())]
    Evaluate(Evaluate),
    /// Evaluate scripts for a portpulse that runs
    #[command(name = crate::script::COMMAND, hide = true)]
    ScriptEngine,
    /// Look at the configuration file
    #[command(subcommand, after_help = CONFIG_EXITS)]
    Config(Config),
    /// Write history or targets out for other programs
    #[command(after_help = export::EXAMPLES)]
    Export(Export),
    /// Add targets from the files of other programs to the configuration
    #[command(after_help = import::EXAMPLES)]
    Import(Import),
    /// Look after the history: how much there is, whether it can be read, copies of it
    #[command(after_help = store::EXAMPLES)]
    Store(Store),
    /// Print what a shell needs to complete commands and options
    #[command(after_help = manual::COMPLETIONS_EXAMPLES)]
    Completions {
        /// For which shell
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    /// Print the manual page, of all or of one command
    #[command(after_help = manual::EXAMPLES)]
    Man(Man),
}

/// How to watch.
#[derive(Clone, Debug, Args)]
pub struct Watch {
    /// Watch these for this run only, instead of those of the configuration file
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Whether they are one.
    #[command(flatten)]
    pub group: Group,
    /// Which configuration file.
    #[arg(long, value_name = "FILE", help = CONFIG_HELP)]
    pub config: Option<PathBuf>,
    /// Where history is kept.
    #[arg(long, value_name = "DIR", help = DATA_HELP)]
    pub data: Option<PathBuf>,
    /// Which colours.
    #[arg(long, value_name = "THEME", value_parser = theme, help = THEME_HELP)]
    pub theme: Option<Theme>,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
    /// Quit without asking
    #[arg(long)]
    pub no_confirm_quit: bool,
    /// Look, but change nothing
    #[arg(long)]
    pub read_only: bool,
    /// Write a log to this file
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// What to check, and how.
#[derive(Clone, Debug, Args)]
pub struct Check {
    /// Where to.
    #[arg(value_name = "TARGET", required = true, help = TARGET_HELP)]
    pub targets: Vec<String>,
    /// Whether they are one.
    #[command(flatten)]
    pub group: Group,
    /// How many times
    #[arg(long, short = 'c', value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=COUNT_MAX))]
    pub count: u32,
    /// Time from the start of one round to the start of the next
    #[arg(long, short = 'i', value_name = "D", default_value = "1s", value_parser = interval)]
    pub interval: Duration,
    /// How long one attempt may take, name look-up included
    #[arg(long, short = 't', value_name = "D", default_value = "10s", value_parser = timeout)]
    pub timeout: Duration,
    /// Only IPv4 addresses of a name
    #[arg(short = '4', conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// Only IPv6 addresses of a name
    #[arg(short = '6')]
    pub ipv6: bool,
    /// silent: SYN and RST, the service sleeps on; full: the whole handshake and a polite FIN
    #[arg(long, value_name = "HOW", default_value = "silent", value_parser = handshake)]
    pub handshake: Handshake,
    /// One JSON object a line: checks, then summaries
    #[arg(long)]
    pub json: bool,
}

/// How to show the demo.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Which colours.
    #[arg(long, value_name = "THEME", value_parser = theme, help = THEME_HELP)]
    pub theme: Option<Theme>,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// What to do with the configuration file.
#[derive(Clone, Debug, Subcommand)]
pub enum Config {
    /// Say whether the file is right, or everything that is wrong with it
    Check {
        /// Which file [default: the one in use]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// The same, as it is written elsewhere
        #[arg(long, value_name = "FILE", conflicts_with = "file")]
        config: Option<PathBuf>,
    },
    /// Print where the file is
    Path,
    /// Print every setting in effect, as TOML
    Show {
        /// Which file [default: the one in use]
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// The same, as it is written elsewhere
        #[arg(long, value_name = "FILE", conflicts_with = "file")]
        config: Option<PathBuf>,
        /// Print the default file instead, with every setting explained
        #[arg(long, conflicts_with_all = ["file", "config"])]
        default: bool,
    },
}

impl Check {
    /// Which addresses of a name are tried.
    pub const fn family(&self) -> Family {
        match (self.ipv4, self.ipv6) {
            (true, _) => Family::Ipv4,
            (_, true) => Family::Ipv6,
            _ => Family::Auto,
        }
    }
}

fn theme(text: &str) -> Result<Theme, String> {
    one_of(text, &Theme::NAMES)
}

fn handshake(text: &str) -> Result<Handshake, String> {
    one_of(text, &[("silent", Handshake::Silent), ("full", Handshake::Full)])
}

fn one_of<T: Copy>(text: &str, names: &[(&str, T)]) -> Result<T, String> {
    let known = || names.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let found = names.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| format!("use one of {}", known()))
}

fn interval(text: &str) -> Result<Duration, duration::DurationError> {
    duration::parse(text, &(*defaults::TIMEOUT.start()..=INTERVAL_MAX))
}

fn timeout(text: &str) -> Result<Duration, duration::DurationError> {
    duration::parse(text, &defaults::TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Address;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("portpulse").chain(line.split_whitespace()))
    }

    #[test]
    fn a_target_is_no_command_and_a_command_no_target() {
        let watch = parse("db1:5432 cache 6379 --theme cb --ascii --config x.toml").expect("a watch");
        assert!(watch.command.is_none());
        let read = addresses(&watch.watch.targets).expect("addresses");
        assert_eq!(read.iter().map(Address::to_string).collect::<Vec<_>>(), ["db1:5432", "cache:6379"]);
        assert_eq!(watch.watch.theme, Some(Theme::ColourBlind));
        assert!(matches!(parse("check check:22").expect("a check").command, Some(Command::Check(_))));
        let Some(Command::Config(Config::Check { config, .. })) =
            parse("config check --config x").expect("a file").command
        else {
            panic!("another command")
        };
        assert_eq!(config, Some(PathBuf::from("x")));
        assert!(matches!(parse("config show").expect("a look").command, Some(Command::Config(Config::Show { .. }))));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for line in [
            "check",
            "check a:1 -4 -6",
            "check a:1 --count 0",
            "check a:1 --timeout 0s",
            "check a:1 --timeout 5",
            "check a:1 --interval 1y",
            "check a:1 --handshake half",
            "config",
            "config check a b",
            "config check a --config b",
            "store backup -",
            "check a:1 --evaluate any",
            "export summary --step 1ms",
            "report --since 02:00",
            "--theme pink",
            "--group redis",
            "a:1 --evaluate any",
            "a:1 --group g --evaluate some",
            "--nonsense",
        ] {
            let told = parse(line).map(|_| ()).expect_err(line);
            assert_eq!(told.exit_code(), 2, "{line}: {told}");
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
