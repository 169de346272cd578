//! Which key calls which action in which view: the table's keys, changed by `[keys]`.

use super::action::{ACTIONS, Action, ActionSpec};
use super::glyphs::Glyphs;
use super::model::View;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::str::FromStr;

/// A key with its modifiers, in the one spelling that all terminals lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: Control,
}

/// Whether Ctrl is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Control {
    Free,
    Held,
}

/// Which key does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// In the order of [`ACTIONS`].
    bound: Vec<(&'static ActionSpec, Vec<Key>)>,
}

/// Why `[keys]` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No such action.
    #[error("there is no action `{0}`; the nearest is `{1}`")]
    NoAction(String, &'static str),
    /// Not a key that can be bound.
    #[error("`{0}` cannot be bound: {1}")]
    BadKey(String, &'static str),
    /// One key for two actions in one view.
    #[error("the key {0} would be both `{1}` and `{2}`: give one of them another key")]
    Conflict(String, &'static str, &'static str),
}

/// Keys with a name, and how they are written.
const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl FromStr for Key {
    type Err = KeyError;

    /// Reads `j`, `G`, `^d`, `ctrl-d`, `enter`, `pgdn` and so on. Function keys, Alt chords, Ctrl-s,
    /// Ctrl-q, Backspace and Delete are refused: terminals, multiplexers and slips of the hand have them.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bad = |why| Err(KeyError::BadKey(text.to_owned(), why));
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            return Ok(Self { code: *code, control: Control::Free });
        }
        let lower = text.to_ascii_lowercase();
        let control = lower.strip_prefix("ctrl-").or_else(|| lower.strip_prefix('^').filter(|rest| !rest.is_empty()));
        if let Some(rest) = control {
            return match rest.as_bytes() {
                b"s" | b"q" => bad("terminals stop and continue output with it"),
                b"i" | b"m" | b"j" | b"h" | b"[" => bad("a terminal cannot tell it from another key"),
                [letter] if letter.is_ascii_lowercase() => {
                    Ok(Self { code: KeyCode::Char(char::from(*letter)), control: Control::Held })
                }
                _ => bad("Ctrl goes with one letter"),
            };
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) if !only.is_control() => Ok(Self { code: KeyCode::Char(only), control: Control::Free }),
            _ if lower.starts_with("alt-") || lower.starts_with("meta-") => {
                bad("Alt chords are read as Esc by some terminals")
            }
            _ if matches!(lower.as_str(), "backspace" | "delete" | "del") => bad("it is for correcting what is typed"),
            _ if lower.strip_prefix('f').is_some_and(|rest| rest.parse::<u8>().is_ok()) => {
                bad("terminals and desktops take function keys")
            }
            _ => bad("write one character, ^x, or a name such as enter, esc, tab, space, up, home, pgdn"),
        }
    }
}

impl Key {
    /// The key that was pressed, or `None` for one that can never be bound.
    pub fn pressed(event: KeyEvent) -> Option<Self> {
        if event
            .modifiers
            .intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META)
        {
            return None;
        }
        let held = event.modifiers.contains(KeyModifiers::CONTROL);
        match event.code {
            KeyCode::Char(letter) if held => {
                Some(Self { code: KeyCode::Char(letter.to_ascii_lowercase()), control: Control::Held })
            }
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => {
                Some(Self { code: KeyCode::BackTab, control: Control::Free })
            }
            code => Some(Self { code, control: Control::Free }),
        }
    }

    /// How the key is written on the screen.
    pub fn label(self, glyphs: &Glyphs) -> String {
        match (self.control, self.code) {
            (Control::Held, KeyCode::Char(letter)) => format!("^{letter}"),
            (_, KeyCode::Enter) => glyphs.enter.to_owned(),
            (_, KeyCode::Up) => glyphs.arrow_up.to_owned(),
            (_, KeyCode::Down) => glyphs.arrow_down.to_owned(),
            (_, KeyCode::Left) => glyphs.arrow_left.to_owned(),
            (_, KeyCode::Right) => glyphs.arrow_right.to_owned(),
            (_, KeyCode::Esc) => "Esc".to_owned(),
            (_, KeyCode::Tab) => "Tab".to_owned(),
            (_, KeyCode::BackTab) => "S-Tab".to_owned(),
            (_, KeyCode::Char(' ')) => "Space".to_owned(),
            (_, KeyCode::Char(letter)) => letter.to_string(),
            (_, KeyCode::Home) => "Home".to_owned(),
            (_, KeyCode::End) => "End".to_owned(),
            (_, KeyCode::PageUp) => "PgUp".to_owned(),
            (_, KeyCode::PageDown) => "PgDn".to_owned(),
            (_, other) => format!("{other}"),
        }
    }
}

