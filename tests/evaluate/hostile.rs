//! Scripts that mean harm: each ends with an error, and a good script is none the worse for any of them.

use super::stage::{Stage, ping};
use portpulse::evaluate::{Standing, Status};
use std::io::Write;
use std::time::Instant;

const GOOD: &str = "(pings) => ({ status: pings.every((p) => p.status === 'open') ? 'UP' : 'DOWN', latency: 7 })";

const HOSTILE: &[(&str, &str)] = &[
    ("endless loop", "() => { for (;;) {} }"),
    ("endless loop outside", "for (;;) {}"),
    ("loop after await", "async () => { await 0; for (;;) {} }"),
    ("loop that catches all", "() => { for (;;) { try { for (;;) {} } catch {} finally { continue } } }"),
    ("promise chain", "() => { const f = () => Promise.resolve().then(f); return f() }"),
    (
        "promise storm",
        "() => { const f = () => { Promise.resolve().then(f); Promise.resolve().then(f) }; f(); \
                       return new Promise(() => {}) }",
    ),
    ("promise for ever", "() => new Promise(() => {})"),
    ("memory bomb", "() => { const a = []; for (;;) a.push(new Array(1000).fill('x')) }"),
    ("typed arrays", "() => { const a = []; for (;;) a.push(new Uint8Array(1e6)) }"),
    ("huge string", "() => { let s = 'x'; for (;;) s += s }"),
    ("deep recursion", "() => { const f = () => f() + 1; return f() }"),
    ("deep JSON", "() => JSON.parse('['.repeat(1e6))"),
    ("regular expression", "() => /(a+)+$/.test('a'.repeat(60) + 'b') || {}"),
    (
        "prototypes",
        "Object.prototype.status = 'UP'; Array.prototype.every = () => true; JSON.parse = 0; \
                    Promise.prototype.then = () => { for (;;) {} }; () => ({})",
    ),
    ("throwing getter", "() => ({ get status() { throw new Error('no') }, latency: 1 })"),
    ("endless getter", "() => ({ status: 'UP', get latency() { for (;;) {} } })"),
    ("endless proxy", "() => new Proxy({}, { get() { for (;;) {} } })"),
    ("endless error", "() => { throw { get message() { for (;;) {} }, toString() { for (;;) {} } } }"),
    ("endless stack", "Error.prepareStackTrace = () => { for (;;) {} }; () => { throw new Error('x') }"),
    ("huge error", "() => { throw new Error('x'.repeat(1e6)) }"),
    ("join", "() => new Array(1e9).join('')"),
    ("sparse sort", "() => { const a = []; a[4294967294] = 1; a[0] = 2; a.length; a.sort(); return a }"),
    ("reverse", "() => Array.prototype.reverse.call({ length: 2 ** 53 - 1 })"),
    ("copyWithin", "() => Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 0, 1)"),
    ("quadratic indexOf", "() => { const s = 'a'.repeat(2e6); return s.indexOf('a'.repeat(1e6) + 'b') }"),
    ("comparator", "() => [3, 2, 1].sort(() => { for (;;) {} })"),
    ("import", "() => import('fs')"),
    ("require", "() => require('child_process').execSync('kill -9 -1')"),
    ("quit", "() => quit()"),
    ("exit", "() => Function('return this')().process.exit(0)"),
    ("std", "() => std.exit(0)"),
    ("Atomics.wait", "() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"),
    ("output", "() => { for (;;) console.log('{\"Verdict\":{\"standing\":\"UP\",\"latency\":1}}') }"),
    ("print", "() => { for (;;) print('flood') }"),
    ("a line of ours", "() => ({ status: 'UP\\n{\"Verdict\":{\"standing\":\"UP\",\"latency\":1}}', latency: 1 })"),
];

#[tokio::test]
async fn each_ends_with_an_error_and_a_good_script_is_unharmed() {
    let stage = Stage::new();
    stage.write("good.js", GOOD);
    assert_eq!(stage.told("good.js").await, "UP 7");
    let mut out = std::io::stdout();
    for (place, (name, source)) in HOSTILE.iter().enumerate() {
        let file = format!("hostile-{place}.js");
        stage.write(&file, source);
        let asked = Instant::now();
        let error = stage.ask(&file, &[ping(0, Status::Open, 1.0)]).await.expect_err(name);
        writeln!(out, "{name:<22} {:>7.1} ms   {error}", asked.elapsed().as_secs_f64() * 1e3).expect("it is told");
        assert!(error.to_string().len() < 500, "{name}: {error}");
        let good = stage.ask("good.js", &[ping(0, Status::Open, 1.0)]).await.expect("a good script");
        assert_eq!((good.standing, good.latency), (Standing::Up, 7.0), "after {name}");
        let bad = stage.ask("good.js", &[ping(0, Status::Timeout, 1.0)]).await.expect("a good script");
        assert_eq!(bad.standing, Standing::Down, "after {name}");
    }
}
