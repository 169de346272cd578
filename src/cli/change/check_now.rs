//! `portpulse check-now`: whoever makes the checks makes these at once, and this waits for what they find.

use super::registry::Registry;
use super::{ids, meant};
use crate::cli::args::Chosen;
use crate::cli::{Exit, complain, follow, status};
use crate::domain::{TargetId, Wall};
use crate::engine::Handle;
use crate::monitor::{Command, Reply, Snapshot, TargetView};
use crate::tui::standing;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long results may take beyond the longest timeout: many checks are spread over some time.
const BEYOND: Duration = Duration::from_secs(10);

/// Has them checked and says how they stand then.
///
/// # Errors
/// When standard output cannot be written to.
pub fn run(chosen: &Chosen) -> io::Result<Exit> {
    let opened = Registry::open(&chosen.place)
        .and_then(|registry| meant(&registry, &chosen.targets).map(|views| (registry, views)));
    let (registry, views) = match opened {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let Some(process) = registry.owner() else {
        let why = "nobody makes the checks now: start `portpulse` or `portpulse serve`, or check without keeping \
                   anything with `portpulse check HOST:PORT`";
        return Ok(complain(why, Exit::Inconclusive));
    };
    let (paused, awake): (Vec<_>, Vec<_>) = views.into_iter().partition(|view| standing::is_paused(view));
    for view in &paused {
        let name = &view.target.definition.name;
        complain(&format!("`{name}` is paused and is not checked: `portpulse resume` first"), Exit::Failed);
    }
    if awake.is_empty() {
        return Ok(Exit::Inconclusive);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(async {
        let attached = follow::look_on(&registry.data).await.map_err(|error| error.to_string())?;
        follow::with(attached, async |handle| results(&handle, &awake).await).await?
    });
    match found {
        Err(why) => Ok(complain(&why, Exit::System)),
        Ok(Found { picture, missing }) => {
            let names: Vec<String> = awake.iter().map(|view| view.target.definition.name.clone()).collect();
            let told = status::tell(&picture, process, &names, chosen.place.json)?;
            for id in &missing {
                let name = awake.iter().find(|view| view.target.id == *id).map(|view| &view.target.definition.name);
                complain(&format!("there is no new result of `{}` yet", name.map_or("", |name| name)), Exit::Failed);
            }
            Ok(if missing.is_empty() { told } else { Exit::Inconclusive })
        }
    }
}

/// How they stand in the end.
struct Found {
    picture: Arc<Snapshot>,
    /// Of these there is no new result.
    missing: Vec<TargetId>,
}

/// Asks for the checks and waits until each of the targets has a newer one than it had.
async fn results(handle: &Handle, views: &[Arc<TargetView>]) -> Result<Found, String> {
    let mut pictures = handle.snapshots();
    let first = pictures.wait_for(|picture| picture.version > 0).await.map_err(|error| error.to_string())?.clone();
    let known: BTreeMap<TargetId, Option<Wall>> =
        ids(views).into_iter().map(|id| (id, first.target(id).and_then(newest))).collect();
    match handle.ask(Command::CheckNow(ids(views))).await {
        Ok(Reply::Refused(refusal)) => return Err(refusal.to_string()),
        Ok(_) => {}
        Err(error) => return Err(error.to_string()),
    }
    let longest = views.iter().map(|view| view.target.definition.timeout()).max().unwrap_or_default();
    let missing = |picture: &Snapshot| -> Vec<TargetId> {
        // One that was removed meanwhile has no results any more.
        let waits = |(id, before): (&TargetId, &Option<Wall>)| {
            picture.target(*id).filter(|view| newest(view) == *before).map(|_| *id)
        };
        known.iter().filter_map(waits).collect()
    };
    let done = pictures.wait_for(|picture| missing(picture).is_empty());
    // What is there when the time is over is told.
    let _ = tokio::time::timeout(longest + BEYOND, done).await;
    let picture = Arc::clone(&pictures.borrow());
    Ok(Found { missing: missing(&picture), picture })
}

/// When its newest finished check began.
fn newest(view: &Arc<TargetView>) -> Option<Wall> {
    view.latest.as_ref().map(|latest| latest.check.at)
}
