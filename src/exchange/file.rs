//! Files that are written for the user: never over another, and for no other eyes.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a new file that its owner alone can read. What stands under the name already, a link included,
/// stays as it is; a file that could not be written whole is taken away again.
///
/// # Errors
/// The name is taken, or the system refuses to write.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            io::Error::new(error.kind(), "there is such a file already, and it stays as it is: name another one")
        } else {
            error
        }
    })?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // What went wrong is told; that half a file is left behind would be a second trouble.
        let _ = fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn nothing_is_written_over_and_nobody_else_can_read_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.md");
        write_new(&path, "first").expect("a new file");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        let link = directory.path().join("link.md");
        std::os::unix::fs::symlink(directory.path().join("elsewhere"), &link).expect("a link");
        for taken in [&path, &link] {
            let error = write_new(taken, "second").expect_err("it is taken");
            assert!(error.to_string().contains("name another one"), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).expect("a file"), "first");
        assert!(!directory.path().join("elsewhere").exists());
    }
}
