//! The prober on real sockets: on loopback always, and in network namespaces of its own as root.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/child.rs"]
mod child;
#[path = "support/dns.rs"]
mod dns;
#[path = "support/netns.rs"]
mod netns;
#[path = "support/prober.rs"]
mod prober;

#[path = "probe/descriptors.rs"]
mod descriptors;
#[path = "probe/loopback.rs"]
mod loopback;
#[path = "probe/names.rs"]
mod names;
#[path = "probe/network.rs"]
mod network;
#[path = "probe/stall.rs"]
mod stall;
