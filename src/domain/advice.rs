//! What a failure usually means and what to look at first (S44, S74 to S78, S120 to S122, S151 to S159).

use super::{Address, Definition, Evaluation, Fault, Host, NameFailure, Outcome, Place, Reason};

/// What an outcome usually means, in one sentence, and the first things to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// One sentence.
    pub meaning: String,
    /// At most five steps, most telling first, with host and port filled in.
    pub steps: Vec<String>,
}

/// Explains an outcome of a check of `address`.
pub fn explain(address: &Address, outcome: &Outcome) -> Advice {
    let Address { host, port } = address;
    match outcome {
        Outcome::Open(timing) if timing.syn_lost > 0 => Advice {
            meaning: "open, but a connection request was lost on the way: packet loss, not a slow service".to_owned(),
            steps: vec![format!("look for loss on the path: mtr -T -P {port} {}", bare(host))],
        },
        Outcome::Open(_) => Advice {
            meaning: "open: something listens and accepts; whether it answers sensibly is not tested".to_owned(),
            steps: Vec::new(),
        },
        Outcome::Failed(failure) => failed(address, failure.reason, failure.place, failure.name),
        Outcome::Inconclusive(Fault::Cancelled) => {
            Advice { meaning: format!("called off before it was known how {host} answers"), steps: Vec::new() }
        }
        Outcome::Inconclusive(Fault::Script) => Advice {
            meaning: "the script that judges this target failed: it says nothing about its endpoints".to_owned(),
            steps: vec!["try the script by hand: portpulse evaluate FILE".to_owned()],
        },
        Outcome::Inconclusive(Fault::Maintenance) => Advice {
            meaning: "the script that judges this target says that there is maintenance".to_owned(),
            steps: Vec::new(),
        },
        Outcome::Inconclusive(fault) => Advice {
            meaning: format!("{}: this says nothing about {host}", fault.sentence()),
            steps: vec!["look at the machine that portpulse runs on".to_owned()],
        },
    }
}

/// Explains an outcome of a check of a target at one of its addresses: a script that failed is named.
pub fn explain_of(definition: &Definition, address: &Address, outcome: &Outcome) -> Advice {
    let mut advice = explain(address, outcome);
    if let (Outcome::Inconclusive(Fault::Script), Evaluation::Script(path)) = (outcome, &definition.evaluation) {
        advice.steps = vec![format!("try the script by hand: portpulse evaluate {}", path.display())];
    }
    advice
}

fn failed(address: &Address, reason: Reason, place: Place, name: Option<NameFailure>) -> Advice {
    let Address { host, port } = address;
    let plain = bare(host);
    let (meaning, steps) = match reason {
        Reason::Refused => (
            format!("{host} answers, but nothing listens on port {port}"),
            vec![
                format!("is the service running? on {plain}: systemctl status, docker ps"),
                format!("does it listen on 0.0.0.0, or only on 127.0.0.1? on {plain}: ss -ltn sport = :{port}"),
                format!("is {port} the right port?"),
                format!("try by hand: nc -zv {plain} {port}"),
            ],
        ),
        Reason::Unexpected => (
            format!("{host} accepts connections on port {port}, and it should not"),
            vec![
                format!("what listens there? on {plain}: ss -ltnp sport = :{port}"),
                "which firewall was to close it? nft list ruleset, iptables -S, the security group".to_owned(),
            ],
        ),
        Reason::Judged => (
            format!("{host} and the others answer, but the evaluation of the target calls this down"),
            vec![format!("look at the latency of {plain} and of the others, and at the limits or the script")],
        ),
        Reason::TimedOut => (
            format!(
                "no answer from {host}:{port}: packets are dropped on the way, the host is off, or it is overloaded"
            ),
            vec![
                format!("does a firewall or security group allow TCP {port} from this machine?"),
                format!("is the host up? is its accept queue full? on {plain}: ss -ltn sport = :{port}"),
                format!("where does the path end? mtr -T -P {port} {plain}"),
                "if it is only slow, raise the timeout".to_owned(),
            ],
        ),
        Reason::Reset => (
            format!("{host}:{port} accepted the connection and tore it down at once"),
            vec![
                format!(
                    "what does the service log about this machine? an address list, tcp wrappers, a limit on {plain}?"
                ),
                "is a load balancer or firewall in between without a healthy backend?".to_owned(),
            ],
        ),
        Reason::DnsFailed => (
            match name {
                Some(NameFailure::NoAddress) => {
                    format!("the name {host} exists but has no address of the wanted family")
                }
                Some(NameFailure::NoSuchName) | None => format!("there is no such name as {host}"),
            },
            vec![
                format!("ask the resolver: dig {plain}"),
                "is it spelled right? does it need a search domain, or an entry in /etc/hosts?".to_owned(),
            ],
        ),
        Reason::NetworkUnreachable | Reason::HostUnreachable => (
            match place {
                Place::AtCall => format!("this machine has no route to {host}"),
                Place::Lookup | Place::Later => format!("a router on the way, or the last one, cannot reach {host}"),
            },
            vec![
                format!("what is the route? ip route get {plain}"),
                "is a VPN or an interface down?".to_owned(),
                format!("is {plain} switched on and in the right network?"),
            ],
        ),
    };
    Advice { meaning, steps }
}

/// The host without brackets, as shell commands want it.
fn bare(host: &Host) -> String {
    match host {
        Host::V6(address, None) => address.to_string(),
        Host::V6(address, Some(zone)) => format!("{address}%{zone}"),
        Host::V4(_) | Host::Name(_) => host.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Failure;
    use std::time::Duration;

    #[test]
    fn every_reason_names_the_host_and_says_what_to_do() {
        let address: Address = "[2001:db8::1]:5432".parse().expect("an address");
        for reason in Reason::ALL {
            let failure =
                Failure { reason, place: Place::Later, errno: None, name: None, after: Duration::ZERO, syn_lost: 0 };
            let advice = explain(&address, &Outcome::Failed(failure));
            assert!(advice.meaning.contains("[2001:db8::1]"), "{advice:?}");
            assert!(!advice.steps.is_empty() && advice.steps.len() <= 5, "{advice:?}");
            assert!(advice.steps.iter().any(|step| step.contains("2001:db8::1")), "{advice:?}");
        }
    }

    #[test]
    fn a_script_that_failed_is_named() {
        let endpoint = crate::domain::Endpoint::new("db1:5432".parse().expect("an address"));
        let address = endpoint.address.clone();
        let evaluation = Evaluation::Script("/etc/portpulse/redis.js".into());
        let definition = Definition { evaluation, ..Definition::new("db1".to_owned(), endpoint) };
        let advice = explain_of(&definition, &address, &Outcome::Inconclusive(Fault::Script));
        assert!(advice.steps[0].ends_with(" portpulse evaluate /etc/portpulse/redis.js"), "{advice:?}");
    }

    #[test]
    fn a_fault_of_ours_does_not_accuse_the_target() {
        let address: Address = "db1:5432".parse().expect("an address");
        let advice = explain(&address, &Outcome::Inconclusive(Fault::Descriptors));
        assert!(advice.meaning.contains("nothing about db1"), "{advice:?}");
    }
}
