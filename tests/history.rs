//! The commands that ask the history something: `store` and `export`, on a real store.

#![expect(clippy::float_cmp, reason = "the numbers of rows are written and read back exactly")]

#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "store/injury.rs"]
mod injury;
#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "store/world.rs"]
mod world;

use portpulse::domain::*;
use portpulse::engine::query::CHECKS_MAX;
use portpulse::store::{Bounds, Store, open};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use world::{START, options, outage, refused, target};

const MINUTES: u64 = 3_000;

async fn filled(path: &Path) -> Store {
    filled_for(path, MINUTES).await
}

/// A store of so many minutes with two targets, the second of which fails in every tenth minute.
async fn filled_for(path: &Path, minutes: u64) -> Store {
    let store = open(path, options()).expect("a store").store;
    for id in 0..2 {
        store.save(vec![Record::Target(target(id, id, START))]);
    }
    let timing =
        |minute| Timing { connect: Duration::from_micros(1_000 + minute), clocked: Clocked::Kernel, syn_lost: 0 };
    for minute in 0..minutes {
        let at = START + Duration::from_mins(minute);
        let open = |id| Check { outcome: Outcome::Open(timing(minute)), ..refused(EndpointId(id), at) };
        let second = if minute % 10 == 0 { refused(EndpointId(1), at) } else { open(1) };
        store.save(vec![Record::Check(open(0)), Record::Check(second)]);
    }
    let ended_at = START + Duration::from_mins(90);
    let closing = Some(Closing::Recovered { ended_at, confirmed_at: ended_at });
    store.save(vec![Record::Outage(Outage { closing, ..outage(1, TargetId(1), START + Duration::from_hours(1)) })]);
    store.save(vec![Record::Outage(outage(2, TargetId(1), START + Duration::from_mins(2_000)))]);
    store.flush().await.expect("a flush");
    store
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a directory");
    let history = folder.path().join("history");
    (folder, history)
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.args(arguments).arg("--data").arg(data).env("XDG_CONFIG_HOME", "/nonexistent/config").env("TZ", "UTC");
    command.output().expect("it runs")
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code().expect("it ends by itself"), text(&output.stdout), text(&output.stderr))
}

fn lines(output: &Output) -> Vec<String> {
    let (code, out, complaint) = told(output);
    assert_eq!((code, complaint.as_str()), (0, ""), "{out}");
    out.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_check_is_exported_once_and_in_order() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let rows = lines(&run(&history, &["export", "checks"]));
    assert_eq!(rows.len() as u64, 1 + 2 * MINUTES);
    assert_eq!(
        rows[0],
        "at,target,endpoint,outcome,reason,errno,dns_ms,connect_ms,total_ms,clocked,syn_lost,address,tried,answered"
    );
    assert_eq!(rows[1], "2025-06-15T15:06:40.000Z,target 0,host-0.example:80,open,,,,1.0,1.0,kernel,0,,1,0");
    let first: Vec<&String> = rows.iter().filter(|row| row.contains(",target 0,")).collect();
    assert!(first.is_sorted() && first.len() as u64 == MINUTES);
    let refused = rows.iter().filter(|row| row.contains(",failed,refused,111,,0.09,0.09,,")).count();
    assert_eq!(refused as u64, MINUTES / 10);

    let part = ["export", "checks", "target 1", "--from", "2025-06-15T16:00:00Z", "--to", "2025-06-15T17:00:00Z"];
    let part = lines(&run(&history, &[&part[..], &["--format", "json"]].concat()));
    assert_eq!(part.len(), 60);
    let row: Value = serde_json::from_str(&part[0]).expect("JSON");
    assert_eq!((&row["target"], &row["at"]), (&"target 1".into(), &"2025-06-15T16:00:40.000Z".into()));
    assert_eq!(lines(&run(&history, &["export", "checks", "host-1.example:80", "--from", "-1h"])).len(), 1);
}

