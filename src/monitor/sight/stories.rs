//! What proves sight and what takes it away, as stories.

#[cfg(test)]
mod tests {
    use crate::domain::{Now, Wall};
    use crate::monitor::sight::*;

    /// Plays a story and writes down every insight.
    ///
    /// `o3` a target opened at second 3, `l` a look starts, `l2` one with two canaries, `+` the
    /// self-check is fine, `-` it is not, `w` it is not and a witness is asked about, `c` a canary answers, `s` one stays silent, `t` time for a
    /// tick; each comes a second after the one before.
    fn play(story: &str) -> String {
        let mut sight = Sight::default();
        let mut heard = Vec::new();
        let mut next = Attempt(1);
        for (second, word) in (1u64..).zip(story.split_whitespace()) {
            let at = |second: u64| {
                let wall = Wall(i64::try_from(second * 1_000).expect("small"));
                Moment::at(Now { mono: Mono(second * 1_000), wall })
            };
            let (now, mono) = (at(second), Mono(second * 1_000));
            let address = IpAddr::from([192, 0, 2, 1]);
            let number = || word[1..].parse::<u64>().unwrap_or(0);
            let insight = match &word[..1] {
                "o" => sight.reached(address, at(number())),
                "l" => {
                    let canaries = (1..=number()).map(|n| Attempt(next.0 + n)).collect();
                    sight.start_look(now, next, IpAddr::from([192, 0, 2, 7]), canaries);
                    Insight::None
                }
                "+" => sight.self_checked(now, mono, next, Ok(())),
                "w" => {
                    let again = Attempt(next.0 + 5);
                    assert!(sight.turn_to_witness(now, next, again).is_some(), "somebody else answered once");
                    next = again;
                    Insight::None
                }
                "-" => sight.self_checked(now, mono, next, Err(Fault::Route)),
                "c" | "s" => {
                    let opened = (word == "c").then_some(IpAddr::from([192, 0, 2, 9]));
                    let canary = sight.look.as_ref().and_then(|look| look.canaries.first().copied());
                    sight.canary_ended(now, mono, canary.unwrap_or(Attempt(0)), opened)
                }
                _ => sight.tick(now, mono),
            };
            if sight.look.is_none() {
                next = Attempt(next.0 + 10);
            }
            heard.push(match insight {
                Insight::None => "none".to_owned(),
                Insight::Proven => "proven".to_owned(),
                Insight::Lost(_) => "lost".to_owned(),
                Insight::Restored { from, to } => format!("restored {}-{}", from.wall.0 / 1_000, to.wall.0 / 1_000),
                Insight::CanariesOut { .. } => "canaries out".to_owned(),
            });
        }
        heard.join(", ")
    }

    #[test]
    fn a_healthy_look_proves_and_a_failed_one_blinds_until_the_next_proof() {
        assert_eq!(play("o1 l +"), "proven, none, proven");
        assert_eq!(play("l - o3"), "none, lost, restored 2-3");
        assert_eq!(play("l - o1 o4"), "none, lost, none, restored 2-4", "an older proof does not end it");
        assert_eq!(play("l - t t t t l +"), "none, lost, none, none, none, none, none, restored 2-7");
    }

    /// A failure between the two looks is older than the proof, and must be taken back with the rest.
    #[test]
    fn what_a_witness_proves_is_proven_from_when_it_was_asked() {
        assert_eq!(play("o1 l - l w +"), "proven, none, lost, none, none, restored 3-5");
    }

    #[test]
    fn one_canary_is_enough_and_silence_takes_ten_seconds() {
        assert_eq!(play("l2 + s c"), "none, none, none, proven");
        let waited = play("l2 + s s t t t t t t t");
        let insights: Vec<&str> = waited.split(", ").collect();
        assert_eq!((insights.len(), insights[9], insights[10]), (11, "none", "lost"));
    }

    #[test]
    fn a_target_that_answers_contradicts_silent_canaries() {
        let story = "l1 + s o4 t t t t t t t t t t";
        assert!(!play(story).contains("lost"), "{}", play(story));
    }

    #[test]
    fn a_look_without_an_answer_fails() {
        let story = format!("l {}", "t ".repeat(16));
        assert_eq!(play(&story).matches("lost").count(), 1);
    }

    #[test]
    fn evidence_has_to_come_from_somebody_else() {
        let mut sight = Sight::default();
        let at = |second: u64| Moment::at(Now { mono: Mono(second), wall: Wall(0) });
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        sight.reached(one, at(5));
        assert!(sight.is_proven_since(at(5), Some(two)));
        assert!(!sight.is_proven_since(at(5), Some(one)));
        assert!(!sight.is_proven_since(at(6), Some(two)));
        sight.reached(two, at(7));
        sight.reached(two, at(8));
        assert!(sight.is_proven_since(at(5), Some(two)), "the other one's proof is still known");
    }

    #[test]
    fn two_ports_of_one_host_prove_as_much_as_one() {
        let at = |second: u64| Moment::at(Now { mono: Mono(second), wall: Wall(0) });
        let (one, two) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for again in [5, 3] {
            let mut sight = Sight::default();
            sight.reached(two, at(4));
            sight.reached(one, at(5));
            sight.reached(one, at(again));
            assert_eq!(sight.newest_proof(), Some(at(5)), "again at {again}");
            assert!(sight.is_proven_since(at(4), Some(one)), "again at {again}");
        }
    }
}
