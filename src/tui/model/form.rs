//! The form that adds or edits targets: its fields as they were typed, and what was understood of them.

use super::understood::{Rest, TARGETS_MAX, Understood};
use crate::config::Defaults;
use crate::config::defaults::{DEGRADED_ABOVE, INTERVAL, TIMEOUT};
use crate::domain::text::clean;
use crate::domain::{Activity, Address, Attempt, Definition, Evaluation, Target};
use crate::tui::text::period;
use std::num::NonZeroU8;
use std::ops::RangeInclusive;
use std::time::Duration;
use tui_input::Input;

/// How long a name may be, in graphemes.
pub const NAME_MAX: usize = 64;
/// How long a note may be, in graphemes.
const NOTE_MAX: usize = 1000;
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
    /// The newest test.
    pub test: Option<Test>,
    /// Whether what was typed has been sent off.
    pub saving: Saving,
    inputs: [Input; Field::ALL.len()],
    lines: Option<String>,
    understood: Understood,
    before: [String; Field::ALL.len()],
    base: Defaults,
}

impl Field {
    /// Every field in the order of Tab.
    pub const ALL: [Self; 9] = [
        Self::Target,
        Self::Name,
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
            Self::Tags => "Tags",
            Self::Every => "Every",
            Self::Timeout => "Timeout",
            Self::DownAfter => "DOWN after",
            Self::UpAfter => "UP after",
            Self::SlowAt => "Slow at",
            Self::Note => "Note",
        }
    }

    /// Whether it holds a figure, which is written anew rather than added to.
    pub const fn is_figure(self) -> bool {
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
    pub fn add(defaults: Defaults) -> Self {
        Self::new(Purpose::Add, [String::new(), String::new(), String::new()], String::new(), defaults)
    }

    /// A form with a target as it is now.
    pub fn edit(target: &Target, defaults: &Defaults) -> Self {
        let definition = &target.definition;
        let endpoint = definition.endpoints.first();
        let base = Defaults {
            interval: definition.interval,
            retry_interval: definition.retry_interval,
            timeout: endpoint.map_or(defaults.timeout, |endpoint| endpoint.timeout),
            down_after: definition.down_after,
            up_after: definition.up_after,
            handshake: endpoint.map_or(defaults.handshake, |endpoint| endpoint.handshake),
            degraded_above: definition.degraded_above,
            ..defaults.clone()
        };
        let address = endpoint.map(|endpoint| endpoint.address.to_string()).unwrap_or_default();
        let texts = [address, definition.name.clone(), definition.tags.join(" ")];
        let mut form = Self::new(Purpose::Edit(Box::new(target.clone())), texts, definition.note.clone(), base);
        form.focus = Field::Name;
        form
    }

    fn new(purpose: Purpose, [target, name, tags]: [String; 3], note: String, base: Defaults) -> Self {
        let before = [
            target,
            name,
            tags,
            period(base.interval),
            period(base.timeout),
            base.down_after.to_string(),
            base.up_after.to_string(),
            base.degraded_above.map_or_else(|| "off".to_owned(), period),
            note,
        ];
        let understood = Understood::of(&before[Field::Target as usize]);
        let inputs = before.clone().map(Input::new);
        Self {
            purpose,
            focus: Field::default(),
            typing: None,
            refusal: None,
            test: None,
            saving: Saving::default(),
            inputs,
            lines: None,
            understood,
            before,
            base,
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
        self.lines.is_some() || Field::ALL.into_iter().any(|field| self.text(field) != self.before(field))
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

    /// The definitions that the form stands for, or what must be corrected and where.
    pub fn definitions(&self) -> Result<Vec<Definition>, (Field, String)> {
        let understood = &self.understood;
        if understood.rest == Rest::TooMany {
            return Err((Field::Target, format!("more than {TARGETS_MAX} targets at once: add them in parts")));
        }
        if let Some((number, error)) = understood.errors.first() {
            let place = if self.lines.is_some() { format!("line {number}: ") } else { String::new() };
            return Err((Field::Target, format!("{place}{error}")));
        }
        let shared = self.shared()?;
        let count = understood.count();
        if count == 0 {
            return Err((Field::Target, "nothing to watch yet: write host:port".to_owned()));
        }
        if count > 1 && matches!(self.purpose, Purpose::Edit(_)) {
            return Err((Field::Target, "a target has one address: add the others".to_owned()));
        }
        let name = clean(self.text(Field::Name).trim(), NAME_MAX);
        let mut definitions = Vec::with_capacity(count);
        for listed in &understood.listed {
            for address in &listed.addresses {
                let given = if name.is_empty() { listed.name.clone() } else { Some(name.clone()) };
                let name = match given {
                    Some(name) if count == 1 || (listed.name.is_some() && listed.addresses.len() == 1) => name,
                    Some(name) => format!("{name} {}", address.port),
                    None => address.to_string(),
                };
                let name = clean(&name, NAME_MAX);
                definitions.push(self.definition(&shared, name, address.clone(), &listed.tags));
            }
        }
        Ok(definitions)
    }

    /// Everything but the addresses.
    fn shared(&self) -> Result<Shared, (Field, String)> {
        let interval = self.duration(Field::Every, &INTERVAL)?;
        let slow = self.text(Field::SlowAt).trim();
        let degraded_above = match slow {
            "" | "off" | "never" | "-" => None,
            _ => Some(self.duration(Field::SlowAt, &DEGRADED_ABOVE)?),
        };
        let tags = self.text(Field::Tags).split([' ', ',', '#']).filter(|tag| !tag.is_empty());
        Ok(Shared {
            interval,
            timeout: self.duration(Field::Timeout, &TIMEOUT)?,
            down_after: self.count(Field::DownAfter)?,
            up_after: self.count(Field::UpAfter)?,
            degraded_above,
            note: clean(self.text(Field::Note).trim(), NOTE_MAX),
            tags: tags.map(|tag| clean(tag, NAME_MAX)).collect(),
        })
    }

    /// One target with everything that the form says about it. What no field shows (address family,
    /// handshake, whether it is paused) stays as it is.
    fn definition(&self, shared: &Shared, name: String, address: Address, more_tags: &[String]) -> Definition {
        let mut endpoint = self.base.endpoint(address);
        endpoint.timeout = shared.timeout;
        let mut activity = Activity::Watching;
        if let Purpose::Edit(target) = &self.purpose {
            activity = target.definition.activity;
            endpoint.family = target.definition.endpoints.first().map_or(endpoint.family, |before| before.family);
        }
        let mut tags = shared.tags.clone();
        for tag in more_tags.iter().map(|tag| clean(tag, NAME_MAX)) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        Definition {
            name,
            endpoints: vec![endpoint],
            evaluation: Evaluation::All,
            interval: shared.interval,
            retry_interval: self.base.retry_interval_for(shared.interval),
            down_after: shared.down_after,
            up_after: shared.up_after,
            degraded_above: shared.degraded_above,
            note: shared.note.clone(),
            tags,
            activity,
        }
    }

    fn duration(&self, field: Field, range: &RangeInclusive<Duration>) -> Result<Duration, (Field, String)> {
        let text = self.text(field).trim();
        let wrong = |why: String| (field, format!("{}: {why}", field.label()));
        let found =
            parse_duration(text).ok_or_else(|| wrong(format!("`{text}` is no duration: write 30s, 1m30s, 250ms")))?;
        if range.contains(&found) {
            return Ok(found);
        }
        Err(wrong(format!("from {} to {}", period(*range.start()), period(*range.end()))))
    }

    fn count(&self, field: Field) -> Result<NonZeroU8, (Field, String)> {
        let text = self.text(field).trim();
        text.parse().map_err(|_| (field, format!("{}: `{text}` is no number from 1 to 255", field.label())))
    }
}

/// Reads a duration; a number alone is in seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(seconds) => Some(Duration::from_secs(seconds.into())),
        Err(_) => humantime::parse_duration(text).ok(),
    }
}

/// What all targets of a form have in common.
struct Shared {
    interval: Duration,
    timeout: Duration,
    down_after: NonZeroU8,
    up_after: NonZeroU8,
    degraded_above: Option<Duration>,
    note: String,
    tags: Vec<String>,
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
