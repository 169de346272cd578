//! Whether the system looks for hosts in more places than we can look ourselves (nsswitch.conf).

/// Which names have to be asked of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// None: the hosts file and DNS are all there is.
    Nothing,
    /// Names under `.local`: the minimal multicast modules answer for no others.
    Local,
    /// All of them.
    Everything,
}

/// What we look into ourselves, or what answers only for names that the others answer for too:
/// `resolve` is a stub resolver that `resolv.conf` names as well.
const OWN: [&str; 5] = ["files", "dns", "resolve", "myhostname", "mymachines"];

impl Switch {
    /// Reads the `hosts:` line.
    pub fn read(text: &str) -> Self {
        let Some(line) = text.lines().find_map(|line| line.trim_start().strip_prefix("hosts:")) else {
            return Self::Nothing;
        };
        let line = line.split('#').next().unwrap_or_default();
        let mut found = Self::Nothing;
        // `[NOTFOUND=return]` and the like say what to do with an answer, not where to look.
        let mut is_action = false;
        for word in line.split_whitespace() {
            is_action |= word.starts_with('[');
            if !is_action && !OWN.contains(&word) {
                if !(word.starts_with("mdns") && word.ends_with("_minimal")) {
                    return Self::Everything;
                }
                found = Self::Local;
            }
            is_action &= !word.ends_with(']');
        }
        found
    }

    /// Whether the system has to be asked for this name.
    pub fn asks_system(self, name: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Local => name.rsplit('.').next() == Some("local"),
            Self::Everything => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_modules_that_know_more_are_asked() {
        for (line, switch) in [
            ("", Switch::Nothing),
            ("passwd: files sss\nhosts: files dns\n", Switch::Nothing),
            ("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns", Switch::Nothing),
            ("hosts: files mdns4_minimal [NOTFOUND=return] dns", Switch::Local),
            ("hosts: files mdns4_minimal [ NOTFOUND = return ] dns", Switch::Local),
            ("hosts: files dns sss", Switch::Everything),
            ("hosts: files libvirt libvirt_guest dns # sss", Switch::Everything),
            ("#hosts: sss\nhosts:\tfiles dns # sss", Switch::Nothing),
        ] {
            assert_eq!(Switch::read(line), switch, "{line:?}");
        }
        assert!(Switch::Local.asks_system("printer.local"));
        assert!(!Switch::Local.asks_system("db1.example"));
    }
}