#[tokio::test]
async fn outages_are_exported_with_their_counts() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let rows = lines(&run(&history, &["export", "outages", "--format", "json"]));
    let rows: Vec<Value> = rows.iter().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    let states: Vec<&Value> = rows.iter().map(|row| &row["state"]).collect();
    assert_eq!(states, ["recovered", "open"]);
    assert_eq!((&rows[0]["lasted_s"], &rows[0]["refused"]), (&1_800.0.into(), &3.into()));
    assert_eq!(lines(&run(&history, &["export", "outages", "target 0"])).len(), 1, "only the names of the columns");
}

/// A number of a row.
fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or_else(|| panic!("{column} of {row}"))
}

fn objects(output: &Output) -> Vec<Value> {
    lines(output).iter().map(|row| serde_json::from_str(row).expect("JSON")).collect()
}

/// Just after the last check of [`filled`].
const END: [&str; 4] = ["--to", "2025-06-17T17:06:40Z", "--format", "json"];

#[tokio::test]
async fn figures_are_those_of_the_checks_and_uptimes_those_of_the_outages() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let rows = objects(&run(&history, &[&["export", "summary"], &END[..]].concat()));
    let [first, second] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (&first["from"], &first["to"]),
        (&"2025-06-15T15:06:40.000Z".into(), &"2025-06-17T17:06:40.000Z".into())
    );
    assert_eq!([first, second].map(|row| number(row, "checks")), [3_000.0; 2]);
    assert_eq!((number(first, "p50_ms"), number(first, "max_ms")), (2.499, 3.999));
    assert_eq!((number(first, "uptime_percent"), number(first, "seen_percent")), (100.0, 100.0));
    assert_eq!(["open", "refused", "failed"].map(|column| number(second, column)), [2_700.0, 300.0, 300.0]);
    // Down from the 60th minute to the 90th, and from the 2,000th on; of the failures outside, one in ten minutes.
    assert_eq!((number(second, "down_s"), number(second, "up_s")), (1_030.0 * 60.0, 1_970.0 * 60.0));
    assert_eq!((number(second, "blips"), &second["source"]), (197.0, &"checks".into()));

    let steps = objects(&run(&history, &[&["export", "summary", "target 1", "--step", "1h"], &END[..]].concat()));
    assert_eq!(
        (steps.len(), &steps[0]["from"], number(&steps[0], "checks")),
        (51, &"2025-06-15T15:00:00.000Z".into(), 54.0)
    );
    for column in ["checks", "refused", "blips", "up_s", "down_s"] {
        let sum: f64 = steps.iter().map(|row| number(row, column)).sum();
        assert!((sum - number(second, column)).abs() < 0.001, "{column}: {sum}");
    }
    let from = ["export", "summary", "target 1", "--from", "2025-06-16T00:00:00Z", "--step", "7h"];
    let steps = objects(&run(&history, &[&from[..], &END].concat()));
    assert_eq!(steps.iter().map(|row| number(row, "checks")).collect::<Vec<_>>(), [420., 420., 420., 420., 420., 366.]);
}

