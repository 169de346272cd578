//! Targets of the command line: each for itself, or all as one group.

use crate::config::{Defaults, NAME_MAX, policy};
use crate::domain::listing::{ListingError, parse_line};
use crate::domain::text::clean;
use crate::domain::{Address, AddressError, Definition, ENDPOINTS_MAX, Endpoint, Evaluation};
use clap::Args;

/// Whether the targets of the command line are one.
#[derive(Clone, Debug, Default, Args)]
pub struct Group {
    /// Take the targets as one group of this name, with one verdict
    #[arg(long = "group", value_name = "NAME", requires = "targets")]
    pub name: Option<String>,
    /// all, any, quorum or quorum:2, failover, weighted, timeouts, percentile [default: all]
    #[arg(long, value_name = "POLICY", requires = "name", value_parser = policy::parse)]
    pub evaluate: Option<Evaluation>,
}

impl Group {
    /// What the command line asks for: one target each, or one group of all.
    ///
    /// # Errors
    /// When there can be no such group.
    pub fn definitions(&self, addresses: Vec<Address>, defaults: &Defaults) -> Result<Vec<Definition>, String> {
        let Some(name) = &self.name else {
            return Ok(addresses.into_iter().map(|address| defaults.definition(address)).collect());
        };
        let name = clean(name.trim(), NAME_MAX);
        let count = addresses.len();
        let evaluation = self.evaluate.clone().unwrap_or_else(|| defaults.evaluation_for(count));
        let Some(first) = addresses.first().map(|address| defaults.definition(address.clone())) else {
            return Ok(Vec::new());
        };
        if name.is_empty() {
            return Err("--group: a group needs a name".to_owned());
        }
        if count > ENDPOINTS_MAX {
            return Err(format!("--group: {count} endpoints are too many: at most {ENDPOINTS_MAX}"));
        }
        policy::check(&evaluation, count).map_err(|why| format!("--evaluate: {why}"))?;
        let endpoints: Vec<Endpoint> = addresses.into_iter().map(|address| defaults.endpoint(address)).collect();
        Ok(vec![Definition { name, endpoints, evaluation, ..first }])
    }
}

/// Reads targets: each argument is one line of a listing; `db1 5432` may come as two arguments.
///
/// # Errors
/// With the first that is no target.
pub fn addresses(arguments: &[String]) -> Result<Vec<Address>, ListingError> {
    let mut addresses = Vec::new();
    for line in lines(arguments) {
        for address in parse_line(&line)?.addresses {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    Ok(addresses)
}

/// The lines of the listing that arguments are.
pub fn lines(arguments: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        let has_no_port = matches!(parse_line(argument), Err(ListingError::Address(AddressError::NoPort(_))));
        let ports = rest.next_if(|next| has_no_port && next.starts_with(|c: char| c.is_ascii_digit()));
        lines.push(ports.map_or_else(|| argument.clone(), |ports| format!("{argument} {ports}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::listing::expand;

    fn said(name: Option<&str>, evaluate: Option<&str>, targets: &str) -> Result<String, String> {
        let group = Group {
            name: name.map(str::to_owned),
            evaluate: evaluate.map(|policy| policy::parse(policy).expect("a policy")),
        };
        let definitions = group.definitions(expand(targets).expect("addresses"), &Defaults::default())?;
        let words = definitions
            .iter()
            .map(|it| format!("{} of {} by {}", it.name, it.endpoints.len(), policy::text(&it.evaluation)));
        Ok(words.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn targets_are_one_each_or_one_group() {
        for (name, evaluate, targets, expected) in [
            (None, None, "a:1,2", Ok("a:1 of 1 by all, a:2 of 1 by all")),
            (Some("g"), None, "a:1,2", Ok("g of 2 by all")),
            (Some("g"), Some("quorum:2"), "{a,b,c}:1", Ok("g of 3 by quorum 2")),
            (Some("g"), Some("quorum:4"), "{a,b,c}:1", Err("--evaluate: a quorum of 4 among 3 can never be")),
            (Some(" "), None, "a:1", Err("--group: a group needs a name")),
            (Some("g"), None, "a:1-256", Err("--group: 256 endpoints are too many: at most 255")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(said(name, evaluate, targets), expected, "{targets}");
        }
    }
}
