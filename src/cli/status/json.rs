//! How the targets stand, as one JSON object. The names are promised: new ones may come.

use super::Table;
use crate::cli::history::Source;
use crate::domain::{Check, Wall, Zone};
use crate::exchange::{millis, words};
use crate::monitor::{Sight, Soft, TargetView};
use crate::tui::group;
use crate::tui::standing::{self, Standing};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes it.
pub(super) fn write(
    out: &mut impl Write,
    table: &Table,
    now: Wall,
    is_shown: impl Fn(&TargetView) -> bool,
) -> io::Result<()> {
    let process = match table.source {
        Source::Owner(process) => Some(process),
        Source::Kept => None,
    };
    let blind = match &table.sight {
        Sight::Clear => None,
        Sight::Blind { since, why, scope } => Some(json!({ "since": moment(*since), "why": why, "scope": scope })),
    };
    let counts: serde_json::Map<String, Value> =
        Standing::ALL.into_iter().map(|standing| (standing.name().to_owned(), table.count(standing).into())).collect();
    let targets: Vec<Value> =
        table.views.iter().filter(|view| is_shown(view)).map(|view| target(view, table.at)).collect();
    let whole = json!({
        "at": moment(table.at),
        "watched_by": process,
        "age_s": table.age(now).map(|age| age.as_secs()),
        "blind": blind,
        "counts": counts,
        "targets": targets,
    });
    writeln!(out, "{whole}")
}

fn target(view: &TargetView, at: Wall) -> Value {
    let definition = &view.target.definition;
    let latest = view.latest.as_ref().map(|latest| &latest.check);
    let since = standing::since(view);
    let (count, of) = match view.soft {
        Soft::Failing { count, of, .. } | Soft::Recovering { count, of } => (Some(count), Some(of)),
        Soft::Steady => (None, None),
    };
    json!({
        "name": definition.name,
        "endpoints": definition.endpoints.iter().map(|endpoint| endpoint.address.to_string()).collect::<Vec<_>>(),
        "tags": definition.tags,
        "state": Standing::of(view).name(),
        "recovering": matches!(view.soft, Soft::Recovering { .. }),
        "count": count,
        "of": of,
        "since": moment(since),
        "for_s": at.since(since).as_secs(),
        "checked_at": latest.map(|check| moment(check.at)),
        "outcome": latest.map(|check| words::outcome(&check.outcome)),
        "reason": latest.and_then(|check| words::reason(&check.outcome)),
        "fine": group::share(view).map(|(fine, _)| fine),
        "checked": group::share(view).map(|(_, all)| all),
        "why": group::why(view),
        "maintenance": view.maintenance.as_ref().map(|works| json!({
            "title": works.title,
            "from": moment(works.span.from),
            "until": moment(works.span.to),
        })),
        "latency_ms": latest.filter(|check| check.outcome.is_open()).and_then(Check::latency).map(millis),
    })
}

fn moment(at: Wall) -> String {
    Zone::Utc.rfc3339_millis(at)
}
