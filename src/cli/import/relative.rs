//! Scripts that a file names relative to itself, named so that the configuration leads to the same files.

use crate::domain::Evaluation;
use crate::exchange::import::Entry;
use std::io;
use std::path::{self, Path, PathBuf};

/// Makes entries of a file lead from the configuration to the scripts that they lead to from that file.
///
/// # Errors
/// The directory that the program runs in is gone.
pub(super) fn lead(entries: &mut [Entry], file: &Path, configuration: &Path) -> io::Result<()> {
    let home = directory(configuration);
    let (absolute_home, foreign) = (absolute(home)?, absolute(directory(file))?);
    for entry in entries {
        if let Entry::Found(found) = entry
            && let Some(Evaluation::Script(script)) = &mut found.evaluation
        {
            let meant = foreign.join(&*script);
            *script = meant.strip_prefix(&absolute_home).map_or_else(|_| meant.clone(), |inside| home.join(inside));
            if !meant.exists() {
                found.remarks.push(format!("its script is missing: there is no {}", meant.display()));
            }
        }
    }
    Ok(())
}

/// The directory that a file lies in; empty for the one that the program runs in.
fn directory(file: &Path) -> &Path {
    file.parent().unwrap_or_else(|| Path::new(""))
}

fn absolute(directory: &Path) -> io::Result<PathBuf> {
    path::absolute(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })
}
