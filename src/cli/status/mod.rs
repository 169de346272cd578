//! `portpulse status`: how the targets stand, from the portpulse that watches them, or as it was known last.

mod json;
mod text;
mod watch;

use super::args::Status;
use super::choose::choose;
use super::history::{self, Source};
use super::terminal::Terminal;
use super::{Exit, complain};
use crate::domain::Wall;
use crate::engine::clock;
use crate::monitor::{Sight, Snapshot, TargetView};
use crate::tui::standing::Standing;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// How the targets that were asked about stand, the worst first.
#[derive(Clone)]
struct Table {
    views: Vec<Arc<TargetView>>,
    /// When it was so.
    at: Wall,
    sight: Sight,
    source: Source,
    worst: Worst,
}

/// The worst of all, as monitoring plugins tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worst {
    /// Everything is up, in maintenance or paused.
    Up,
    /// Something is slow or failing.
    Warning,
    /// Of something it is not known how it stands.
    Unknown,
    /// Something is down.
    Down,
}

impl Worst {
    /// Of one target.
    const fn of(standing: Standing) -> Self {
        match standing {
            Standing::Down => Self::Down,
            Standing::Blind | Standing::New | Standing::Gap => Self::Unknown,
            Standing::Failing | Standing::Slow => Self::Warning,
            Standing::Up | Standing::Maintenance | Standing::Paused => Self::Up,
        }
    }

    const fn exit(self) -> Exit {
        match self {
            Self::Up => Exit::Fine,
            Self::Warning => Exit::Failed,
            Self::Down => Exit::Down,
            Self::Unknown => Exit::Inconclusive,
        }
    }
}

impl Table {
    /// Those that are asked about, or who of them is not known. Of what nobody watches now, nobody knows how it stands.
    fn new(picture: &Snapshot, source: Source, wanted: &[String]) -> Result<Self, String> {
        let all = picture.targets.iter().cloned().collect();
        let mut views = choose(all, wanted, |view: &Arc<TargetView>| &view.target.definition, "portpulse")?;
        let known = views.iter().map(|view| Worst::of(Standing::of(view))).max().unwrap_or(Worst::Up);
        let worst = match source {
            Source::Kept => Worst::Unknown,
            Source::Owner(_) if picture.sight != Sight::Clear || views.is_empty() => known.max(Worst::Unknown),
            Source::Owner(_) => known,
        };
        views.sort_by_key(|view| Standing::of(view));
        Ok(Self { views, at: picture.at.wall, sight: picture.sight.clone(), source, worst })
    }

    /// How many stand so.
    fn count(&self, standing: Standing) -> usize {
        self.views.iter().filter(|view| Standing::of(view) == standing).count()
    }

    /// How long ago it was so, for what is no longer watched.
    fn age(&self, now: Wall) -> Option<Duration> {
        (self.source == Source::Kept).then(|| now.since(self.at))
    }
}

/// Tells it.
///
/// # Errors
/// When standard output cannot be written to, or history cannot be read.
pub fn run(status: &Status) -> io::Result<Exit> {
    if status.watch {
        return watch::run(status);
    }
    let history = match history::open(status.data.as_deref()) {
        Ok(history) => history,
        Err(exit) => return Ok(exit),
    };
    let Some((picture, source)) = history.picture()? else {
        return Ok(complain("nothing was ever checked: there is nothing to tell", Exit::Inconclusive));
    };
    let table = match Table::new(&picture, source, &status.targets) {
        Ok(table) => table,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let mut out = io::stdout().lock();
    write(&mut out, status, &table, Terminal::of_this_process())?;
    out.flush()?;
    Ok(table.worst.exit())
}

/// Tells how these stand in a picture of their owner.
///
/// # Errors
/// When standard output cannot be written to.
pub(super) fn tell(picture: &Snapshot, process: u32, targets: &[String], as_json: bool) -> io::Result<Exit> {
    let table = match Table::new(picture, Source::Owner(process), targets) {
        Ok(table) => table,
        Err(why) => return Ok(complain(&why, Exit::Usage)),
    };
    let (now, mut out) = (clock::system().wall, io::stdout().lock());
    if as_json {
        json::write(&mut out, &table, now, |_| true)?;
    } else {
        text::write(&mut out, &table, now, Terminal::of_this_process(), |_| true)?;
    }
    out.flush()?;
    Ok(table.worst.exit())
}

/// Writes it as it was asked for.
fn write(out: &mut impl Write, status: &Status, table: &Table, terminal: Terminal) -> io::Result<()> {
    let now = clock::system().wall;
    let is_shown = |view: &TargetView| is_shown(status, view);
    if status.json { json::write(out, table, now, is_shown) } else { text::write(out, table, now, terminal, is_shown) }
}

fn is_shown(status: &Status, view: &TargetView) -> bool {
    !status.problems || Standing::of(view).is_problem()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn down_is_worse_than_unknown_and_that_is_worse_than_slow() {
        let worst = |standings: &[Standing]| standings.iter().map(|standing| Worst::of(*standing)).max();
        for (standings, exit) in [
            (&[Standing::Up, Standing::Maintenance, Standing::Paused][..], Exit::Fine),
            (&[Standing::Up, Standing::Slow], Exit::Failed),
            (&[Standing::Failing], Exit::Failed),
            (&[Standing::Failing, Standing::New], Exit::Inconclusive),
            (&[Standing::Blind], Exit::Inconclusive),
            (&[Standing::Gap, Standing::Down, Standing::Up], Exit::Down),
        ] {
            assert_eq!(worst(standings).map(Worst::exit), Some(exit), "{standings:?}");
        }
    }
}
