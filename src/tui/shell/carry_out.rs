//! Carries out what the screen wants: asks the engine, stops the program, fills the clipboard, writes files.

use super::signals::{Ending, can_stop, stop_group, stop_here};
use super::{ASIDE_MAX, Shell, attention, guard, terminal};
use crate::engine::Answer;
use crate::exchange::file;
use crate::monitor::{Refusal, Reply};
use crate::tui::settings::Switch;
use crate::tui::{Intent, Msg};
use tokio::time::Instant;

impl Shell {
    pub(super) fn carry_out(&mut self, intent: Intent) -> Option<Ending> {
        match intent {
            Intent::Ask(number, command) => {
                let handle = self.handle.clone();
                self.asked.spawn(async move {
                    let stopped = Reply::Refused(Refusal::Stopping);
                    Msg::Replied(number, handle.ask(command).await.unwrap_or(stopped))
                });
            }
            Intent::Query(number, query) => {
                let handle = self.handle.clone();
                self.asked.spawn(async move {
                    let answer = handle.query(query).await;
                    Msg::Answered(number, answer.unwrap_or_else(|stopped| Answer::Failed(stopped.to_string())))
                });
            }
            Intent::Quit => return Some(if self.snapshots.is_some() { Ending::Quit } else { Ending::EngineLost }),
            Intent::QuitForAll => return Some(Ending::QuitForAll),
            Intent::Suspend => {
                if let Err(error) = stop_group() {
                    tracing::warn!("cannot stop: {error}");
                }
            }
            Intent::Repaint => self.repaint(),
            Intent::Copy(text) => self.put_aside(&attention::copy(&text)),
            Intent::Bell => {
                let bell = self.bell.ring((self.clock)().mono);
                self.put_aside(bell);
            }
            Intent::CaptureMouse(true) => {
                guard::mouse_captured();
                self.put_aside(terminal::MOUSE_ON);
            }
            Intent::CaptureMouse(false) => self.put_aside(terminal::MOUSE_OFF),
            Intent::Export { path, export } => self.export(path, export),
            Intent::StopExports => self.exports.stop(),
            Intent::BackUp(path) => self.back_up(&path),
            Intent::WriteFile { path, text, taken } => {
                self.asked.spawn_blocking(move || {
                    let path = file::at_home(&path, std::env::var_os("HOME"));
                    let written = file::write_new(&path, &text, taken);
                    Msg::Wrote(written.map_err(|error| format!("{}: {error}", path.display())))
                });
            }
        }
        None
    }

    /// Keeps bytes for the next frame. What a terminal that is behind cannot take any more is lost:
    /// an old title or bell is worth nothing.
    pub(super) fn put_aside(&mut self, bytes: &[u8]) {
        if self.aside.len() + bytes.len() <= ASIDE_MAX {
            self.aside.extend_from_slice(bytes);
        }
        if !self.aside.is_empty() && self.paint_at.is_none() {
            self.paint_at = Some(Instant::now());
        }
    }

    /// Paints everything again.
    pub(super) fn repaint(&mut self) {
        self.canvas.forget();
        self.paint_at = Some(Instant::now());
    }

    /// Gives the terminal back and stops, if a shell waits that can let us go on.
    pub(super) fn stop(&mut self) -> Option<Ending> {
        if !can_stop() {
            return None;
        }
        guard::leave(self.terminal());
        if let Err(error) = stop_here() {
            tracing::warn!("cannot stop: {error}");
            return self.go_on();
        }
        None
    }

    /// Takes the terminal over again after a stop, whoever stopped us and whatever was done to it since.
    pub(super) fn go_on(&mut self) -> Option<Ending> {
        guard::leave(self.terminal());
        if let Err(error) = guard::enter(self.terminal()) {
            tracing::error!("cannot take the terminal over again: {error}");
            return Some(Ending::HungUp);
        }
        self.title.forget();
        if self.model.settings.mouse == Switch::On {
            self.carry_out(Intent::CaptureMouse(true));
        }
        let ending = self.fit();
        self.repaint();
        ending
    }
}
