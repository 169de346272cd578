//! What is wrong with portpulse itself, in words that cannot be overlooked.

use super::model::{Engine, Model};
use crate::monitor::{Recording, Sight};

/// One line for each thing that is wrong, the gravest first.
pub fn banners(model: &Model) -> Vec<String> {
    let zone = model.settings.zone;
    let mut lines = Vec::new();
    if model.engine == Engine::Lost {
        lines.push("STOPPED: the monitor has ended and nothing is checked; quit and start portpulse again".to_owned());
    }
    if let Sight::Blind { since, why, scope } = &model.snapshot.sight {
        let since = zone.nearby(*since, model.now);
        lines.push(format!("BLIND since {since} ({scope}): {why}; no outage opens or closes"));
    }
    if let Recording::Failing { since, why, waiting, lost } = &model.snapshot.recording {
        let since = zone.nearby(*since, model.now);
        let counts =
            if *lost > 0 { format!("{waiting} checks wait, {lost} lost") } else { format!("{waiting} checks wait") };
        lines.push(format!("NOT RECORDING since {since}: {why}; {counts}"));
    }
    if let Some(why) = &model.snapshot.configuration_error {
        lines.push(format!("CONFIGURATION not taken over, the old one stays: {why}"));
    }
    for line in &mut lines {
        *line = crate::domain::text::clean(line, 400);
    }
    lines
}
