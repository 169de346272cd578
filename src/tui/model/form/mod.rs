//! The form that adds or edits targets: its fields as they were typed, and what was understood of them.

mod definitions;

use super::understood::Understood;
use crate::config::{Defaults, Tags, policy};
use crate::domain::{Address, Attempt, Definition, Endpoint, Evaluation, Target};
use crate::tui::text::period;
use std::time::Duration;
use tui_input::Input;

/// How long a name may be, in graphemes.
pub const NAME_MAX: usize = 64;
/// What stands in the field for the group when each address is a target of its own.
pub const NO_GROUP: &str = "no";
/// What the arrows step through in the field for the time between checks.
pub const PRESETS: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(5),
];

/// A field of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// What to watch.
    #[default]
    Target,
    /// What to call it.
    Name,
    /// Whether all addresses are one target, and how that is judged.
    Group,
    /// Words to filter by.
    Tags,
    /// Time between checks.
    Every,
    /// How long one attempt may take.
    Timeout,
    /// Failures in a row that make an outage.
    DownAfter,
    /// Successes in a row that end one.
    UpAfter,
    /// Latency above which it counts as slow.
    SlowAt,
    /// Free text.
    Note,
}

/// What the form is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// New targets.
    Add,
    /// This one, as it is now.
    Edit(Box<Target>),
}

/// Whether what was typed has been sent off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Saving {
    /// It is being typed.
    #[default]
    Typing,
    /// The engine has not answered yet.
    Sent,
}

/// How many addresses a test of the form is about at most: more at once would look like an attack.
pub const TESTS_MAX: usize = 64;

/// A check that was asked for from the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Of what.
    pub address: Address,
    /// Its number, once the engine has given it one.
    pub attempt: Option<Attempt>,
}

/// The form.
#[derive(Clone, Debug)]
pub struct Form {
    /// What it is for.
    pub purpose: Purpose,
    /// Where typing goes.
    pub focus: Field,
    /// Which field has been typed into since it was entered. What a figure offers gives way to the first letter:
    /// who types `45s` where `1m` stands does not mean `1m45s`.
    pub typing: Option<Field>,
    /// Why it could not be saved.
    pub refusal: Option<String>,
    /// The newest test: of each address that is written in it, at most [`TESTS_MAX`].
    pub tests: Vec<Test>,
    /// Whether what was typed has been sent off.
    pub saving: Saving,
    inputs: [Input; Field::ALL.len()],
    lines: Option<String>,
    understood: Understood,
    before: [String; Field::ALL.len()],
    /// What is said of all targets.
    defaults: Defaults,
    /// What is said of those with a tag.
    tags: Tags,
    /// Both together, for the tags as they were when the form was opened.
    given: Defaults,
    /// The same for the tags as they stand in the form now.
    shown: Defaults,
}

impl Field {
    /// Every field in the order of Tab.
    pub const ALL: [Self; 10] = [
        Self::Target,
        Self::Name,
        Self::Group,
        Self::Tags,
        Self::Every,
        Self::Timeout,
        Self::DownAfter,
        Self::UpAfter,
        Self::SlowAt,
        Self::Note,
    ];

    /// What stands in front of it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Target => "Target",
            Self::Name => "Name",
            Self::Group => "Group",
            Self::Tags => "Tags",
            Self::Every => "Every",
            Self::Timeout => "Timeout",
            Self::DownAfter => "DOWN after",
            Self::UpAfter => "UP after",
            Self::SlowAt => "Slow at",
            Self::Note => "Note",
        }
    }

    /// Whether it holds a figure or a choice, which is written anew rather than added to.
    pub const fn is_figure(self) -> bool {
        matches!(self, Self::Group) || self.is_given()
    }

    /// Whether defaults and tags say what stands in it.
    const fn is_given(self) -> bool {
        matches!(self, Self::Every | Self::Timeout | Self::DownAfter | Self::UpAfter | Self::SlowAt)
    }

    /// The field so many places further, round about.
    #[must_use]
    pub const fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

impl Form {
    /// An empty form.
    pub fn add(defaults: Defaults, tags: Tags) -> Self {
        let texts = |field: Field| match field {
            Field::Group => NO_GROUP.to_owned(),
            field => said(&defaults, field),
        };
        Self::new(Purpose::Add, Field::ALL.map(texts), defaults.clone(), defaults, tags)
    }

    /// A form with a target as it is now.
    pub fn edit(target: &Target, defaults: &Defaults, tags: &Tags) -> Self {
        let definition = &target.definition;
        let given = tags.over(defaults, &definition.tags);
        let figures = Defaults {
            interval: definition.interval,
            timeout: common_timeout(&definition.endpoints).unwrap_or(given.timeout),
            down_after: definition.down_after,
            up_after: definition.up_after,
            degraded_above: definition.degraded_above,
            ..given.clone()
        };
        let addresses: Vec<String> = definition.endpoints.iter().map(|endpoint| endpoint.address.to_string()).collect();
        let texts = |field: Field| match field {
            Field::Target => addresses.join(" "),
            Field::Name => definition.name.clone(),
            Field::Group => group(definition),
            Field::Tags => definition.tags.join(" "),
            Field::Note => definition.note.clone(),
            figure => said(&figures, figure),
        };
        let purpose = Purpose::Edit(Box::new(target.clone()));
        let mut form = Self::new(purpose, Field::ALL.map(texts), given, defaults.clone(), tags.clone());
        form.focus = Field::Name;
        form
    }

