//! Which full names a short name stands for, in the order in which they are asked (resolv.conf(5)).

use hickory_resolver::proto::rr::Name;

/// How many full names one name may stand for; the C library's limit for the search list is 6.
const SEARCH_MAX: usize = 6;

/// The search list and the number of dots from which on a name is first taken as it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    pub domains: Vec<Name>,
    pub dots: usize,
}

impl Search {
    /// The full names to ask, in order. None when the name cannot be one in DNS.
    pub fn candidates(&self, name: &str) -> Vec<Name> {
        let Ok(mut whole) = Name::from_ascii(name) else { return Vec::new() };
        let relative = whole.clone();
        whole.set_fqdn(true);
        let listed = self.domains.iter().take(SEARCH_MAX);
        let mut names: Vec<Name> = listed.filter_map(|domain| relative.clone().append_domain(domain).ok()).collect();
        for name in &mut names {
            name.set_fqdn(true);
        }
        let is_whole_first = name.matches('.').count() >= self.dots || whole.is_localhost();
        let place = if is_whole_first { 0 } else { names.len() };
        names.insert(place, whole);
        names
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    fn asked(domains: &[&str], dots: usize, name: &str) -> String {
        let domains = domains.iter().map(|domain| Name::from_ascii(domain).unwrap()).collect();
        let names = Search { domains, dots }.candidates(name);
        names.iter().map(Name::to_ascii).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn dots_decide_what_is_asked_first() {
        assert_eq!(asked(&["a.example", "b.example."], 1, "db1"), "db1.a.example. db1.b.example. db1.");
        assert_eq!(asked(&["a.example"], 1, "db1.x"), "db1.x. db1.x.a.example.");
        assert_eq!(asked(&["a.example"], 5, "db1.x"), "db1.x.a.example. db1.x.");
        assert_eq!(asked(&["a.example"], 1, "localhost"), "localhost. localhost.a.example.");
        assert_eq!(asked(&[], 1, "_sip._tcp.example"), "_sip._tcp.example.", "underscores are allowed");
    }
}
