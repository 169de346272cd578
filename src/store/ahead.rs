//! sled's file is asked for in one go before sled reads it piece by piece.
//!
//! After a kill sled reads all that was written since it was opened the last time, 512 KB at a time in the order in
//! which that was written, and looks at each piece before it asks for the next. With cold files the disk and
//! the processor would wait for each other.

use rustix::fs::{Advice, fadvise};
use std::fs::{self, File};
use std::num::NonZeroU64;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

/// What the system reads ahead for one advice is bounded.
const PIECE_BYTES: u64 = 512 << 10;
/// So much memory may be taken by what is read ahead, in bytes.
const AHEAD_MAX: u64 = 1 << 30;
/// At a clean end sled's snapshot is written last. If the file has changed so much later, there is more to read.
const CLEAN_END_MAX: Duration = Duration::from_secs(10);

/// Has the system read sled's file, if sled is going to read most of it. A hint: nothing depends on it.
pub(super) fn read_ahead(sled: &Path) {
    let changed = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    let path = sled.join("db");
    let noted = super::mend::snapshots(sled).iter().filter_map(|path| changed(path)).max();
    let is_noted = |at: SystemTime| noted.is_some_and(|noted| at <= noted + CLEAN_END_MAX);
    if changed(&path).is_none_or(is_noted) {
        return;
    }
    let Ok(file) = File::open(path) else { return };
    // Without a thread for it, nothing is read ahead.
    let _ = thread::Builder::new().name("store-ahead".to_owned()).spawn(move || {
        let bytes = file.metadata().map_or(0, |about| about.len()).min(AHEAD_MAX);
        for from in (0..bytes).step_by(PIECE_BYTES as usize) {
            if fadvise(&file, from, NonZeroU64::new(PIECE_BYTES), Advice::WillNeed).is_err() {
                return;
            }
        }
    });
}
