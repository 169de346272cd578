//! What was understood of the field for the target, line by line where lines were pasted, or what is wrong with it.

use super::super::super::model::Model;
use super::super::super::model::form::{Form, Purpose};
use super::super::super::model::understood::{Rest, TARGETS_MAX, Understood};
use super::super::super::text::{clip, pad_left, plural};
use super::super::super::theme::Role;
use super::super::super::widget::Runs;
use crate::domain::listing::{Listed, ListingError};
use crate::domain::service;
use crate::domain::text::clean;

/// How many pasted lines are shown one by one.
const LINES_MAX: usize = 6;
/// How many of them may be taken up by what was not understood.
const ERRORS_MAX: usize = 4;

/// The lines below the field, indented like what stands in it.
pub(super) fn lines(model: &Model, form: &Form, room: usize, indent: usize) -> Vec<Runs> {
    let glyphs = model.glyphs();
    let room = room.saturating_sub(indent);
    let line = |text: &str, role| {
        Runs::default().with(" ".repeat(indent), Role::Text).with(clip(text, room, glyphs.ellipsis), role)
    };
    let understood = form.understood();
    let mut lines = Vec::new();
    let first = understood.listed.first().and_then(|(_, listed)| listed.addresses.first());
    match (first, understood.count()) {
        (Some(only), 1) => {
            let service = service::name(only.port).map(|name| format!(" ({name})")).unwrap_or_default();
            let host = clip(&only.host.to_string(), room.saturating_sub(30), glyphs.ellipsis);
            lines.push(line(&format!("{} host {host}  port {}{service}", glyphs.check, only.port), Role::Text));
        }
        (Some(first), many) => {
            let is_group = matches!(form.group(), Ok(Some(_)));
            let noun = if is_group { "endpoint" } else { "target" };
            let more = if many > 1 { format!(" {}", glyphs.ellipsis) } else { String::new() };
            lines.push(line(&format!("{} {}: {first}{more}", glyphs.check, plural(many as u64, noun)), Role::Text));
        }
        (None, _) if understood.errors.is_empty() => {
            lines.push(line("host:port  [v6]:port  {db1,db2}:5432,9100-9103  or pasted lines", Role::Muted));
        }
        (None, _) => {}
    }
    if form.lines().is_some() {
        lines.extend(one_by_one(understood, glyphs.check, glyphs.cross).iter().map(|(text, role)| line(text, *role)));
    } else if let Some((_, error)) = understood.errors.first() {
        lines.push(line(&clean(&error.to_string(), 200), Role::Error));
    }
    if understood.rest == Rest::TooMany {
        lines.push(line(&format!("more than {TARGETS_MAX} at once: add them in parts"), Role::Error));
    }
    match &form.purpose {
        Purpose::Edit(_) if form.new_addresses().is_empty() => {}
        Purpose::Edit(_) if understood.count() > 1 => {
            lines.push(line("a new address starts a history of its own", Role::Strong));
        }
        Purpose::Edit(_) => lines.push(line("another address begins anew; its past is kept", Role::Strong)),
        Purpose::Add => {}
    }
    lines
}

/// Pasted lines in their order, each with what became of it; what was not understood comes before what was where
/// there is no room for all.
fn one_by_one(understood: &Understood, check: &str, cross: &str) -> Vec<(String, Role)> {
    let errors = understood.errors.len().min(ERRORS_MAX);
    let good = understood.listed.len().min(LINES_MAX - errors);
    let told = |(number, error): &(usize, ListingError)| (*number, clean(&error.to_string(), 200), Role::Error);
    let read = |(number, listed): &(usize, Listed)| (*number, summary(listed), Role::Text);
    let mut lines: Vec<(usize, String, Role)> = understood.errors.iter().take(errors).map(told).collect();
    lines.extend(understood.listed.iter().take(good).map(read));
    lines.sort_by_key(|(number, ..)| *number);
    let width = lines.iter().map(|(number, ..)| number.to_string().len()).max().unwrap_or_default();
    let row = |(number, text, role): (usize, String, Role)| {
        let sign = if role == Role::Error { cross } else { check };
        (format!("line {} {sign} {text}", pad_left(&number.to_string(), width)), role)
    };
    let mut rows: Vec<(String, Role)> = lines.into_iter().map(row).collect();
    let count = |number: usize| plural(number as u64, "more line");
    match (understood.listed.len() - good, understood.errors.len() - errors) {
        (0, 0) => {}
        (more, 0) => rows.push((format!("and {} understood", count(more)), Role::Muted)),
        (0, wrong) => rows.push((format!("and {} not understood", count(wrong)), Role::Error)),
        (more, wrong) => rows.push((format!("and {more} more lines understood, {wrong} not"), Role::Error)),
    }
    rows
}

/// A line in the words that it was understood as.
fn summary(listed: &Listed) -> String {
    let mut words: Vec<String> = listed.addresses.iter().take(3).map(ToString::to_string).collect();
    if listed.addresses.len() > 3 {
        words.push(format!("and {} more", listed.addresses.len() - 3));
    }
    words.extend(listed.name.iter().map(|name| format!("named {name}")));
    words.extend(listed.tags.iter().map(|tag| format!("#{tag}")));
    clean(&words.join(" "), 200)
}