impl Default for Keymap {
    /// The keys of the table; a test holds that all of them can be read.
    fn default() -> Self {
        let keys = |spec: &ActionSpec| spec.keys.iter().filter_map(|key| key.parse().ok()).collect();
        Self { bound: ACTIONS.iter().map(|spec| (spec, keys(spec))).collect() }
    }
}

impl Keymap {
    /// The table's keys with those of `[keys]` in place of the ones of the actions it names. An
    /// empty list leaves an action without a key. The number is that of the pair that is wrong.
    pub fn with_overrides<'a>(
        overrides: impl IntoIterator<Item = (&'a str, &'a [String])>,
    ) -> Result<Self, (usize, KeyError)> {
        let mut keymap = Self::default();
        let mut named = Vec::new();
        for (number, (name, keys)) in overrides.into_iter().enumerate() {
            let keys: Result<Vec<Key>, KeyError> = keys.iter().map(|key| key.parse()).collect();
            let keys = keys.map_err(|error| (number, error))?;
            let bound = keymap.bound.iter_mut().find(|(spec, _)| spec.name == name);
            let Some((spec, bound)) = bound else {
                return Err((number, KeyError::NoAction(name.to_owned(), nearest(name))));
            };
            *bound = keys;
            named.push(spec.name);
        }
        match keymap.conflict() {
            None => Ok(keymap),
            Some((key, one, other)) => {
                let number = named.iter().rposition(|name| *name == one || *name == other).unwrap_or(0);
                Err((number, KeyError::Conflict(key, one, other)))
            }
        }
    }

    /// A key that does two things in one view, and the names of both.
    fn conflict(&self) -> Option<(String, &'static str, &'static str)> {
        for (place, (spec, keys)) in self.bound.iter().enumerate() {
            for (other, taken) in self.bound.iter().skip(place + 1) {
                let together = spec.views.iter().any(|view| other.views.contains(view));
                if let Some(key) = keys.iter().find(|key| together && taken.contains(key)) {
                    let label = key.label(super::glyphs::Charset::Ascii.glyphs());
                    return Some((label, spec.name, other.name));
                }
            }
        }
        None
    }

    /// What the key does in the view.
    pub fn action(&self, view: View, key: Key) -> Option<Action> {
        self.bound
            .iter()
            .find(|(spec, keys)| spec.views.contains(&view) && keys.contains(&key))
            .map(|(spec, _)| spec.action)
    }

    /// The keys of an action, as bound now.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.bound.iter().find(|(spec, _)| spec.action == action).map_or(&[], |(_, keys)| keys)
    }

    /// The first key of an action as it is written on the screen; `None` if it has none.
    pub fn label(&self, action: Action, glyphs: &Glyphs) -> Option<String> {
        self.keys(action).first().map(|key| key.label(glyphs))
    }

    /// Every action with its keys, in the order of the table.
    pub fn rows(&self) -> impl Iterator<Item = (&'static ActionSpec, &[Key])> {
        self.bound.iter().map(|(spec, keys)| (*spec, keys.as_slice()))
    }

    /// The key table of the README.
    pub fn markdown(&self) -> String {
        let glyphs = super::glyphs::Charset::Unicode.glyphs();
        let mut out = String::from("| Keys | What they do | Name in `[keys]` |\n| --- | --- | --- |\n");
        for group in super::action::Group::ALL {
            for specs in super::action::lines().filter(|specs| specs.iter().any(|spec| spec.group == group)) {
                let keys = specs.iter().flat_map(|spec| self.keys(spec.action));
                let keys: Vec<String> = keys.map(|key| format!("`{}`", key.label(glyphs))).collect();
                let names: Vec<String> = specs.iter().map(|spec| format!("`{}`", spec.name)).collect();
                let help = specs.first().map_or("", |spec| spec.help);
                let row = [keys.join(" "), help.to_owned(), names.join(" ")];
                out.extend(["| ", &row.join(" | "), " |\n"]);
            }
        }
        out
    }
}

