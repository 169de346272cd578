//! Scripts in files of their own, evaluated by the real program.

use portpulse::evaluate::{Kind, Ping, Status, Verdict};
use portpulse::script::{ScriptError, Scripts};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of scripts and what evaluates them.
pub struct Stage {
    pub folder: TempDir,
    pub scripts: Scripts,
}

impl Stage {
    pub fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        // A name of its own, by which its children are known.
        let program = folder.path().join("portpulse");
        symlink(env!("CARGO_BIN_EXE_portpulse"), &program).expect("a link");
        Self { scripts: Scripts::with_program(&program, folder.path()), folder }
    }

    /// `/proc/PID` of the script engines that it has started.
    pub fn engines(&self) -> Vec<PathBuf> {
        Self::engines_in(self.folder.path())
    }

    pub fn engines_in(folder: &Path) -> Vec<PathBuf> {
        let name = folder.join("portpulse").display().to_string();
        let processes = fs::read_dir("/proc").expect("processes").flatten().map(|entry| entry.path());
        processes.filter(|it| fs::read_to_string(it.join("cmdline")).is_ok_and(|it| it.starts_with(&name))).collect()
    }

    pub fn write(&self, name: &str, source: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), source).expect("a script is written");
    }

    pub async fn ask(&self, name: &str, pings: &[Ping]) -> Result<Verdict, ScriptError> {
        self.scripts.evaluate(Path::new(name), pings).await
    }

    /// What it says of one open host, in a line.
    pub async fn told(&self, name: &str) -> String {
        match self.ask(name, &[ping(0, Status::Open, 12.5)]).await {
            Ok(verdict) => format!("{} {}", verdict.standing.word(), verdict.latency),
            Err(error) => error.to_string(),
        }
    }
}

pub fn ping(place: usize, status: Status, latency: f64) -> Ping {
    Ping { status, latency, host: format!("node-{place}.example.com"), port: 6_379, kind: Kind::V4 }
}
