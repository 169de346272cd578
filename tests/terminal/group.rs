//! Several endpoints, one verdict, in the real program on real sockets: by a rule, by a script, by a broken script.

use super::home::{BRISK, Home};
use super::quit;
use std::net::TcpListener;
use std::process::Command;

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// A port that nobody listens on.
fn closed_port() -> u16 {
    listener().1
}

#[test]
fn a_group_is_judged_by_its_rule_and_a_script_by_what_it_says() {
    let ((_one, open), (_two, other), closed) = (listener(), listener(), closed_port());
    let endpoints = |one, other| format!("endpoints = [\"127.0.0.1:{one}\", \"127.0.0.1:{other}\"]");
    let text = format!(
        "{BRISK}\n\
         [[target]]\nname = \"pair\"\n{}\nevaluate = \"quorum\"\nquorum = 1\n\n\
         [[target]]\nname = \"judged\"\n{}\nscript = \"one.js\"\n\n\
         [[target]]\nname = \"broken\"\n{}\nscript = \"broken.js\"\n\n\
         [[target]]\nname = \"walled\"\naddress = \"127.0.0.1:{closed}\"\nexpect = \"closed\"\n",
        endpoints(open, closed),
        endpoints(open, other),
        endpoints(other, closed),
    );
    let home = Home::with(&text);
    let beside = home.configuration().parent().expect("a directory").to_owned();
    let script = "(pings) => ({ status: pings.length === 2 ? \"DEGRADED\" : \"UP\", latency: 7 })\n";
    std::fs::write(beside.join("one.js"), script).expect("a script");
    std::fs::write(beside.join("broken.js"), "(pings) => {\n  return nowhere.status\n}\n").expect("a script");
    let mut pty = home.start(&[]);
    // Degraded takes three rounds.
    pty.wait("every verdict", |screen| {
        let is_row = |line: &&str| ["DEGR", "ERROR", "UP "].iter().any(|word| line.contains(word));
        let row = |name: &str| {
            let mut rows = screen.lines().filter(is_row);
            rows.find(|line| line.contains(name)).unwrap_or_default().to_owned()
        };
        row("pair").contains("DEGR")
            && row("pair").contains("1/2 refused")
            && row("judged").contains("DEGR")
            && row("judged").contains("7.0ms")
            && row("broken").contains("ERROR")
            && row("broken").contains("broken.js:2")
            && row("walled").contains(" UP ")
    });
    let ask = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_portpulse")).args(arguments).envs(home.environment()).output();
        String::from_utf8(program.expect("an answer").stdout).expect("text")
    };
    let status = ask(&["status"]);
    assert!(status.contains(&format!("1/2 refused 127.0.0.1:{closed}")) && status.contains("broken.js:2"), "{status}");
    let status = ask(&["status", "--json", "pair"]);
    assert!(status.contains("\"why\":\"quorum: 1 of 2 open"), "{status}");
    pty.send("/broken\r\r");
    pty.wait_for("VERDICT");
    pty.wait_for("broken.js:2");
    quit(&mut pty);

    let rows = ask(&["export", "checks", "pair", "judged", "broken", "walled"]);
    for (target, endpoint) in [
        ("pair", format!("127.0.0.1:{open}")),
        ("pair", format!("127.0.0.1:{closed}")),
        ("judged", "verdict".to_owned()),
        ("broken", "verdict".to_owned()),
        ("walled", format!("127.0.0.1:{closed}")),
        ("walled", "verdict".to_owned()),
    ] {
        assert!(rows.contains(&format!(",{target},{endpoint},")), "{target} {endpoint}: {rows}");
    }
}
