//! Somebody edits the configuration under a running screen: what the edit is about follows, the rest stays.

use crate::pictures::{fleet, model, press, settings};
use crate::{dashboard, line, screen};
use portpulse::config::SynchronizedOutput;
use portpulse::tui::glyphs::Charset;
use portpulse::tui::keymap::Keymap;
use portpulse::tui::model::{Model, Overlay};
use portpulse::tui::settings::{Access, Settings, Switch, Watching};
use portpulse::tui::text::Zone;
use portpulse::tui::theme::Theme;
use portpulse::tui::{Intent, Msg, update};
use std::time::Duration;

fn edited(model: &mut Model, settings: Settings) -> Vec<Intent> {
    update(model, Msg::Configured(Box::new(settings)))
}

/// The keymap in which this action has this key.
fn bound(action: &str, key: &str) -> Keymap {
    Keymap::with_overrides([(action, [key.to_owned()].as_slice())]).expect("a keymap")
}

#[test]
fn a_new_key_works_and_is_shown_and_the_old_one_is_forgotten() {
    let mut model = dashboard();
    assert!(screen(&model).contains("a add"), "{}", screen(&model));
    edited(&mut model, Settings { keymap: bound("add", "A"), ..settings() });
    assert_eq!(line(&model, 1), " from the configuration: keys");
    assert!(screen(&model).contains("A add"), "{}", screen(&model));
    press(&mut model, "a");
    assert!(model.overlay.is_none(), "{}", screen(&model));
    press(&mut model, "A");
    assert!(matches!(model.overlay, Some(Overlay::Form(_))), "{}", screen(&model));
    press(&mut model, "<esc>?");
    assert!(screen(&model).contains("A   add targets"), "{}", screen(&model));
}

#[test]
fn a_setting_that_a_key_changed_stays_until_the_file_changes_that_very_one() {
    let mut model = dashboard();
    press(&mut model, "Tb");
    let chosen = model.settings.theme;
    assert_eq!((chosen, model.settings.bell), (Theme::Ansi.next(), Switch::Off));

    edited(&mut model, Settings { charset: Charset::Ascii, ..settings() });
    assert_eq!(line(&model, 1), " from the configuration: ascii");
    assert!(screen(&model).is_ascii(), "{}", screen(&model));
    assert_eq!((model.settings.theme, model.settings.bell), (chosen, Switch::Off));

    edited(&mut model, Settings { charset: Charset::Ascii, theme: Theme::True, ..settings() });
    assert_eq!(line(&model, 1), " from the configuration: theme");
    assert_eq!((model.settings.theme, model.settings.bell), (Theme::True, Switch::Off));

    press(&mut model, ":ascii<enter>");
    edited(&mut model, settings());
    assert_eq!(line(&model, 1), " from the configuration: theme, ascii");
    assert_eq!((model.settings.theme, model.settings.charset), (Theme::Ansi, Charset::Unicode));
}

#[test]
fn every_setting_of_the_file_is_followed_and_none_of_the_command_line() {
    let mut model = dashboard();
    let intents = edited(
        &mut model,
        Settings {
            theme: Theme::Mono,
            charset: Charset::Ascii,
            bell: Switch::Off,
            confirm_quit: Switch::Off,
            mouse: Switch::On,
            synchronized: SynchronizedOutput::Off,
            zone: Zone::Utc,
            access: Access::ReadOnly,
            watching: Watching::Temporary,
            ..settings()
        },
    );
    assert_eq!(intents, [Intent::CaptureMouse(true)]);
    assert_eq!(line(&model, 1), " from the configuration: theme, ascii, bell, mouse, utc, confirm_quit, sync");
    let now = &model.settings;
    assert_eq!((now.theme, now.charset, now.bell), (Theme::Mono, Charset::Ascii, Switch::Off));
    assert_eq!((now.mouse, now.synchronized), (Switch::On, SynchronizedOutput::Off));
    assert_eq!((now.access, &now.watching), (Access::Full, &settings().watching));
    assert!(matches!(now.zone, Zone::Utc));
    assert_eq!(press(&mut model, "q"), [Intent::Quit], "it does not ask any more");
}

#[test]
fn an_edit_of_something_else_says_nothing_and_paints_nothing() {
    let mut model = dashboard();
    press(&mut model, "M");
    let later = model.clock + Duration::from_mins(1);
    update(&mut model, Msg::Clock(later));
    let (before, revision) = (screen(&model), model.revision());
    assert!(edited(&mut model, settings()).is_empty());
    assert_eq!((screen(&model), model.revision()), (before, revision));
    assert_eq!(model.settings.mouse, Switch::On);
}

#[test]
fn the_next_form_has_the_new_defaults_and_an_open_one_keeps_what_it_shows() {
    let mut model = model(settings(), fleet(), 80, 24);
    let mut new = settings();
    new.defaults.timeout = Duration::from_secs(7);
    press(&mut model, "adb1:5432");
    edited(&mut model, new);
    assert!(screen(&model).contains("10s"), "{}", screen(&model));
    assert!(!screen(&model).contains("7s"), "{}", screen(&model));
    press(&mut model, "<esc>ya");
    assert!(screen(&model).contains("7s"), "{}", screen(&model));
}
