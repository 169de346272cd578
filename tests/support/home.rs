//! A home directory of its own for a portpulse under test, and how to start one in it.

use super::pty::Pty;
use portable_pty::CommandBuilder;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Checks every second, so that an outage takes three.
pub const BRISK: &str = "[defaults]\ninterval = \"1s\"\nretry_interval = \"1s\"\ntimeout = \"2s\"\n";

/// A home directory that nothing else uses.
pub struct Home(TempDir);

impl Home {
    /// One with this configuration file.
    pub fn with(configuration: &str) -> Self {
        let home = Self(tempfile::tempdir().expect("a directory"));
        for folder in [home.configuration().parent().expect("a folder"), &home.temporary(), &home.path().join("run")] {
            std::fs::create_dir_all(folder).expect("a folder");
        }
        std::fs::write(home.configuration(), configuration).expect("a file");
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.path().join("config/portpulse/portpulse.toml")
    }

    /// Where temporary files go.
    pub fn temporary(&self) -> PathBuf {
        self.path().join("tmp")
    }

    /// A command that knows of no other home, language or terminal.
    pub fn command(&self, program: &str, arguments: &[&str]) -> CommandBuilder {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(self.path());
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        command
    }

    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let folder = Path::new(env!("CARGO_BIN_EXE_portpulse")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let inside = |folder: &str| self.path().join(folder).display().to_string();
        vec![
            ("PATH", format!("{}:{path}", folder.display())),
            ("HOME", self.path().display().to_string()),
            ("XDG_CONFIG_HOME", inside("config")),
            ("XDG_DATA_HOME", inside("data")),
            ("XDG_RUNTIME_DIR", inside("run")),
            ("TMPDIR", inside("tmp")),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("PS1", "$ ".to_owned()),
        ]
    }

    /// Starts portpulse on a terminal of 80 by 24.
    pub fn start(&self, arguments: &[&str]) -> Pty {
        Pty::start(self.command("portpulse", arguments), 80, 24)
    }
}
