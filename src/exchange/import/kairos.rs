//! Resources of Kairos: its YAML export, a bare list, or what its interface takes.

use super::found::Found;
use super::node::Node;
use super::{Entry, Mistake};
use crate::domain::{Activity, Address};

/// Whether a document looks like resources of Kairos.
pub(super) fn is_it(root: &Node) -> bool {
    let is_named = root.get("format").is_some_and(|format| format.as_text("").is_ok_and(|it| it == "kairos-resources"));
    is_named || resources(root).iter().take(100).any(|resource| resource.get("resourceType").is_some())
}

fn resources(root: &Node) -> Vec<&Node> {
    root.get("resources").unwrap_or(root).one_or_more()
}

/// Reads them. Its cadence belongs to all TCP resources together and is not in the file (S19).
pub(super) fn read(root: &Node) -> Result<Vec<Entry>, Mistake> {
    if root.get("format").is_some() && root.get("resources").is_none() {
        return Ok(Vec::new());
    }
    resources(root).into_iter().map(read_resource).collect()
}

fn read_resource(resource: &Node) -> Result<Entry, Mistake> {
    resource.entries("a resource")?;
    let name = resource.text_of(&["name", "displayName", "title"])?;
    let skip = |why: String| Ok(Entry::skipped(resource.line, name.unwrap_or_default(), why));
    let kind = resource.text_of(&["resourceType", "type"])?.unwrap_or_default();
    if !kind.eq_ignore_ascii_case("TCP") {
        return skip(format!("its type is {}, which is no TCP port", if kind.is_empty() { "missing" } else { kind }));
    }
    let Some(target) = resource.text_of(&["target", "url", "endpoint", "image"])? else {
        return skip("it has no target".into());
    };
    let address: Address = match target.parse() {
        Ok(address) => address,
        Err(error) => return skip(format!("{error}")),
    };
    let activity = resource.flag("active")?.map(|active| if active { Activity::Watching } else { Activity::Paused });
    let group = resource.text_of(&["groupName", "group"])?;
    Ok(Entry::found(Found {
        name: name.map(str::to_owned),
        tags: group.map(|group| vec![group.to_owned()]),
        activity,
        ..Found::at(resource.line, address)
    }))
}
