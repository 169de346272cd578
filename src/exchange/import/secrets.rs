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

/// What stands in no name of a service, only in a secret.
const SURE: [&str; 4] = ["pwd=", "bearer ", "hooks.slack.com", "begin rsa"];

/// Whether a name looks as if it held a secret. Services are called after tokens and hooks, so that the word alone
/// says nothing: a value has to stand behind it.
pub(super) fn name_may_hold_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let has_value = |sign: &str| {
        name.match_indices(sign).any(|(place, _)| {
            let behind = &name[place + sign.len()..];
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '"' | '\'' | ' ');
            behind.trim_start_matches(is_word).starts_with('=')
                || behind.trim_start_matches(['"', '\'', ' ']).starts_with(':')
        })
    };
    SURE.iter().any(|sign| name.contains(sign)) || SIGNS.iter().any(|sign| has_value(sign)) || has_user_info(&name)
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
    #[test]
    fn a_name_may_speak_of_secrets_and_not_hold_one() {
        for name in ["token=abc", "API_KEY : 1", "\"password\": \"x\"", "token_prod=1", "db Bearer x", "tcp://a:b@c"] {
            assert!(name_may_hold_secret(name), "{name}");
        }
        for name in
            ["token-service", "webhook gateway", "password reset (10.0.0.1:80)", "secret-store:8200", "env=prod"]
        {
            assert!(!name_may_hold_secret(name), "{name}");
        }
    }
}
