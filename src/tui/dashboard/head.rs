//! The two lines above everything: how many stand how, the time, and the newest problems, the filter or a message.

use super::spread;
use crate::tui::action::Action;
use crate::tui::glyphs::Glyphs;
use crate::tui::model::overlay::Overlay;
use crate::tui::model::targets::Tally;
use crate::tui::model::{Model, Tone};
use crate::tui::settings::{Access, Company};
use crate::tui::standing::{self, Standing};
use crate::tui::text::{clip, count, name, period, short};
use crate::tui::theme::Role;
use crate::tui::view::input::typed;
use crate::tui::widget::Runs;

/// From this width on, words are written out.
const WIDE: usize = 100;
/// Columns of a name among the newest problems, so that one long name hides no other.
const NAME_MAX: usize = 20;

/// The name of the program, the counts and the clock.
pub fn head(model: &Model, width: usize) -> Runs {
    let mut left = Runs::default().with(" portpulse ", Role::Strong);
    let tally = &model.targets.tally;
    if tally.total() > 0 {
        left.add(" ", Role::Text);
        left.append(counts(tally, model.glyphs(), if width >= WIDE { Words::Full } else { Words::Short }));
    }
    let clock = clock(model, width);
    let mut rights = vec![clock.clone()];
    let total = match tally.total() {
        0 => "no targets yet".to_owned(),
        1 => "1 target".to_owned(),
        many => format!("{} targets", count(many as u64)),
    };
    let separator = if width >= WIDE { model.glyphs().separator } else { "  " };
    let join = |parts: &[String]| {
        let mut right = Runs::default();
        for part in parts {
            right.add(format!("{part}{separator}"), Role::Text);
        }
        right.append(clock.clone());
        right
    };
    rights.insert(0, join(std::slice::from_ref(&total)));
    if width >= WIDE {
        let mut parts = vec![total];
        parts.extend(model.targets.every.map(|every| format!("every {}", period(every))));
        if model.travel.is_none() {
            parts.push(format!("{:.1} checks/s", model.snapshot.checks_per_second));
        }
        rights.insert(0, join(&parts));
        parts.push(format!("bell {}", model.settings.bell.word()));
        rights.insert(0, join(&parts));
    }
    let fits = |right: &Runs| left.width() + right.width() < width;
    let right = rights.into_iter().find(fits).unwrap_or_default();
    spread(left, right, width)
}

/// The time; loud while the screen stands still or shows the past, and beside it whether changes are refused
/// or how things stand now.
fn clock(model: &Model, width: usize) -> Runs {
    let zone = model.settings.zone;
    let mut runs = Runs::default();
    if let Some(travel) = &model.travel {
        runs.append(problems_now(&travel.tally, model.glyphs()));
        return runs.with(format!(" PAST {} ", zone.nearby(model.now, model.clock)), Role::Banner);
    }
    if model.settings.access == Access::ReadOnly {
        runs.add("read-only  ", Role::Muted);
    }
    runs.append(company(&model.settings.company, width));
    match &model.freeze {
        Some(freeze) => runs.add(format!(" FROZEN {} ", zone.clock(freeze.since)), Role::Banner),
        None if width >= 160 => {
            runs.add(format!("{} {}", zone.weekday_clock(model.now), zone.name(model.now)), Role::Text);
        }
        None if width >= WIDE => runs.add(format!("{} {}", zone.clock(model.now), zone.name(model.now)), Role::Text),
        None => runs.add(zone.clock(model.now), Role::Text),
    }
    runs.with(" ", Role::Text)
}

/// Who makes the checks, if that is not this process alone.
fn company(company: &Company, width: usize) -> Runs {
    let is_wide = width >= WIDE;
    let words = match company {
        // For the last two there is a banner.
        Company::Owner { others: 0 } | Company::Silent { .. } | Company::Gone { .. } => return Runs::default(),
        Company::Owner { others } if is_wide => format!("{} attached  ", count(u64::from(*others))),
        Company::Owner { others } => format!("+{}  ", count(u64::from(*others))),
        Company::Attached { process, others: 0 } if is_wide => format!("attached to {process}  "),
        Company::Attached { process, others } if is_wide => format!("attached to {process}, +{others}  "),
        Company::Attached { process, others: 0 } => format!("@{process}  "),
        Company::Attached { process, others } => format!("@{process} +{others}  "),
    };
    Runs::default().with(words, Role::Muted)
}

/// How many problems there are now, while the screen shows the past.
fn problems_now(tally: &Tally, glyphs: &Glyphs) -> Runs {
    let problems = [Standing::Down, Standing::Failing, Standing::Blind].map(|standing| (standing, tally.of(standing)));
    let mut runs = Runs::default().with("now", Role::Text);
    for (standing, number) in problems.into_iter().filter(|(_, number)| *number > 0) {
        runs.add(" ", Role::Text);
        runs.add(format!("{}{number}", standing.glyph(glyphs)), standing.role());
    }
    let is_quiet = problems.iter().all(|(_, number)| *number == 0);
    runs.with(if is_quiet { " no problem  " } else { "  " }, Role::Text)
}

/// How much is said beside a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// The sign alone.
    None,
    /// A word where it matters.
    Short,
    /// A word for each, in capitals where it matters.
    Full,
}

