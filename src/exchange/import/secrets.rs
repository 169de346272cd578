//! Which texts may hold a secret: these are never taken over, and that is told.

/// What stands in or beside a secret.
const SIGNS: [&str; 19] = [
    "password",
    "passwd",
    "passphrase",
    "pwd=",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "access_key",
    "access-key",
    "authorization",
    "bearer ",
    "credential",
    "private key",
    "private_key",
    "webhook",
    "hooks.slack.com",
    "begin rsa",
];

/// Whether a text looks as if it held a secret. It errs on the safe side: a note that is left out is told and
/// can be written again, a password that is copied is in one more file.
pub(super) fn may_hold_secret(text: &str) -> bool {
    let text = text.to_lowercase();
    SIGNS.iter().any(|sign| text.contains(sign)) || has_user_info(&text)
}

/// Whether it has a URL with a user and a password in it.
fn has_user_info(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(|c: char| c == '/' || c.is_whitespace()).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_hooks_and_passwords_are_seen_and_plain_words_are_not() {
        for text in [
            "API_KEY=1",
            "Authorization: Bearer x",
            "see https://hooks.slack.com/services/x",
            "postgres://me:pw@db1/x",
            "telegram-token=9",
        ] {
            assert!(may_hold_secret(text), "{text}");
        }
        for text in ["primary", "failover: see page 3", "https://wiki.example/db1", "mail me@example.com: now"] {
            assert!(!may_hold_secret(text), "{text}");
        }
    }
}
