//! Checks per second of CPU on loopback, beside `nmap -sT` on the same listeners in the same run.

use crate::driver::{Driver, endpoint, probe_thread_cpu, timing};
use crate::kernel::cpu_of;
use portpulse::probe::Limits;
use rustix::time::{ClockId, clock_gettime};
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const LISTENERS: u16 = 500;
const HOSTS: u8 = 20;
const ROUNDS: usize = 3;
const TIMEOUT: Duration = Duration::from_secs(5);
/// Tells a second process of this program to be the server.
const KEY: &str = "PORTPULSE_BENCH_LISTEN";

/// Whether this process is to be the server.
pub fn is_listener() -> bool {
    std::env::var_os(KEY).is_some()
}

/// Accepts and drops whatever comes, until the parent closes its end.
pub fn listen() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut ports = Vec::new();
        for _ in 0..LISTENERS {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.expect("a free port");
            ports.push(listener.local_addr().expect("a bound listener").port().to_string());
            tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        }
        println!("{}", ports.join(","));
        std::io::stdout().flush().expect("the parent reads");
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().lines().count());
        parent.await.expect("the parent goes away");
    });
}

pub fn run() {
    println!("\nCPU per check on loopback, microseconds, median of {ROUNDS} rounds of {} checks", checks());
    let mut server = Command::new(std::env::current_exe().expect("this program"))
        .env(KEY, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    let mut ports = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut ports).expect("it says where it listens");
    let ports: Vec<u16> = ports.trim().split(',').map(|port| port.parse().expect("a port")).collect();
    compare(&ports);
    drop(server.stdin.take());
    server.wait().expect("the server ends");
}

fn checks() -> usize {
    usize::from(LISTENERS) * usize::from(HOSTS)
}

fn compare(ports: &[u16]) {
    println!("                             in flight   thread   process   checks per CPU-second   nmap / thread");
    let nmap = median((0..ROUNDS).map_while(|_| nmap_all(ports)).collect());
    if let Some(nmap) = nmap {
        println!("nmap -sT -T5, without start   its own {nmap:>18.1} {:>23.0}", 1e6 / nmap);
    } else {
        println!("nmap -sT: not run, nmap is not installed");
    }
    for in_flight in [64, 1_000] {
        let (thread, process) = (0..ROUNDS).map(|_| probe_all(in_flight, ports)).unzip();
        let (thread, process) = (median(thread).unwrap_or(f64::NAN), median(process).unwrap_or(f64::NAN));
        let ratio = nmap.map_or_else(String::new, |nmap| format!("{:.2}, goal 1.50", nmap / thread));
        println!("portpulse {in_flight:>28} {thread:>8.1} {process:>9.1} {:>23.0}   {ratio}", 1e6 / thread);
    }
}

/// Microseconds for each check in the round in the middle.
fn median(mut rounds: Vec<Duration>) -> Option<f64> {
    rounds.sort_unstable();
    rounds.get(rounds.len() / 2).map(|total| total.as_secs_f64() * 1e6 / checks() as f64)
}

/// CPU of the probing thread and of the whole process for all checks.
fn probe_all(in_flight: u32, ports: &[u16]) -> (Duration, Duration) {
    let parallelism = Some(in_flight);
    let unpaced = Limits { starts_per_second: u32::MAX, per_host: 50, parallelism, ..Limits::default() };
    let mut driver = Driver::new(unpaced);
    let all = |hosts: u8| {
        let each = move |&port: &u16| {
            (1..=hosts).map(move |host| endpoint(Ipv4Addr::new(127, 0, 1, host).into(), port, TIMEOUT))
        };
        ports.iter().flat_map(each).collect::<Vec<_>>()
    };
    driver.all(all(1));
    let wanted = all(HOSTS);
    let (thread, process) = (probe_thread_cpu(), process_cpu());
    let findings = driver.all(wanted);
    let cost = (probe_thread_cpu().saturating_sub(thread), process_cpu().saturating_sub(process));
    assert_eq!(findings.iter().filter_map(timing).count(), checks(), "every listener answers");
    cost
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// CPU of nmap for all checks, less that for a single one.
fn nmap_all(ports: &[u16]) -> Option<Duration> {
    let hosts = format!("127.0.1.1-{HOSTS}");
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let start = nmap("127.0.1.1", ports.first()?, 1)?;
    nmap(&hosts, &ports.join(","), checks()).map(|all| all.saturating_sub(start))
}

fn nmap(hosts: &str, ports: &str, expected: usize) -> Option<Duration> {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("found");
    let child: Child = Command::new("nmap")
        .args(["-sT", "-Pn", "-n", "-T5", "-p", ports, hosts, "-oG"])
        .arg(&output)
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    let cpu = cpu_of(&child).expect("nmap ends");
    let open = std::fs::read_to_string(&output).expect("what nmap found").matches("/open/").count();
    assert_eq!(open, expected, "nmap finds every listener");
    Some(cpu)
}
