//! What a script file may look like, and what is said of one that is wrong.

use super::stage::{Stage, ping};
use portpulse::evaluate::Status;
use portpulse::script::{FILE_BYTES_MAX, Problem};
use std::fs;

const BODY: &str = "{ return { status: pings[0].status === 'open' ? 'UP' : 'DOWN', latency: pings[0].latency } }";

#[tokio::test]
async fn every_way_to_write_a_function_is_read() {
    let stage = Stage::new();
    for source in [
        format!(";(async function (pings) {BODY})"),
        format!(";(async function (pings) {BODY});\n"),
        format!("(function (pings) {BODY})"),
        format!("function (pings) {BODY}"),
        format!("\n\n  async function (pings) {BODY};\n"),
        format!("function evaluate(pings) {BODY}"),
        format!("(pings) => {BODY}"),
        format!("async (pings) => {BODY}"),
        format!("pings => {BODY}"),
        format!("'use strict'\nconst limit = 3;\n(pings) => {BODY}"),
        format!("// a word before\n/* and another */\n;(function (pings) {BODY}) // and after"),
        format!("(pings) => new Promise((done) => done((() => {BODY})()))"),
        format!("async (pings) => {{ await 0; await null; return (() => {BODY})() }}"),
        format!(
            "(pings) => {{ console.log(pings); console.error('no', 'one'); console.debug(); return (() => {BODY})() }}"
        ),
        "class Judge { get status() { return 'UP' } get latency() { return 12.5 } } () => new Judge()".to_owned(),
    ] {
        stage.write("form.js", &source);
        assert_eq!(stage.told("form.js").await, "UP 12.5", "{source}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_line() {
    let stage = Stage::new();
    let verdict = "use 'UP', 'DEGRADED', 'DOWN' or 'MAINTENANCE'";
    let number = "use a number of milliseconds from 0 to a day";
    for (source, expected) in [
        ("(pings) => {\n  return pings.nothing.at.all\n}", ":2: TypeError: cannot read property 'at' of undefined"),
        ("async (pings) => {\n  await 0\n  throw new RangeError('too far')\n}", ":3: RangeError: too far"),
        ("\n\nfunction (pings) {\n  return {,}\n}", ":4: SyntaxError: "),
        ("\n(pings) => {\n  return (\n}", ":4: SyntaxError: "),
        ("() => { throw 'a text' }", ": threw 'a text'"),
        ("() => { throw { no: 'error' } }", ": threw an object"),
        ("42", ": is 42, not a function: end it with (pings) => ({ status, latency })"),
        ("", ": is undefined, not a function: end it with (pings) => ({ status, latency })"),
        ("() => {}", ": it returned undefined: return { status, latency }"),
        ("() => 'UP'", ": it returned 'UP': return { status, latency }"),
        ("() => ({ status: 'up', latency: 1 })", &format!(": its status is 'up': {verdict}")),
        ("() => ({ latency: 1 })", &format!(": its status is undefined: {verdict}")),
        ("() => ({ status: 'UP', latency: 1e12 })", &format!(": its latency is 1000000000000: {number}")),
        ("() => ({ status: 'UP' })", &format!(": its latency is undefined: {number}")),
        ("() => ({ status: 'UP', latency: '1' })", &format!(": its latency is '1': {number}")),
        ("() => ({ status: 'UP', latency: 0 / 0 })", &format!(": its latency is NaN: {number}")),
        ("() => ({ status: 'UP', latency: 1 / 0 })", &format!(": its latency is inf: {number}")),
        ("() => ({ status: 'UP', latency: -1 })", &format!(": its latency is -1: {number}")),
        ("(pings) => {\n  for (;;) pings.length\n}", ":2: takes longer than 50 ms"),
        ("export default () => 1", ":1: SyntaxError: "),
    ] {
        stage.write("wrong.js", source);
        let told = stage.told("wrong.js").await;
        assert!(told.starts_with(&format!("wrong.js{expected}")), "{source}\n{told}");
    }
}

#[tokio::test]
async fn maintenance_is_a_verdict_and_what_a_script_keeps_is_gone_the_next_time() {
    let stage = Stage::new();
    stage.write("work.js", "() => ({ status: 'MAINTENANCE', latency: 0 })");
    assert_eq!(stage.told("work.js").await, "MAINTENANCE 0");
    stage.write(
        "count.js",
        "var count; globalThis.all = (globalThis.all ?? 0) + 1; \
                             () => ({ status: 'UP', latency: globalThis.all + (count = (count ?? 0) + 1) })",
    );
    for _ in 0..3 {
        assert_eq!(stage.told("count.js").await, "UP 2");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_a_changed_one_is_read_again() {
    let stage = Stage::new();
    assert_eq!(stage.told("rule.js").await, "rule.js: cannot be read: No such file or directory (os error 2)");
    stage.write("rule.js", "() => ({ status: 'UP', latency: 1 })");
    assert_eq!(stage.told("rule.js").await, "UP 1");
    stage.write("rule.js", "() => ({ status: 'DOWN', latency: 22 })");
    assert_eq!(stage.told("rule.js").await, "DOWN 22");
    let most = usize::try_from(FILE_BYTES_MAX).expect("a length");
    let rule = "() => ({ status: 'UP', latency: 3 })";
    let long = format!("{rule}{}", " ".repeat(most - rule.len()));
    stage.write("rule.js", &long);
    assert_eq!(stage.told("rule.js").await, "UP 3");
    stage.write("rule.js", format!("{long} "));
    assert_eq!(stage.told("rule.js").await, "rule.js: 65537 bytes are too many for a script: at most 65536");
    stage.write("rule.js", b"() => '\xff'");
    assert_eq!(stage.told("rule.js").await, "rule.js: is no text in UTF-8");
    fs::remove_file(stage.folder.path().join("rule.js")).expect("it goes");
    assert!(stage.told("rule.js").await.starts_with("rule.js: cannot be read: "));
    fs::create_dir(stage.folder.path().join("rule.js")).expect("a folder");
    assert_eq!(stage.told("rule.js").await, "rule.js: cannot be read: it is no file");
}

const HANG: &str = "() => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })";

#[tokio::test]
async fn a_file_that_had_to_be_stopped_rests_until_it_is_changed() {
    let stage = Stage::new();
    stage.write("slow.js", HANG);
    let pings = [ping(0, Status::Open, 1.0)];
    let stopped = stage.ask("slow.js", &pings).await.expect_err("no answer");
    assert_eq!(stopped.problem, Problem::Hung);
    stage.write("good.js", "() => ({ status: 'UP', latency: 2 })");
    assert_eq!(stage.told("good.js").await, "UP 2");
    let children = stage.engines();
    assert_eq!(stage.ask("slow.js", &pings).await.expect_err("it rests"), stopped);
    assert_eq!(stage.engines(), children, "no child was spent on it");
    stage.write("slow.js", "() => ({ status: 'UP', latency: 1 })");
    assert_eq!(stage.told("slow.js").await, "UP 1");
}

#[tokio::test]
async fn one_that_hangs_delays_no_other() {
    let stage = Stage::new();
    stage.write("good.js", "() => ({ status: 'UP', latency: 1 })");
    stage.write("other.js", "() => ({ status: 'DOWN', latency: 2 })");
    stage.write("slow.js", HANG);
    // Two at a time, so that there are two children before it counts.
    assert_eq!(tokio::join!(stage.told("good.js"), stage.told("other.js")), ("UP 1".into(), "DOWN 2".into()));
    let pings = [ping(0, Status::Open, 1.0)];
    let slow = stage.ask("slow.js", &pings);
    tokio::pin!(slow);
    let mut others = 0;
    let stopped = loop {
        tokio::select! {
            biased;
            told = stage.told("good.js"), if others == 0 => assert_eq!(told, "UP 1"),
            ended = &mut slow => break ended.expect_err("no answer"),
        }
        others += 1;
    };
    assert_eq!((stopped.problem, others), (Problem::Hung, 1), "the good one had its answer while the other hung");
}

#[tokio::test]
async fn many_at_once_all_have_their_own_answer() {
    let stage = Stage::new();
    for file in 0..10 {
        stage.write(&format!("{file}.js"), format!("(p) => ({{ status: 'UP', latency: p[0].latency + {file}000 }})"));
    }
    let asked = (0..500_u32).map(|number| {
        let (scripts, file) = (stage.scripts.clone(), format!("{}.js", number % 10));
        let pings = vec![ping(0, Status::Open, f64::from(number))];
        tokio::spawn(async move { scripts.evaluate(file.as_ref(), &pings).await.map(|verdict| verdict.latency) })
    });
    for (number, answer) in (0_u32..).zip(asked.collect::<Vec<_>>()) {
        let latency = answer.await.expect("it ends").expect("a verdict");
        assert_eq!(latency.to_bits(), f64::from(number + number % 10 * 1_000).to_bits());
    }
}
