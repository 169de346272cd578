//! Answers that do something: add, change and remove targets, and check them now.
//!
//! What is asked over HTTP connects to nothing but what is configured. A target that is added or moved is configured
//! from then on; so where it may lie has to be allowed beforehand, in the configuration file, which no request reaches.

use super::Service;
use super::answer::Answered;
use super::problem::{Kind, Problem};
use super::read::view;
use super::resource::resource;
use super::wanted::Wanted;
use crate::config::serve::Allowed;
use crate::domain::{Activity, Address, Definition, TargetId};
use crate::monitor::{Command, Refusal, Reply, State, TargetView};
use hyper::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a request waits for what a check finds; it goes on without anybody who waits.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// Adds a target; it is checked at once (S20).
pub(super) async fn create(service: &Service, body: &[u8]) -> Result<Value, Problem> {
    let wanted = Wanted::read(body)?;
    allow(service, &wanted.address)?;
    let (defaults, tags) = (service.given)();
    let given = wanted.tags.clone().unwrap_or_default();
    let definition = tags.over(&defaults, &given).definition(wanted.address.clone());
    match ask(service, Command::Add(vec![dressed(definition, wanted)])).await? {
        Reply::Added(ids) => {
            let id = ids.first().copied().ok_or_else(unexpected)?;
            shown(service, id, |_| true).await
        }
        _ => Err(unexpected()),
    }
}

/// Changes a target. Its other settings stay, and so does what is left out.
pub(super) async fn replace(service: &Service, id: TargetId, body: &[u8]) -> Result<Value, Problem> {
    let wanted = Wanted::read(body)?;
    let before = view(service, id)?;
    let mut definition = before.target.definition.clone();
    let [endpoint] = &mut definition.endpoints[..] else {
        let detail = "it has several endpoints: change it on the screen or in the configuration file";
        return Err(Problem::new(Kind::Conflict, detail));
    };
    if endpoint.address != wanted.address {
        allow(service, &wanted.address)?;
        endpoint.address = wanted.address.clone();
    }
    let definition = dressed(definition, wanted);
    if definition != before.target.definition {
        ask(service, Command::Edit(id, Box::new(definition.clone()))).await?;
    }
    shown(service, id, |view| view.target.definition == definition).await
}

/// Removes a target.
pub(super) async fn delete(service: &Service, id: TargetId) -> Result<Value, Problem> {
    view(service, id)?;
    ask(service, Command::Remove(vec![id])).await?;
    // Whoever looks next is not to see it any more.
    let gone = timeout(WAIT_MAX, async {
        let mut snapshots = service.handle.snapshots();
        snapshots.wait_for(|picture| picture.target(id).is_none()).await.map(drop)
    });
    match gone.await {
        Ok(Ok(())) => Ok(json!({ "status": "deleted" })),
        _ => Err(unexpected()),
    }
}

/// Checks a target now, whatever its turn, and waits for what is found.
pub(super) async fn check(service: &Service, id: TargetId) -> Result<Answered, Problem> {
    let before = view(service, id)?;
    if before.state == State::Paused {
        return Err(Problem::new(Kind::Conflict, "it is paused: set `active` to true first"));
    }
    let newest = |view: &TargetView| view.latest.as_ref().map(|latest| latest.check.at);
    ask(service, Command::CheckNow(vec![id])).await?;
    let known = newest(&before);
    match timeout(WAIT_MAX, shown(service, id, |view| newest(view) != known)).await {
        Ok(found) => Ok(Answered::json(StatusCode::OK, &found?)),
        Err(_) => view(service, id).map(|view| Answered::json(StatusCode::ACCEPTED, &resource(&view))),
    }
}

/// What a request says, laid over a definition.
fn dressed(definition: Definition, wanted: Wanted) -> Definition {
    let activity = wanted.active.map(|active| if active { Activity::Watching } else { Activity::Paused });
    Definition {
        name: wanted.name,
        activity: activity.unwrap_or(definition.activity),
        tags: wanted.tags.unwrap_or(definition.tags),
        note: wanted.note.unwrap_or(definition.note),
        ..definition
    }
}

fn allow(service: &Service, address: &Address) -> Result<(), Problem> {
    if service.allow.iter().any(|allowed| allowed.includes(address)) {
        return Ok(());
    }
    let detail = format!(
        "{address} is not among what may be added over HTTP: add it to `allow` below [serve] in the configuration \
         file, for example allow = [\"{}\"], and start the service again",
        Allowed::only(address)
    );
    Err(Problem::new(Kind::NotAllowed, detail))
}

/// The target as soon as a picture shows it like this.
async fn shown(service: &Service, id: TargetId, is_it: impl Fn(&TargetView) -> bool) -> Result<Value, Problem> {
    let mut snapshots = service.handle.snapshots();
    let found = |view: &Arc<TargetView>| view.target.id == id && is_it(view);
    let picture = snapshots.wait_for(|picture| picture.targets.iter().any(found)).await;
    let view = picture.ok().and_then(|picture| picture.target(id).cloned());
    view.map(|view| resource(&view)).ok_or_else(unexpected)
}

async fn ask(service: &Service, command: Command) -> Result<Reply, Problem> {
    match service.handle.ask(command).await {
        Ok(Reply::Refused(refusal)) => Err(refused(&refusal)),
        Ok(reply) => Ok(reply),
        Err(stopped) => Err(Problem::new(Kind::Unavailable, stopped.to_string())),
    }
}

fn refused(refusal: &Refusal) -> Problem {
    let kind = match refusal {
        Refusal::NameTaken(_) | Refusal::AlreadyWatched(..) | Refusal::TooMany(..) => Kind::Conflict,
        Refusal::NotWatched => Kind::NotFound,
        Refusal::NotWritten(_) => Kind::NotWritten,
        Refusal::ReadOnly => Kind::ReadOnly,
        Refusal::Stopping | Refusal::Nobody => Kind::Unavailable,
        Refusal::NoSuchTime | Refusal::NoMaintenance | Refusal::NothingSaid => Kind::Malformed,
    };
    Problem::new(kind, refusal.to_string())
}

fn unexpected() -> Problem {
    Problem::new(Kind::Unavailable, "the monitor ends, or nobody makes the checks: ask again")
}