#[tokio::test]
async fn where_checks_are_gone_their_hours_tell_the_same() {
    let (_folder, history) = folder();
    filled_for(&history, 5_000).await.close().await.expect("a clean end");
    let ask = ["export", "summary", "--step", "1h", "--to", "2025-06-19T02:26:40Z", "--format", "json"];
    let before = objects(&run(&history, &ask));
    let midnight = Wall(START.0 / 86_400_000 * 86_400_000) + Duration::from_hours(24);
    let store = open(&history, options()).expect("a store").store;
    let is_pruned = async || {
        let pruned = store.read(|reader| Ok(reader.pruned_until())).await.expect("it runs").expect("an answer");
        let oldest = store.read(|reader| reader.oldest_check(EndpointId(0), VantageId::HERE));
        let oldest = oldest.await.expect("it runs").expect("an answer").expect("a check");
        pruned == Some(midnight) && oldest > midnight - Duration::from_hours(4)
    };
    for turn in 0.. {
        if is_pruned().await {
            break;
        }
        assert!(turn < 500, "nothing is pruned");
        store.prune(portpulse::store::Bounds { checks: Some(midnight), ..Default::default() });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.close().await.expect("a clean end");

    let after = objects(&run(&history, &ask));
    assert_eq!(after.len(), before.len());
    for (after, before) in after.iter().zip(&before) {
        // What is asked for in one go is told by hours as far as days are summed up.
        let is_gone = before["from"].as_str() < Some("2025-06-19");
        assert_eq!(after["source"], if is_gone { "hours" } else { "checks" }, "{after}");
        for column in ["from", "checks", "open", "refused", "up_s", "down_s", "seen_percent", "blips", "max_ms"] {
            assert_eq!(after[column], before[column], "{column} of {after}");
        }
        let (sketched, exact) = (number(after, "p50_ms"), number(before, "p50_ms"));
        assert!((sketched / exact - 1.0).abs() < 0.01, "{after}");
    }
    let minutes = ["export", "summary", "target 0", "--from", "2025-06-15T16:00:00Z", "--step", "10m"];
    let short = objects(&run(&history, &[&minutes[..], &END].concat()));
    assert_eq!(number(&short[0], "checks"), 0.0, "hours say nothing of what is shorter");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_nothing_is_begun() {
    let (folder, history) = folder();
    let compact = &["store", "compact"];
    for arguments in [&["store"][..], &["store", "verify"], compact, &["export", "checks"], &["store", "backup", "x"]] {
        let (code, out, complaint) = told(&run(&history, arguments));
        assert_eq!((code, out.as_str()), (66, ""), "{complaint}");
        assert!(complaint.contains("there is no history in"), "{complaint}");
    }
    assert!(!history.exists());
    let store = filled(&history).await;
    for arguments in [&["store"][..], compact] {
        let (code, _, complaint) = told(&run(&history, arguments));
        assert_eq!(code, 75, "{complaint}");
        assert!(complaint.contains(&format!("process {}", std::process::id())), "{complaint}");
    }
    store.close().await.expect("a clean end");
    for (arguments, part) in [
        (&["export", "checks", "targte 1"][..], "did you mean `target 1`?"),
        (&["export", "checks", "--from", "noon"], "`noon` is no moment"),
        (&["export", "everything"], "use one of checks, outages"),
        (&["export", "checks", "--format", "xml"], "use one of csv, json"),
        (&["export", "summary", "--step", "0s"], "--step"),
        (&["export", "checks", "--step", "1h"], "--step is for summary"),
    ] {
        let (code, out, complaint) = told(&run(&history, arguments));
        assert_eq!((code, out.as_str()), (2, ""), "{complaint}");
        assert!(complaint.contains(part), "{complaint}");
    }
    drop(folder);
}

#[tokio::test]
async fn the_store_says_what_it_holds_and_survives_a_copy() {
    let (folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let about = lines(&run(&history, &["store", "--json"]));
    let about: Value = serde_json::from_str(&about.concat()).expect("JSON");
    assert_eq!((&about["checks"], &about["targets"]), (&(2 * MINUTES).into(), &2.into()));
    assert_eq!((&about["outages"], &about["open_outages"], &about["damaged"]), (&2.into(), &1.into(), &0.into()));
    assert_eq!(about["damage_found"], serde_json::json!([]));
    let text = lines(&run(&history, &["store"])).join("\n");
    assert!(text.contains("6 000, from 2025-06-15 15:06:40 to 2025-06-17 17:05:40 UTC"), "{text}");
    assert!(lines(&run(&history, &["store", "verify"])).join("\n").contains("everything can be read"));

    let (copy, again) = (folder.path().join("copy"), folder.path().join("again"));
    let copy_name = copy.display().to_string();
    lines(&run(&history, &["store", "backup", &copy_name]));
    let (code, _, complaint) = told(&run(&history, &["store", "backup", &copy_name]));
    assert_eq!(code, 71, "{complaint}");
    assert!(complaint.contains("such a file already"), "{complaint}");
    let (code, _, complaint) = told(&run(&history, &["store", "restore", &copy_name]));
    assert_eq!(code, 71, "{complaint}");
    lines(&run(&again, &["store", "restore", &copy_name]));
    let exported = ["export", "checks"];
    assert_eq!(lines(&run(&again, &exported)), lines(&run(&history, &exported)));
    fs::write(&copy, "no copy").expect("a file");
    let (code, _, complaint) = told(&run(&folder.path().join("third"), &["store", "restore", &copy_name]));
    assert_eq!(code, 71, "{complaint}");
    assert!(complaint.contains("is no copy of a portpulse history"), "{complaint}");
}

/// A copy of a history, with a byte in each kilobyte of its file changed.
fn damaged_copy(history: &Path, name: &str) -> PathBuf {
    let copy = history.with_file_name(name);
    let mut files = injury::read_all(history);
    let (_, bytes) = files.iter_mut().find(|(name, _)| name.ends_with("sled/db")).expect("the file of sled");
    bytes.iter_mut().step_by(1_000).for_each(|byte| *byte ^= 1);
    injury::write_all(&copy, &files);
    copy
}

#[tokio::test]
async fn damage_that_opening_has_mended_is_still_told_as_the_result() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    for (name, command) in [("one", &["store", "verify"][..]), ("two", &["store"])] {
        let copy = damaged_copy(&history, name);
        let (code, out, complaint) = told(&run(&copy, command));
        assert_eq!((code, complaint.as_str()), (1, ""), "{out}");
        assert!(out.contains("damage      the history was damaged ("), "{out}");
        assert!(out.contains("sled.damaged-1"), "{out}");
        if name == "one" {
            assert!(out.contains("result      it was damaged, see above; of what is there now, "), "{out}");
        }
        assert_eq!(told(&run(&copy, command)).0, 0, "mended once, it is sound");

        let copy = damaged_copy(&history, &format!("{name} as JSON"));
        let (code, out, _) = told(&run(&copy, &[command, &["--json"]].concat()));
        assert_eq!(code, 1, "{out}");
        let about: Value = serde_json::from_str(&out).expect("JSON");
        let note = about["damage_found"][0].as_str().expect("a note");
        assert!(note.starts_with("the history was damaged ("), "{about}");
    }
}

#[tokio::test]
async fn more_checks_than_an_answer_holds_are_all_written_out() {
    let (_folder, history) = folder();
    let store = open(&history, options()).expect("a store").store;
    let seconds = 2 * CHECKS_MAX as u64 + 5;
    // Checked far more often than its definition says, and twice at each moment.
    let checks =
        (0..seconds).map(|second| Record::Check(refused(EndpointId(0), START + Duration::from_secs(second / 2))));
    store.import(vec![Record::Target(target(0, 0, START))]).await.expect("kept");
    store.import(checks.collect()).await.expect("kept");
    store.close().await.expect("a clean end");
    let rows = lines(&run(&history, &["export", "checks"]));
    assert_eq!(rows.len() as u64, 1 + seconds);
    assert!(rows[1..].is_sorted(), "oldest first");
}

#[tokio::test]
async fn a_store_is_written_anew_and_says_what_that_gave() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let exported = ["export", "checks"];
    let before = lines(&run(&history, &exported));
    let said = lines(&run(&history, &["store", "compact"])).join("\n");
    assert!(said.starts_with("compacted   ") && said.contains(" before, ") && said.ends_with(" after"), "{said}");
    assert_eq!(lines(&run(&history, &exported)), before);
    let said = lines(&run(&history, &["store", "compact", "--json"]));
    let said: Value = serde_json::from_str(&said.concat()).expect("JSON");
    assert!(said["values"].as_u64() > Some(0) && said["bytes_after"].as_u64() > Some(0), "{said}");
    assert_eq!(lines(&run(&history, &exported)), before);
}

#[tokio::test]
async fn what_is_coarse_is_told_as_such() {
    let (_folder, history) = folder();
    let store = filled(&history).await;
    let end = START + Duration::from_mins(MINUTES);
    store.save(vec![Record::Alive(end + Duration::from_hours(48))]);
    store.flush().await.expect("a flush");
    store.prune(Bounds { exact: Some(end - Duration::from_hours(24)), ..Bounds::default() });
    store.flush().await.expect("a flush");
    store.close().await.expect("a clean end");
    let about = lines(&run(&history, &["store", "--json"]));
    let about: Value = serde_json::from_str(&about.concat()).expect("JSON");
    let count = |name: &str| about[name].as_u64().expect("a count");
    assert!(count("coarse_checks") > 0 && count("exact_checks") > 0, "{about}");
    assert_eq!(count("coarse_checks") + count("exact_checks"), count("checks"));
    let text = lines(&run(&history, &["store"])).join("\n");
    assert!(text.contains("precision   ") && text.contains(" coarse: latency to 0.4 %"), "{text}");
}

/// What history tells of outages is told of targets that were removed as well, under both names where one was renamed.
#[tokio::test]
async fn outages_of_renamed_and_of_removed_targets_are_exported() {
    let (_folder, history) = folder();
    let store = filled(&history).await;
    let mut renamed = target(1, 1, START);
    renamed.target.definition.name = "orders".to_owned();
    let gone = CatalogEntry { removed_at: Some(START + Duration::from_mins(MINUTES)), ..target(7, 7, START) };
    let closing = Some(Closing::Removed(START + Duration::from_mins(MINUTES)));
    let last = Outage { closing, ..outage(3, TargetId(7), START + Duration::from_mins(2_900)) };
    store.save(vec![Record::Target(renamed), Record::Target(gone), Record::Outage(last)]);
    store.close().await.expect("a clean end");
    let rows = lines(&run(&history, &["export", "outages", "--format", "json"]));
    let rows: Vec<Value> = rows.iter().map(|row| serde_json::from_str(row).expect("JSON")).collect();
    let names: Vec<_> = rows.iter().map(|row| (row["target"].as_str(), row["target_now"].as_str())).collect();
    let both = (Some("target 1"), Some("orders"));
    assert_eq!(names, [both, both, (Some("target 7"), Some("target 7"))]);
}

#[tokio::test]
async fn the_store_and_a_summary_say_whose_checks_damage_has_taken_and_of_when() {
    let (_folder, history) = folder();
    filled(&history).await.close().await.expect("a clean end");
    let sled = sled::Config::new().path(history.join("sled")).open().expect("a sled");
    let chunks = sled.open_tree("chunk").expect("a tree");
    let (key, mut value) =
        chunks.iter().nth(2).expect("a chunk").map(|(key, value)| (key, value.to_vec())).expect("one");
    value[9] ^= 1;
    chunks.insert(key, value).expect("a disk");
    sled.flush().expect("a disk");
    drop((chunks, sled));
    let (code, text, _) = told(&run(&history, &["store"]));
    assert_eq!(code, 1, "{text}");
    let line = "target 0: history was damaged, 4h00m from 2025-06-15 23:06:40 to 2025-06-16 03:06:40 are lost";
    assert!(text.contains(line), "{text}");
    let (_, about, _) = told(&run(&history, &["store", "--json"]));
    let about: Value = serde_json::from_str(&about).expect("JSON");
    assert_eq!(about["lost"][0]["target"], "target 0", "{about}");
    let rows = objects(&run(&history, &[&["export", "summary", "target 0"], &END[..]].concat()));
    let lost = number(&rows[0], "lost_s");
    assert!((14_000.0..14_400.0).contains(&lost), "what the check before speaks for is seen: {lost}");
}