/// The action whose name looks most like the given one.
fn nearest(name: &str) -> &'static str {
    ACTIONS
        .iter()
        .map(|spec| spec.name)
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn overridden(pairs: &[(&str, &[&str])]) -> Result<Keymap, (usize, String)> {
        let owned: Vec<(&str, Vec<String>)> =
            pairs.iter().map(|(name, keys)| (*name, keys.iter().map(ToString::to_string).collect())).collect();
        let pairs = owned.iter().map(|(name, keys)| (*name, keys.as_slice()));
        Keymap::with_overrides(pairs).map_err(|(number, error)| (number, error.to_string()))
    }

    #[test]
    fn every_key_of_the_table_can_be_read_and_does_one_thing_in_a_view() {
        let keymap = Keymap::default();
        for (spec, keys) in keymap.rows() {
            assert_eq!(keys.len(), spec.keys.len(), "{}", spec.name);
            assert!(!keys.is_empty(), "{} has no key", spec.name);
            for (view, key) in spec.views.iter().flat_map(|view| keys.iter().map(move |key| (*view, *key))) {
                assert_eq!(keymap.action(view, key), Some(spec.action), "{} in {view:?}", spec.name);
            }
        }
        assert_eq!(keymap.conflict(), None);
    }

    #[test]
    fn names_are_unique_and_each_action_has_one_row() {
        let names: BTreeSet<&str> = ACTIONS.iter().map(|spec| spec.name).collect();
        let actions: BTreeSet<Action> = ACTIONS.iter().map(|spec| spec.action).collect();
        assert_eq!((names.len(), actions.len()), (ACTIONS.len(), ACTIONS.len()));
    }

    #[test]
    fn what_terminals_and_slips_of_the_hand_own_is_never_bound() {
        for text in ["f1", "F12", "alt-x", "meta-x", "^s", "ctrl-q", "backspace", "delete", "del", "^i", "^[", "", "ab"]
        {
            assert!(text.parse::<Key>().is_err(), "{text}");
        }
        let (alt, plain) = (KeyModifiers::ALT, KeyModifiers::NONE);
        assert_eq!(Key::pressed(KeyEvent::new(KeyCode::Char('d'), alt)), None);
        for code in [KeyCode::Backspace, KeyCode::Delete, KeyCode::F(1), KeyCode::Insert] {
            let key = Key::pressed(KeyEvent::new(code, plain)).expect("a key");
            assert!(View::ALL.into_iter().all(|view| Keymap::default().action(view, key).is_none()), "{code:?}");
        }
    }

    #[test]
    fn keys_can_be_bound_anew_and_mistakes_are_named() {
        let keymap = overridden(&[("add", &["A", "^n"]), ("mute", &[])]).expect("a keymap");
        let ascii = super::super::glyphs::Charset::Ascii.glyphs();
        assert_eq!(keymap.label(Action::Add, ascii).as_deref(), Some("A"));
        assert_eq!(keymap.label(Action::Mute, ascii), None);
        for (pairs, number, says) in [
            (&[("mute", &["M2"] as &[&str])] as &[(&str, &[&str])], 0, "`M2` cannot be bound"),
            (&[("add", &["A"]), ("delte", &["x"])], 1, "the nearest is `delete`"),
            (&[("add", &["A"]), ("delete", &["e"])], 1, "the key e would be both `edit` and `delete`"),
            (&[("delete", &["f5"])], 0, "terminals and desktops take function keys"),
        ] {
            let (place, error) = overridden(pairs).expect_err(says);
            assert!(place == number && error.contains(says), "{place} {error}");
        }
    }

    #[test]
    fn keys_may_change_places() {
        let keymap = overridden(&[("edit", &["d"]), ("delete", &["e"])]).expect("a keymap");
        let pressed = Key::pressed(KeyEvent::new(KeyCode::Char('d'), KeyModifiers::NONE)).expect("a key");
        assert_eq!(keymap.action(View::Targets, pressed), Some(Action::Edit));
    }

    #[test]
    fn the_readme_table_names_every_action() {
        let table = Keymap::default().markdown();
        for spec in ACTIONS {
            assert!(table.contains(&format!("`{}`", spec.name)), "{}", spec.name);
        }
        assert!(table.contains("| `d` | delete (asks) | `delete` |"), "{table}");
    }
}
