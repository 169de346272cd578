//! What the prober measures and costs: beside the wire, beside a stopwatch, and beside nmap.
//!
//! `cargo bench --bench probe [-- accuracy|cost|pacing]`; the first and the last table need root, iproute2 and nftables. Trust
//! ratios and errors, which are differences inside one run, more than absolute figures.

#![expect(clippy::print_stdout, reason = "a benchmark is there to print")]

#[path = "probe/accuracy.rs"]
mod accuracy;
#[path = "probe/cost.rs"]
mod cost;
#[path = "probe/driver.rs"]
mod driver;
#[path = "probe/kernel.rs"]
mod kernel;
#[path = "../tests/support/netns.rs"]
#[expect(dead_code, reason = "shared with the tests, which use more of it")]
mod netns;
#[path = "probe/pacing.rs"]
mod pacing;
#[path = "probe/peer.rs"]
mod peer;

fn main() {
    if cost::is_listener() {
        cost::listen();
        return;
    }
    // `cargo test --benches` starts this as well, without the flag, and wants no figures.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    if let Err(error) = portpulse::probe::raise_descriptor_limit() {
        println!("the descriptor limit stays as it is: {error}");
    }
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let tables: [(&str, fn()); 3] = [("accuracy", accuracy::run), ("cost", cost::run), ("pacing", pacing::run)];
    for (name, run) in tables {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}
