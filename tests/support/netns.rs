//! Network namespaces that a test makes for itself: two hosts and a wire between them.

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

/// One namespace; it is removed when this is dropped, also while unwinding.
pub struct Namespace {
    name: String,
}

/// Two hosts: `near`, where the prober stands, and `far`, to which all routes lead.
///
/// `near` has 10.77.0.1 and `fd77::1`, `far` has 10.77.0.2 and `fd77::2` and answers for all of
/// 10.78.0.0/16 and `fd78::/64`.
pub struct Wire {
    pub near: Namespace,
    pub far: Namespace,
}

static SWEPT: Once = Once::new();
static COUNT: AtomicU32 = AtomicU32::new(0);

impl Namespace {
    /// Makes one, with loopback up; `end` tells it from its like.
    pub fn new(end: &str) -> Self {
        let name = format!("portpulse-{}-{}{end}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        run(&["ip", "netns", "add", &name]);
        let namespace = Self { name };
        namespace.ip("link set lo up");
        namespace
    }

    /// Runs `ip` in it; the words are separated by blanks.
    pub fn ip(&self, words: &str) {
        let mut all = vec!["ip", "-n", &self.name];
        all.extend(words.split(' '));
        run(&all);
    }

    /// Runs `nft` in it with a script.
    pub fn nft(&self, script: &str) {
        run(&["ip", "netns", "exec", &self.name, "nft", script]);
    }

    /// A table with one chain at `hook` that holds the rules, in place of what was there.
    pub fn filter(&self, hook: &str, rules: &[&str]) {
        self.nft("flush ruleset");
        self.nft(&format!(
            "table inet f {{ chain c {{ type filter hook {hook} priority 0; {}; }}; }}",
            rules.join("; ")
        ));
    }

    /// Sets a kernel parameter of it.
    pub fn set(&self, path: &str, value: &str) {
        let path = format!("/proc/sys/net/{path}");
        self.inside(|| fs::write(&path, value).unwrap_or_else(|error| panic!("{path}: {error}")));
    }

    /// Does something on a thread that lives in it; threads and sockets made there stay there.
    pub fn inside<T: Send>(&self, action: impl FnOnce() -> T + Send) -> T {
        let file = File::open(format!("/run/netns/{}", self.name)).expect("the namespace");
        let entered = || {
            move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network)).expect("entering it");
            action()
        };
        thread::scope(|scope| scope.spawn(entered).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

impl Wire {
    /// The two hosts, or `None` where this cannot be done.
    pub fn lay() -> Option<Self> {
        if !are_available() {
            return None;
        }
        let wire = Self { near: Namespace::new("a"), far: Namespace::new("b") };
        wire.near.ip(&format!("link add v0 type veth peer name v0 netns {}", wire.far.name));
        for (namespace, number) in [(&wire.near, 1), (&wire.far, 2)] {
            namespace.ip(&format!("address add 10.77.0.{number}/24 dev v0"));
            namespace.ip(&format!("-6 address add fd77::{number}/64 dev v0 nodad"));
            namespace.ip("link set v0 up");
        }
        wire.near.ip("route add default via 10.77.0.2");
        wire.near.ip("-6 route add default via fd77::2");
        wire.far.ip("route add local 10.78.0.0/16 dev lo");
        wire.far.ip("-6 route add local fd78::/64 dev lo");
        wire.wait();
        Some(wire)
    }

    /// Waits until the far host answers, with a refusal, in both families.
    fn wait(&self) {
        let answers = |address: &str| {
            let error = TcpStream::connect_timeout(&address.parse().expect("an address"), Duration::from_millis(200));
            error.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        };
        self.near.inside(|| {
            for address in ["10.77.0.2:1", "[fd77::2]:1"] {
                assert!((0..50).any(|_| answers(address)), "the wire to {address} does not come up");
            }
        });
    }
}

/// Whether namespaces can be made here. Where they cannot, that is said and, where
/// `PORTPULSE_REQUIRE_ROOT_TESTS` is 1, is a failure.
pub fn are_available() -> bool {
    let Some(missing) = missing() else {
        SWEPT.call_once(sweep);
        return true;
    };
    assert!(std::env::var("PORTPULSE_REQUIRE_ROOT_TESTS").as_deref() != Ok("1"), "cannot run: {missing}");
    say_not_run(&missing);
    false
}

/// Removes what processes that were killed have left behind: the process is in the name.
fn sweep() {
    let Ok(list) = Command::new("ip").args(["netns", "list"]).output() else { return };
    for name in String::from_utf8_lossy(&list.stdout).lines().filter_map(|line| line.split(' ').next()) {
        let owner = name.strip_prefix("portpulse-").and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

/// Says why a case was not run, past the test harness, which keeps what a passing test prints.
pub fn say_not_run(why: &str) {
    // Nobody may be listening.
    let _ = writeln!(std::io::stderr(), "not run: {why}");
}

/// What is missing for namespaces.
fn missing() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("network namespaces need root".to_owned());
    }
    for tool in ["ip", "nft"] {
        let found = Command::new(tool).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            return Some(format!("{tool} is not installed (packages iproute2 and nftables)"));
        }
    }
    if !Path::new("/proc/net/if_inet6").exists() {
        return Some("this kernel has no IPv6".to_owned());
    }
    let probe = format!("portpulse-{}-probe", std::process::id());
    let made = Command::new("ip").args(["netns", "add", &probe]).stderr(Stdio::null()).status();
    let _ = Command::new("ip").args(["netns", "del", &probe]).stderr(Stdio::null()).status();
    (!made.is_ok_and(|status| status.success()))
        .then(|| "this kernel or container forbids network namespaces".to_owned())
}

fn run(words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).output().unwrap_or_else(|error| panic!("{words:?}: {error}"));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}