    fn new(
        purpose: Purpose,
        before: [String; Field::ALL.len()],
        given: Defaults,
        defaults: Defaults,
        tags: Tags,
    ) -> Self {
        let understood = Understood::of(&before[Field::Target as usize]);
        let inputs = before.clone().map(Input::new);
        Self {
            purpose,
            focus: Field::default(),
            typing: None,
            refusal: None,
            tests: Vec::new(),
            saving: Saving::default(),
            inputs,
            lines: None,
            understood,
            before,
            defaults,
            tags,
            shown: given.clone(),
            given,
        }
    }

    /// What stands in a field.
    pub fn text(&self, field: Field) -> &str {
        self.inputs[field as usize].value()
    }

    /// A field with its cursor.
    pub const fn input(&self, field: Field) -> &Input {
        &self.inputs[field as usize]
    }

    /// A field, to type into.
    pub const fn input_mut(&mut self, field: Field) -> &mut Input {
        &mut self.inputs[field as usize]
    }

    /// What stood in a field when the form was opened.
    pub fn before(&self, field: Field) -> &str {
        &self.before[field as usize]
    }

    /// Whether anything differs from when the form was opened.
    pub fn is_changed(&self) -> bool {
        self.lines.is_some() || Field::ALL.into_iter().any(|field| self.has_changed(field))
    }

    /// Whether somebody has changed a field. What changes with the tags does not count.
    pub fn has_changed(&self, field: Field) -> bool {
        let text = self.text(field);
        let follows =
            field.is_given() && text == said(&self.shown, field) && self.before(field) == said(&self.given, field);
        text != self.before(field) && !follows
    }

    /// What was understood of the field for the target.
    pub const fn understood(&self) -> &Understood {
        &self.understood
    }

    /// Pasted lines that stand in place of what is typed into the field for the target.
    pub fn lines(&self) -> Option<&str> {
        self.lines.as_deref()
    }

    /// Puts pasted lines into the field for the target, or takes them out.
    pub fn set_lines(&mut self, lines: Option<String>) {
        self.lines = lines;
        self.read();
    }

    /// Puts a text into the field for the target.
    pub fn set_target(&mut self, text: &str) {
        self.inputs[Field::Target as usize] = Input::new(text.to_owned());
        self.read();
    }

    /// Reads the field for the target anew, after it was typed into.
    pub fn read(&mut self) {
        self.understood = Understood::of(self.lines.as_deref().unwrap_or_else(|| self.text(Field::Target)));
    }

    /// The tags changed: figures that nobody has touched become what the tags say.
    pub fn follow_tags(&mut self) {
        let shown = self.tags.over(&self.defaults, &self.tag_words());
        for field in Field::ALL.into_iter().filter(|field| field.is_given()) {
            if self.text(field) == said(&self.shown, field) {
                self.inputs[field as usize] = Input::new(said(&shown, field));
            }
        }
        self.shown = shown;
    }
}

/// What defaults and tags say, as it stands in a field.
fn said(given: &Defaults, field: Field) -> String {
    match field {
        Field::Every => period(given.interval),
        Field::Timeout => period(given.timeout),
        Field::DownAfter => given.down_after.to_string(),
        Field::UpAfter => given.up_after.to_string(),
        Field::SlowAt => given.degraded_above.map_or_else(|| "off".to_owned(), period),
        Field::Target | Field::Name | Field::Group | Field::Tags | Field::Note => String::new(),
    }
}

/// How a target is judged, as it stands in the field for the group.
fn group(definition: &Definition) -> String {
    let is_script = matches!(definition.evaluation, Evaluation::Script(_));
    match definition.endpoints.len() {
        1 if !is_script => NO_GROUP.to_owned(),
        _ => policy::text(&definition.evaluation),
    }
}

/// The timeout that most endpoints have; the first of those that as many have.
fn common_timeout(endpoints: &[Endpoint]) -> Option<Duration> {
    let shared_by = |timeout| endpoints.iter().filter(|endpoint| endpoint.timeout == timeout).count();
    endpoints.iter().rev().map(|endpoint| endpoint.timeout).max_by_key(|&timeout| shared_by(timeout))
}

/// Reads a duration; a number alone is in seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(seconds.into())),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_offers_is_read_back_as_it_was() {
        for micros in [10, 100, 1_500, 250_000, 1_500_000, 90_000_000, 90_500_000, 3_600_000_000, 86_400_000_000] {
            let duration = Duration::from_micros(micros);
            let offered = period(duration);
            assert_eq!(parse_duration(&offered), Some(duration), "{offered}");
        }
    }
}
