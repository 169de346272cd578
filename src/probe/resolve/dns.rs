//! Asking DNS: both families side by side, one query in flight per name, nothing kept.

use super::search::Search;
use super::{Answer, Trouble};
use crate::domain::Family;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, select};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::{DnsError, NetError, NoRecords, runtime::TokioRuntimeProvider};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long a name server may take for one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a question is asked again.
const RETRIES: usize = 1;
/// How long the other family may still take once one has given addresses. Firewalls that drop AAAA
/// queries are common, and must not add seconds to every check.
const GRACE: Duration = Duration::from_millis(300);
type Query = BoxFuture<'static, Answer>;

/// The name servers of one version of resolv.conf. Nothing is cached: every check asks, since
/// the cache belongs to the resolver that is asked. Those that ask for the same at the same moment
/// share one query; hickory sees to that.
pub(super) struct Dns {
    resolver: Option<TokioResolver>,
    search: Search,
}

impl Dns {
    /// Reads resolv.conf. Without a name server in it, this machine is asked, as the C library does.
    pub fn new(text: &str, port: u16) -> Self {
        let (config, options) = configured(text).unwrap_or_else(|| {
            let local = NameServerConfig::udp_and_tcp(Ipv4Addr::LOCALHOST.into());
            (ResolverConfig::from_parts(None, Vec::new(), vec![local]), ResolverOpts::default())
        });
        // Without a search list, names are searched in the domain of this host.
        let (domain, mut domains, mut servers) = config.into_parts();
        if domains.is_empty() {
            domains.extend(domain);
        }
        for connection in servers.iter_mut().flat_map(|server| &mut server.connections) {
            connection.port = port;
        }
        let search = Search { domains, dots: options.ndots };
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = tuned(options);
        Self { resolver: builder.build().ok(), search }
    }

    /// The addresses of a name and how long it took to get them.
    pub async fn look_up(&self, name: &str, family: Family) -> (Answer, Option<Duration>) {
        let started = Instant::now();
        let mut trouble = Trouble::NoSuchName;
        for candidate in self.search.candidates(name) {
            let (answer, ended) = self.ask(&candidate, family).await;
            let took = Some(ended - started);
            match answer {
                // A resolver that does not answer for one name is not asked for the next.
                Ok(_) | Err(Trouble::TimedOut | Trouble::Descriptors | Trouble::Overload) => return (answer, took),
                Err(found) => trouble = trouble.max(found),
            }
        }
        (Err(trouble), Some(started.elapsed()))
    }

    /// Asks for one full name, and says when the answer that counts was there.
    async fn ask(&self, name: &Name, family: Family) -> (Answer, Instant) {
        match family {
            Family::Ipv4 => (self.query(name, RecordType::A).await, Instant::now()),
            Family::Ipv6 => (self.query(name, RecordType::AAAA).await, Instant::now()),
            Family::Auto | Family::Both => {
                side_by_side(self.query(name, RecordType::A), self.query(name, RecordType::AAAA)).await
            }
        }
    }

    fn query(&self, name: &Name, kind: RecordType) -> Query {
        ask_servers(self.resolver.clone(), name.clone(), kind).boxed()
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns").field("search", &self.search).finish_non_exhaustive()
    }
}

/// What resolv.conf says, if it names a server.
#[cfg(not(any(target_vendor = "apple", target_os = "android")))]
fn configured(text: &str) -> Option<(ResolverConfig, ResolverOpts)> {
    hickory_resolver::system_conf::parse_resolv_conf(text).ok()
}

/// Systems that keep their name servers elsewhere than in resolv.conf.
#[cfg(any(target_vendor = "apple", target_os = "android"))]
fn configured(_: &str) -> Option<(ResolverConfig, ResolverOpts)> {
    hickory_resolver::system_conf::read_system_conf().ok()
}

/// The options of resolv.conf with the patience of a monitor.
fn tuned(mut options: ResolverOpts) -> ResolverOpts {
    options.timeout = ATTEMPT_TIMEOUT;
    options.attempts = RETRIES;
    options.try_tcp_on_error = false;
    options.use_hosts_file = ResolveHosts::Never;
    options.cache_size = 0;
    options
}

async fn ask_servers(resolver: Option<TokioResolver>, name: Name, kind: RecordType) -> Answer {
    let Some(resolver) = resolver else { return Err(Trouble::Refused) };
    // The servers have their time-out; this one is for a resolver that forgets its own.
    let patience = ATTEMPT_TIMEOUT * 3;
    match timeout(patience, resolver.lookup(name, kind)).await {
        Ok(Ok(lookup)) => {
            let addresses: Vec<IpAddr> = lookup.answers().iter().filter_map(|record| address(&record.data)).collect();
            if addresses.is_empty() { Err(Trouble::NoAddress) } else { Ok(addresses) }
        }
        Ok(Err(error)) => Err(trouble(&error)),
        Err(_) => Err(Trouble::TimedOut),
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}

fn trouble(error: &NetError) -> Trouble {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code: ResponseCode::NXDomain, .. })) => {
            Trouble::NoSuchName
        }
        NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code: ResponseCode::NoError, .. })) => {
            Trouble::NoAddress
        }
        NetError::Io(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => {
            Trouble::Descriptors
        }
        // Nobody answers there: the port is closed, or there is no way to the server.
        NetError::Timeout | NetError::Io(_) | NetError::NoConnections => Trouble::TimedOut,
        NetError::Busy => Trouble::Overload,
        _ => Trouble::Refused,
    }
}

/// The addresses of both families. When one family is there, the other gets a moment more.
async fn side_by_side(v4: Query, v6: Query) -> (Answer, Instant) {
    let (first, other) = match select(v4, v6).await {
        Either::Left((first, other)) | Either::Right((first, other)) => (first, other),
    };
    let ended = Instant::now();
    let Ok(mut addresses) = first else {
        let second = other.await;
        return (both_failed_or(first, second), Instant::now());
    };
    match timeout(GRACE, other).await {
        Ok(second) => {
            addresses.extend(second.unwrap_or_default());
            (Ok(addresses), Instant::now())
        }
        Err(_) => (Ok(addresses), ended),
    }
}

/// The second answer when it gives addresses, else the trouble of the two that counts.
fn both_failed_or(first: Answer, second: Answer) -> Answer {
    match (first, second) {
        (_, Ok(addresses)) | (Ok(addresses), _) => Ok(addresses),
        (Err(first), Err(second)) => Err(first.max(second)),
    }
}
