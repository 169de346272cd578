//! Prometheus: files for service discovery, and the jobs of a scrape configuration that check TCP.

use super::found::Found;
use super::gatus::labels;
use super::node::{Content, Node};
use super::{Entry, Mistake, go};
use crate::domain::{Activity, Address};
use std::collections::HashMap;
use std::time::Duration;

/// The module for TCP that the blackbox exporter comes with.
const SHIPPED: &str = "tcp_connect";
/// The labels that say how a target is scraped.
const INTERVAL: &str = "__scrape_interval__";
const TIMEOUT: &str = "__scrape_timeout__";

/// Which modules of a blackbox exporter check TCP, by name, with their timeout.
#[derive(Debug, Default)]
pub(super) struct Modules(HashMap<String, Module>);

/// What a module does.
#[derive(Debug)]
enum Module {
    /// It checks TCP, with this timeout.
    Tcp(Option<Duration>),
    /// It checks something else.
    Other,
}

impl Modules {
    /// Those that some documents define.
    pub(super) fn of<'n>(documents: impl Iterator<Item = &'n Node>) -> Self {
        let mut modules = HashMap::new();
        for document in documents {
            let Some(Content::Table(entries)) = document.get("modules").map(|modules| &modules.content) else {
                continue;
            };
            for (name, module) in entries {
                let is_tcp = matches!(module.text("prober"), Ok(Some("tcp")));
                let timeout = module.text("timeout").ok().flatten().and_then(go::duration);
                modules.insert(name.clone(), if is_tcp { Module::Tcp(timeout) } else { Module::Other });
            }
        }
        Self(modules)
    }

    /// The timeout of a module that checks TCP; `Err` says why it is none.
    fn timeout(&self, name: &str) -> Result<Option<Duration>, String> {
        match self.0.get(name) {
            Some(Module::Tcp(timeout)) => Ok(*timeout),
            Some(Module::Other) => Err(format!("its module {name} checks no TCP")),
            None if name == SHIPPED => Ok(None),
            None => Err(format!("it is not known what its module {name} checks: name the file of the modules, too")),
        }
    }
}

/// Whether a document looks like one of Prometheus or of the blackbox exporter.
pub(super) fn is_it(root: &Node) -> bool {
    let is_module = |modules: &Node| match &modules.content {
        Content::Table(entries) => entries.iter().any(|(_, module)| module.get("prober").is_some()),
        _ => false,
    };
    root.get("scrape_configs").is_some()
        || root.get("modules").is_some_and(is_module)
        || (root.is_list() && root.one_or_more().iter().take(100).any(|group| group.get("targets").is_some()))
}

/// Reads a list of groups of targets, or the jobs of a configuration.
pub(super) fn read(root: &Node, modules: &Modules) -> Result<Vec<Entry>, Mistake> {
    let mut entries = Vec::new();
    if root.is_list() {
        for group in root.items("this file")? {
            read_group(group, &Given::default(), &mut entries)?;
        }
        return Ok(entries);
    }
    root.entries("this file")?;
    let global = root.get("global").map(|global| duration(global, "scrape_interval")).transpose()?.flatten();
    for job in root.list("scrape_configs")? {
        read_job(job, modules, global, &mut entries)?;
    }
    Ok(entries)
}

/// What a job gives to its targets.
#[derive(Default)]
struct Given {
    interval: Option<Duration>,
    timeout: Option<Duration>,
}

fn read_job(job: &Node, modules: &Modules, global: Option<Duration>, entries: &mut Vec<Entry>) -> Result<(), Mistake> {
    job.entries("a job")?;
    let name = job.text("job_name")?.unwrap_or_default();
    let named = job.get("params").map(|params| params.entries("params").map(|_| params.get("module"))).transpose()?;
    let Some(module) = named.flatten() else {
        entries.push(Entry::skipped(job.line, name, "this job scrapes metrics: its params name no module that checks"));
        return Ok(());
    };
    let mut timeout = None;
    for module in module.one_or_more() {
        match modules.timeout(module.as_text("module")?) {
            Ok(limit) => timeout = limit,
            Err(why) => {
                entries.push(Entry::skipped(job.line, name, why));
                return Ok(());
            }
        }
    }
    let given = Given { interval: duration(job, "scrape_interval")?.or(global), timeout };
    for group in job.list("static_configs")? {
        read_group(group, &given, entries)?;
    }
    for (key, value) in job.entries("a job")? {
        if key.ends_with("_sd_configs") {
            let why = format!("its targets come from {key}: import the files that hold them");
            entries.push(Entry::skipped(value.line, name, why));
        }
    }
    Ok(())
}

/// Reads a group: every target of it is one of its own, with the labels of the group.
fn read_group(group: &Node, given: &Given, entries: &mut Vec<Entry>) -> Result<(), Mistake> {
    group.entries("a group of targets")?;
    let mut like = Found::default();
    let mut timeout = given.timeout;
    like.interval = given.interval;
    if let Some(table) = group.get("labels") {
        like.name = table.text("name")?.map(str::to_owned);
        like.note = table.text("note")?.map(str::to_owned);
        like.interval = duration(table, INTERVAL)?.or(like.interval);
        timeout = duration(table, TIMEOUT)?.or(timeout);
        let words = table.text("tags")?.unwrap_or_default().split(',').map(str::trim);
        let mut tags: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if table.text("paused")? == Some("true") {
            like.activity = Some(Activity::Paused);
        }
        let own = ["name=", "note=", "tags=", "paused=true", "__"];
        tags.extend(labels(table)?.into_iter().filter(|label| !own.iter().any(|own| label.starts_with(own))));
        like.tags = (!tags.is_empty()).then_some(tags);
    }
    let Some(targets) = group.get("targets") else {
        return Err(Mistake::at(group.line, "a group of targets without `targets`"));
    };
    for target in targets.items("targets")? {
        let text = target.as_text("a target")?;
        match text.parse::<Address>() {
            Err(error) => entries.push(Entry::skipped(target.line, text, error)),
            Ok(address) => {
                let Found { line, spots, .. } = Found::at(target.line, address);
                let mut found = Found { line, spots, ..like.clone() };
                found.set_timeout(timeout);
                entries.push(Entry::found(found));
            }
        }
    }
    Ok(())
}

fn duration(table: &Node, key: &str) -> Result<Option<Duration>, Mistake> {
    let Some(value) = table.get(key) else { return Ok(None) };
    let read = go::duration(value.as_text(key)?);
    read.map(Some).ok_or_else(|| value.wanted(key, "a duration such as 30s"))
}
