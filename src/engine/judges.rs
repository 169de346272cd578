//! Scripts that judge rounds: asked side by side, heard one at a time, and never waited for.

use crate::domain::Attempt;
use crate::evaluate::Ping;
use crate::monitor::Input;
use crate::script::Scripts;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// How many answers may wait to be heard; whoever has one more waits with it.
const ANSWERS_MAX: usize = 1_024;

/// The scripts of all targets and their answers.
#[derive(Debug)]
pub(super) struct Judges {
    /// The configuration names files by their whole path.
    scripts: Scripts,
    sender: mpsc::Sender<Input>,
    answers: mpsc::Receiver<Input>,
}

impl Default for Judges {
    fn default() -> Self {
        let (sender, answers) = mpsc::channel(ANSWERS_MAX);
        Self { scripts: Scripts::new(Path::new("")), sender, answers }
    }
}

impl Judges {
    /// Has a script judge a round. The answer comes to [`Self::hear`].
    pub fn ask(&self, attempt: Attempt, file: PathBuf, pings: Vec<Ping>) {
        let (scripts, sender) = (self.scripts.clone(), self.sender.clone());
        tokio::spawn(async move {
            let answer = scripts.evaluate(&file, &pings).await.map_err(|error| error.to_string());
            // Nobody listens any more when the engine has ended.
            let _ = sender.send(Input::Evaluated(attempt, answer)).await;
        });
    }

    /// The next answer. Never ends while nothing is asked.
    pub async fn hear(&mut self) -> Option<Input> {
        self.answers.recv().await
    }
}
