//! Whether the resolver is worth asking: names that wait for a dead one would only crowd the rest.

use std::time::Duration;
use tokio::time::Instant;

// The resolver counts as down when three different names in a row ran out of time and nothing was
// answered for five seconds. Different names, because the servers of one domain may be dead while
// the resolver is well. While it is down one question a second is let through; any answer, even "no
// such name", shows that it is back.

/// How many different names have to run out of time in a row.
const NAMES: usize = 3;
/// How long nothing may have been answered.
const SILENCE: Duration = Duration::from_secs(5);
/// How often a resolver that is down is tried.
const TRIAL_EVERY: Duration = Duration::from_secs(1);

/// The state of the resolver as its answers show it. Pure: time comes in as an argument.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Different names that ran out of time since the last answer, at most three.
    unanswered: Vec<String>,
    last_answer: Option<Instant>,
    last_trial: Option<Instant>,
}

impl Breaker {
    /// Whether the resolver may be asked now.
    pub fn admits(&mut self, now: Instant) -> bool {
        let is_silent = self.last_answer.is_none_or(|answer| now - answer >= SILENCE);
        if self.unanswered.len() < NAMES || !is_silent {
            return true;
        }
        let is_due = self.last_trial.is_none_or(|trial| now - trial >= TRIAL_EVERY);
        if is_due {
            self.last_trial = Some(now);
        }
        is_due
    }

    /// The resolver has said something.
    pub fn answered(&mut self, now: Instant) {
        self.unanswered.clear();
        self.last_answer = Some(now);
        self.last_trial = None;
    }

    /// A question ran out of time.
    pub fn timed_out(&mut self, name: &str, now: Instant) {
        if self.unanswered.len() >= NAMES || self.unanswered.iter().any(|known| known == name) {
            return;
        }
        self.unanswered.push(name.to_owned());
        if self.unanswered.len() == NAMES {
            self.last_trial = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_names_in_a_row_open_it_and_one_answer_closes_it() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut breaker = Breaker::default();
        for name in ["a", "a", "a", "b"] {
            breaker.timed_out(name, at(0));
        }
        assert!(breaker.admits(at(0)), "one dead domain is not a dead resolver");
        breaker.timed_out("c", at(0));
        assert!(!breaker.admits(at(999)));
        assert!(breaker.admits(at(1_000)), "one trial a second");
        assert!(!breaker.admits(at(1_001)));
        breaker.answered(at(1_500));
        assert!(breaker.admits(at(1_501)));
    }

    #[test]
    fn a_recent_answer_keeps_it_closed() {
        let begin = Instant::now();
        let mut breaker = Breaker::default();
        breaker.answered(begin);
        for name in ["a", "b", "c"] {
            breaker.timed_out(name, begin);
        }
        assert!(breaker.admits(begin + Duration::from_secs(4)));
        assert!(breaker.admits(begin + Duration::from_secs(5)), "the first trial");
        assert!(!breaker.admits(begin + Duration::from_millis(5_001)));
    }
}
