//! Answers that change nothing: targets as they stand, their outages and their history.

use super::Service;
use super::problem::{Kind, Problem};
use super::resource::{check, outage, resource, step};
use super::wanted::{parameter, span};
use crate::config::duration;
use crate::domain::{Check, Span, TargetId};
use crate::engine::query::{CHECKS_MAX, FIGURES_MAX};
use crate::engine::{Answer, Query};
use crate::monitor::TargetView;
use serde_json::Value;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// The span of outages and of history, if a request says nothing.
const OUTAGES_OF: Duration = Duration::from_hours(31 * 24);
const HISTORY_OF: Duration = Duration::from_hours(24);
/// How long a step may be.
const STEPS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(400 * 24);

/// All targets.
pub(super) fn list(service: &Service) -> Value {
    let picture = service.handle.snapshots().borrow().clone();
    picture.targets.iter().map(|view| resource(view)).collect()
}

/// One target.
pub(super) fn one(service: &Service, id: TargetId) -> Result<Value, Problem> {
    view(service, id).map(|view| resource(&view))
}

/// A target that is watched.
pub(super) fn view(service: &Service, id: TargetId) -> Result<Arc<TargetView>, Problem> {
    let picture = service.handle.snapshots().borrow().clone();
    let view = picture.target(id).cloned();
    view.ok_or_else(|| Problem::new(Kind::NotFound, "no target has this id: /api/resources tells those that there are"))
}

/// Its outages, newest first.
pub(super) async fn outages(service: &Service, id: TargetId, query: Option<&str>) -> Result<Value, Problem> {
    view(service, id)?;
    let now = (service.clock)().wall;
    match ask(service, Query::OutagesOf(id, span(query, now, OUTAGES_OF)?)).await? {
        Answer::Outages(outages) => Ok(outages.iter().map(|it| outage(it, now)).collect()),
        _ => Err(unexpected()),
    }
}

/// Its checks, newest first; or its figures over steps of time, oldest first.
pub(super) async fn history(service: &Service, id: TargetId, query: Option<&str>) -> Result<Value, Problem> {
    let view = view(service, id)?;
    let span = span(query, (service.clock)().wall, HISTORY_OF)?;
    let Some(resolution) = parameter(query, "resolution")? else { return checks(service, &view, span).await };
    let step_length = duration::parse(&resolution, &STEPS)
        .map_err(|_| Problem::new(Kind::Malformed, "`resolution` is a time from 1s to 400d, such as 5m or 1h30m"))?;
    if span.length().div_duration_f64(step_length) > f64::from(FIGURES_MAX) {
        let detail = format!("that would be more than {FIGURES_MAX} steps: choose a longer `resolution`");
        return Err(Problem::new(Kind::Malformed, detail));
    }
    match ask(service, Query::Figures { target: id, span, step: step_length }).await? {
        Answer::Figures(figures) => Ok(figures.iter().map(step).collect()),
        _ => Err(unexpected()),
    }
}

async fn checks(service: &Service, view: &TargetView, span: Span) -> Result<Value, Problem> {
    let target = &view.target;
    let Answer::Checks(mut checks) = ask(service, Query::Checks(target.id, span)).await? else {
        return Err(unexpected());
    };
    if checks.len() >= CHECKS_MAX {
        let detail = format!("there are more than {CHECKS_MAX} checks: choose a shorter span, or a `resolution`");
        return Err(Problem::new(Kind::Malformed, detail));
    }
    // Of a group, the verdicts of its rounds, which speak for it.
    if let Some(rounds) = target.round_id {
        checks.retain(|check| check.endpoint == rounds);
    }
    Ok(checks.iter().rev().map(|it: &Check| check(it)).collect())
}

async fn ask(service: &Service, query: Query) -> Result<Answer, Problem> {
    match service.handle.query(query).await {
        Ok(Answer::Failed(why)) => Err(Problem::new(Kind::Unavailable, why)),
        Ok(answer) => Ok(answer),
        Err(stopped) => Err(Problem::new(Kind::Unavailable, stopped.to_string())),
    }
}

fn unexpected() -> Problem {
    Problem::new(Kind::Unavailable, "history has answered something else")
}
