//! How things stand, from another terminal: the truth while somebody watches, and its age when nobody does.

use super::{Past, quit, told};
use serde_json::Value;
use std::net::TcpListener;

#[test]
fn the_table_and_the_exit_code_say_the_worst_of_what_is_watched() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listener.local_addr().expect("an address").to_string();
    let past = Past::watching(&format!(
        "[[target]]\nname = \"web\"\naddress = \"{open}\"\n[[target]]\nname = \"db\"\naddress = \"127.0.0.1:1\"\n"
    ));
    let (code, _, complaint) = told(&past.run(&["status"]));
    assert_eq!((code, complaint.contains("there is no history in")), (66, true), "{complaint}");
    let mut pty = past.watch(&[]);
    pty.wait_for("●1 up");
    let process = pty.pid().as_raw_nonzero();

    let (code, out, complaint) = told(&past.run(&["status"]));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, complaint.as_str(), lines.len()), (2, "", 4), "{out}");
    assert!(lines[0].starts_with("STATE  NAME  TARGET ") && !out.contains('\u{1b}'), "{out}");
    assert!(lines[1].starts_with("DOWN   db    127.0.0.1:1 ") && lines[1].contains("  refused  "), "{out}");
    assert!(lines[2].starts_with(&format!("UP     web   {open} ")), "{out}");
    assert_eq!(lines[3], format!("1 down, 1 up; watched by process {process}"));

    let (code, out, _) = told(&past.run(&["report", "--from", "-1h"]));
    assert_eq!((code, out.matches(": no target was watched\n").count()), (0, 1), "it has just begun:\n{out}");
    let seen = out.lines().rfind(|line| line.starts_with("| db "));
    assert!(seen.is_some_and(|line| !line.contains("99 % or more")), "{out}");

    let (code, out, _) = told(&past.run(&["status", "web"]));
    assert_eq!((code, out.lines().count()), (0, 3), "{out}");
    let (code, out, _) = told(&past.run(&["status", &open, "--problems"]));
    assert_eq!((code, out), (0, format!("1 up; watched by process {process}\n")));
    let (code, out, _) = told(&past.run(&["status", "--problems"]));
    assert_eq!((code, out.lines().count(), out.contains("web")), (2, 3, false), "{out}");
    let (code, _, complaint) = told(&past.run(&["status", "wep"]));
    assert_eq!((code, complaint.as_str()), (2, "portpulse: portpulse knows no target `wep`; did you mean `web`?\n"));

    let (code, out, _) = told(&past.run(&["status", "--json"]));
    let about: Value = serde_json::from_str(&out).expect("JSON");
    let [db, web] = about["targets"].as_array().expect("targets").as_slice() else { panic!("{about}") };
    assert_eq!((code, &about["watched_by"], &about["age_s"]), (2, &process.get().into(), &Value::Null));
    assert_eq!(
        (&about["blind"], &about["counts"]["down"], &about["counts"]["up"]),
        (&Value::Null, &1.into(), &1.into())
    );
    assert_eq!((&db["name"], &db["state"], &db["reason"]), (&"db".into(), &"down".into(), &"refused".into()));
    assert_eq!((&web["state"], &web["outcome"], &web["endpoints"][0]), (&"up".into(), &"open".into(), &open.into()));
    assert!(web["latency_ms"].as_f64() > Some(0.0) && db["latency_ms"].is_null() && db["for_s"].is_u64(), "{about}");
    quit(&mut pty);

    let (code, out, complaint) = told(&past.run(&["status"]));
    assert_eq!((code, complaint.as_str()), (3, ""), "{out}");
    assert!(out.contains("DOWN   db ") && out.contains("UP     web "), "{out}");
    assert!(out.contains("1 down, 1 up; as it was ") && out.trim_end().ends_with("UTC: nobody watches now"), "{out}");
    let (code, out, _) = told(&past.run(&["status", "web", "--json"]));
    let about: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &about["watched_by"], about["age_s"].is_u64()), (3, &Value::Null, true));
}

#[test]
fn where_nothing_is_watched_nobody_says_that_all_is_well() {
    let past = Past::watching("");
    let mut pty = past.home.start(&[]);
    pty.wait_for("Nothing is being watched yet");
    let (code, out, _) = told(&past.run(&["status"]));
    assert_eq!((code, out.starts_with("no targets; watched by process ")), (3, true), "{out}");
    quit(&mut pty);
}

#[test]
fn maintenance_of_the_file_is_told_and_its_outages_are_exported_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let open = listener.local_addr().expect("an address").to_string();
    let past = Past::watching(&format!(
        "[[target]]\nname = \"web\"\naddress = \"{open}\"\n[[target]]\nname = \"db\"\naddress = \"127.0.0.1:1\"\n\
         [[maintenance]]\ntitle = \"the switch\"\ntargets = [\"db\"]\ndays = \"daily\"\nstart = \"00:00\"\nlength = \"1d\"\n"
    ));
    let mut pty = past.home.start(&[]);
    pty.send("4");
    pty.wait_for("DOWN");
    let (_, out, _) = told(&past.run(&["status", "--json"]));
    let about: Value = serde_json::from_str(&out).expect("JSON");
    let of = |name: &str| {
        let all = about["targets"].as_array().expect("targets");
        all.iter().find(|target| target["name"] == name).expect("a target")["maintenance"].clone()
    };
    assert_eq!((of("web"), of("db")["title"].as_str()), (Value::Null, Some("the switch")), "{about}");
    assert!(of("db")["from"].as_str() < of("db")["until"].as_str(), "{about}");
    let (code, out, complaint) = told(&past.run(&["export", "outages", "db", "--format", "json"]));
    assert!(code == 0 && out.trim_end().ends_with(",\"in_maintenance\":true}"), "{out}{complaint}");
    // Taken out by hand: it is over, and its outage is announced as one that began in it.
    let file = past.home.configuration();
    let text = std::fs::read_to_string(&file).expect("a configuration");
    let (before, _) = text.split_once("[[maintenance]]").expect("maintenance");
    std::fs::write(&file, before).expect("a configuration");
    pty.wait_for("still DOWN");
    let (code, out, _) = told(&past.run(&["status", "db", "--json"]));
    let about: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &about["targets"][0]["maintenance"]), (2, &Value::Null), "{about}");
    quit(&mut pty);
}
