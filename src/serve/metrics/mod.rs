//! `/metrics`: how the targets and portpulse itself fare, for Prometheus.
//!
//! What matters most stands first: where there are more series than fit, it is the histograms of the last targets
//! that are left out.

mod own;
mod page;
mod targets;

use super::Service;
use page::Page;
use std::path::Path;

/// The media type of the text format, with its version.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The page as it is now.
pub(super) async fn render(service: &Service) -> String {
    let data = service.data.clone();
    let size = tokio::task::spawn_blocking(move || size(&data)).await.ok();
    let picture = service.handle.snapshots().borrow().clone();
    let standing = (service.standing)();
    let counts = service.tally.counts();
    let mut page = Page::new(service.series_max);
    own::write(&mut page, &picture, standing, size);
    targets::standing(&mut page, &picture);
    if let super::Standing::Owner { .. } = standing {
        own::counted(&mut page, &counts);
        targets::counted(&mut page, &picture, &counts);
    }
    page.finish()
}

/// How many bytes the files of the history have; a directory of few files.
fn size(data: &Path) -> u64 {
    let files = |directory: &Path| std::fs::read_dir(directory).into_iter().flatten().flatten();
    let lengths = files(data).chain(files(&data.join("sled"))).filter_map(|entry| entry.metadata().ok());
    let blobs = files(&data.join("sled/blobs")).filter_map(|entry| entry.metadata().ok());
    lengths.chain(blobs).filter(std::fs::Metadata::is_file).map(|metadata| metadata.len()).sum()
}