/// How many targets stand how, worst first; what nobody is, is left out, but for up.
pub fn counts(tally: &Tally, glyphs: &Glyphs, words: Words) -> Runs {
    let mut runs = Runs::default();
    let slow = tally.of(Standing::Slow);
    for standing in [
        Standing::Down,
        Standing::Failing,
        Standing::Blind,
        Standing::Gap,
        Standing::Maintenance,
        Standing::Up,
        Standing::New,
        Standing::Paused,
    ] {
        let number = tally.of(standing) + if standing == Standing::Up { slow } else { 0 };
        if number == 0 && standing != Standing::Up {
            continue;
        }
        if !runs.0.is_empty() {
            runs.add(if words == Words::None { " " } else { "  " }, Role::Text);
        }
        let name = standing.name();
        let is_main = !matches!(standing, Standing::Maintenance | Standing::New | Standing::Paused);
        let text = match words {
            Words::Full if is_main => format!(" {} {}", count(number as u64), name.to_uppercase()),
            Words::Full => format!(" {} {name}", count(number as u64)),
            Words::Short if is_main => format!("{} {name}", count(number as u64)),
            Words::Short | Words::None => count(number as u64),
        };
        let is_loud = matches!(standing, Standing::Down | Standing::Failing | Standing::Blind);
        runs.add(standing.glyph(glyphs), standing.role());
        runs.add(text, if is_loud { standing.role() } else { Role::Text });
        if standing == Standing::Up && slow > 0 && words != Words::None {
            runs.add(format!(" ({})", less_than_up(tally, words)), Role::Text);
        }
    }
    runs
}

/// What is open and still no whole success: `1 slow, 2 degraded`.
fn less_than_up(tally: &Tally, words: Words) -> String {
    let (lessened, name) = (tally.lessened(), if words == Words::Full { "degraded" } else { "degr" });
    let slow = tally.of(Standing::Slow).saturating_sub(lessened);
    let parts = [(slow, "slow"), (lessened, name)].into_iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, name)| format!("{} {name}", count(number as u64))).collect::<Vec<_>>().join(", ")
}

/// What is being typed or was said, else the filter, else the newest problems.
pub fn second(model: &Model, width: usize) -> Runs {
    let glyphs = model.glyphs();
    if let Some(Overlay::Filter(input)) = &model.overlay {
        let line = typed(Runs::default().with(" / ", Role::Strong), input, width / 2, glyphs);
        return spread(line, hidden(model), width);
    }
    if let Some(message) = &model.message {
        let role = if message.tone == Tone::Refused { Role::Error } else { Role::Strong };
        let text = clip(&message.text, width.saturating_sub(2), glyphs.ellipsis);
        return Runs::default().with(format!(" {text}"), role);
    }
    if !model.targets.filter.is_empty() {
        let line = Runs::default().with(" / ", Role::Strong).with(model.targets.filter.text(), Role::Text);
        return spread(line, hidden(model), width);
    }
    let right = if width >= WIDE {
        format!("sort: {}  {} ", model.targets.order.label(glyphs), model.window.name())
    } else {
        views(model)
    };
    spread(
        problems(model, width.saturating_sub(crate::tui::text::width(&right) + 2)),
        Runs::default().with(right, Role::Muted),
        width,
    )
}

/// The keys that lead to the views, such as `1 targets 2 3 4`.
fn views(model: &Model) -> String {
    let views = [Action::ShowTargets, Action::ShowOutages, Action::ShowChecks, Action::ShowEvents];
    let mut words: Vec<String> =
        views.iter().filter_map(|view| model.settings.keymap.label(*view, model.glyphs())).collect();
    if model.settings.keymap.keys(Action::ShowTargets).is_empty() {
        return words.join(" ") + " ";
    }
    words.insert(1, "targets".to_owned());
    words.join(" ") + " "
}

/// How many are shown, and which problems the filter hides.
fn hidden(model: &Model) -> Runs {
    let glyphs = model.glyphs();
    let targets = &model.targets;
    let mut runs =
        Runs::default().with(format!("{} of {} shown", targets.shown.len(), targets.tally.total()), Role::Text);
    let problems: Vec<Standing> =
        Standing::ALL.into_iter().filter(|one| one.is_problem() && targets.hidden.of(*one) > 0).collect();
    if !problems.is_empty() {
        runs.add(glyphs.separator, Role::Text);
        for standing in problems {
            runs.add(format!("{}{}", standing.glyph(glyphs), targets.hidden.of(standing)), standing.role());
            runs.add(" ", Role::Text);
        }
        runs.add("hidden by the filter", Role::Strong);
    }
    runs.with(" ", Role::Text)
}

/// The newest open outages, as many as fit.
fn problems(model: &Model, width: usize) -> Runs {
    let glyphs = model.glyphs();
    let mut line = Runs::default().with(" ", Role::Text);
    for view in model.targets.down.iter().filter_map(|id| model.target(*id)) {
        let reason = view.outage.as_ref().map_or("", |outage| outage.reason.word());
        let lasted = short(model.now.since(view.since));
        let mut item = Runs::default();
        if line.width() > 1 {
            item.add(glyphs.separator, Role::Text);
        }
        let (sign, _) = standing::sign(view, glyphs);
        item.add(sign, Role::Failed);
        let name = name(&view.target.definition.name, NAME_MAX, glyphs.ellipsis);
        item.add(format!(" {name} {reason} {lasted}"), Role::Text);
        if line.width() + item.width() > width {
            break;
        }
        line.append(item);
    }
    line
}
