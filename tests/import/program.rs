//! The real binary: what it writes where, what it says, how it ends.

use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const MINE: &str = "\
# mine
[defaults]
interval = \"30s\" # often

# the first
[[target]]
name = \"db\"      # do not rename
address = \"mariadb.example.com:3306\"
note = \"call Ada\"

[ui]
bell = false
# the end
";

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn with(configuration: &str) -> Self {
        let place = Self::new();
        fs::write(place.config(), configuration).expect("a configuration");
        place
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("portpulse.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.config()).expect("a configuration")
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("a directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().display().to_string()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portpulse"));
        command.args(arguments).arg("--config").arg(self.config());
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/files"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

#[test]
fn targets_come_behind_those_that_are_there_and_every_comment_stays() {
    let place = Place::with(MINE);
    let output = place.run(&["import", "kuma-cli.yaml", "lines.txt", "kairos.yaml"]);
    assert_eq!((code(&output), complaint(&output).as_str()), (0, ""));
    let text = place.text();
    assert!(text.starts_with("# mine\n[defaults]\ninterval = \"30s\" # often\n"), "{text}");
    assert!(text.contains("name = \"db\"      # do not rename\n") && text.contains("# the end\n"), "{text}");
    let report = said(&output);
    assert!(
        report.contains("skipped   MariaDB  mariadb.example.com:3306  (kuma-cli.yaml:4): `db` is there already"),
        "{report}"
    );
    assert!(report.contains("imported  orders primary  db1:5432  (lines.txt:2)\n"), "{report}");
    assert!(report.ends_with("portpulse.toml: 7 imported, 0 updated, 3 skipped\n"), "{report}");
    let check = Command::new(env!("CARGO_BIN_EXE_portpulse")).args(["config", "check"]).arg(place.config()).output();
    assert!(said(&check.expect("it runs")).contains("ok: 8 targets"));
    let again = place.run(&["import", "lines.txt"]);
    assert!(said(&again).ends_with("0 imported, 0 updated, 6 skipped\n"), "{}", said(&again));
    assert_eq!(place.text(), text, "the second time changes nothing");
}

#[test]
fn an_update_takes_over_what_the_file_says_and_nothing_else() {
    let place = Place::with(MINE);
    let output = place.run(&["import", "kuma-cli.yaml", "--on-conflict", "update", "--json"]);
    let report: Value = serde_json::from_str(&said(&output)).expect("JSON");
    assert_eq!((&report["imported"], &report["updated"], &report["dry_run"]), (&0.into(), &1.into(), &false.into()));
    let entry = &report["entries"][0];
    assert_eq!((&entry["outcome"], &entry["name"], &entry["line"]), (&"updated".into(), &"MariaDB".into(), &4.into()));
    assert_eq!(entry["addresses"], serde_json::json!(["mariadb.example.com:3306"]));
    let text = place.text();
    let wanted = MINE
        .replace("name = \"db\"      # do not", "name = \"MariaDB\"      # do not")
        .replace("note = \"call Ada\"\n", "note = \"call Ada\"\ndown_after = 6\n");
    assert_eq!(text, wanted);
}

#[test]
fn a_dry_run_says_the_same_and_does_nothing() {
    let place = Place::new();
    let output = place.run(&["import", "kairos.yaml", "--dry-run"]);
    assert_eq!(code(&output), 0);
    let report = said(&output);
    assert!(report.starts_with("import    PostgreSQL  postgres.internal:5432  (kairos.yaml:6)\n"), "{report}");
    assert!(report.contains("2 would be imported, 0 would be updated, 1 skipped"), "{report}");
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[test]
fn standard_input_is_as_good_as_a_file() {
    let place = Place::new();
    let mut child = place
        .command(&["import", "-", "--from", "lines"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    child.stdin.take().expect("a pipe").write_all(b"db1:5432\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(said(&output).starts_with("imported  db1:5432  (standard input:1)\n"), "{}", said(&output));
    assert!(place.text().contains("address = \"db1:5432\""));
}

#[test]
fn what_cannot_be_used_changes_nothing_and_says_why() {
    let place = Place::with(MINE);
    let bad = place.0.path().join("bad.json");
    fs::write(&bad, "{\"monitorList\": [\n{\"type\": \"port\", \"hostname\": 5, \"port\": []}]}").expect("a file");
    let zeros = place.0.path().join("large");
    fs::File::create(&zeros).and_then(|file| file.set_len(100 << 20)).expect("a large file");
    let bad = bad.display().to_string();
    let zeros = zeros.display().to_string();
    for (arguments, exit, say) in [
        (
            &["import", "lines.txt", bad.as_str()][..],
            65,
            "bad.json:2: `port` is a list, and a text is wanted; nothing was changed",
        ),
        (&["import", "lines.txt", zeros.as_str()], 65, "larger than 32 MiB"),
        (&["import", "lines.txt", "/dev/zero"], 65, "larger than 32 MiB"),
        (&["import", "lines.txt", "no-such-file"], 65, "no-such-file: cannot be read"),
        (&["import", "."], 65, "name the files in it"),
        (&["import", "lines.txt", "--from", "word"], 2, "use one of lines, csv"),
        (&["import"], 2, "FILE"),
        (&["export", "targets"], 2, "--to"),
        (&["export", "targets", "--to", "yaml"], 2, "use one of lines, csv"),
        (&["export", "targets", "--to", "csv", "bd"], 2, "did you mean `db`?"),
    ] {
        let output = place.run(arguments);
        assert!(complaint(&output).contains(say), "{arguments:?}: {}", complaint(&output));
        assert_eq!((code(&output), said(&output).as_str()), (exit, ""), "{arguments:?}");
        assert_eq!(place.text(), MINE, "{arguments:?}");
    }
    fs::write(place.config(), "[[target]]\naddress = 5\n").expect("a configuration");
    let output = place.run(&["import", "lines.txt"]);
    assert!(code(&output) == 78 && complaint(&output).contains("portpulse.toml:2"), "{}", complaint(&output));
}

#[test]
fn a_function_comes_along_into_a_file_of_its_own() {
    let place = Place::with(MINE);
    fs::write(place.0.path().join("db.js"), "somebody else's").expect("a file");
    let output = place.run(&["import", "kener.json"]);
    assert_eq!(fs::read_to_string(place.0.path().join("db.js")).expect("a file"), "somebody else's");
    assert_eq!((code(&output), complaint(&output).as_str()), (0, ""));
    assert!(place.text().contains("script = \"db-2.js\""), "{}", place.text());
    let code = fs::read_to_string(place.0.path().join("db-2.js")).expect("a script");
    assert!(code.starts_with(";(async function (arrayOfPings)"), "{code}");
}

#[test]
fn what_is_exported_is_imported_again() {
    let place = Place::new();
    assert_eq!(code(&place.run(&["import", "kairos.yaml", "kuma-cli.yaml", "plain.csv"])), 0);
    for form in ["csv", "json", "toml"] {
        let output = place.run(&["export", "targets", "--to", form]);
        assert_eq!((code(&output), complaint(&output).as_str()), (0, ""), "{form}");
        let other = Place::new();
        let file = other.0.path().join("exported");
        fs::write(&file, &output.stdout).expect("a file");
        let back = other.run(&["import", &file.display().to_string()]);
        assert_eq!(code(&back), 0, "{}", complaint(&back));
        assert_eq!(other.text(), place.text(), "{form}");
    }
    let one = place.run(&["export", "targets", "--to", "lines", "Redis"]);
    assert_eq!(said(&one), "[2001:db8::6]:6379 Redis #Data-Stores\n");
}

/// What a file says about a script is relative to that file, whatever it is called.
#[test]
fn a_script_is_still_found_wherever_its_target_goes() {
    let place = Place::with("[[target]]\nname = \"good\"\naddress = \"db1:5432\"\nscript = \"good.js\"\n");
    let (home, other) = (place.0.path(), Place::new());
    let portpulse = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_portpulse")).args(arguments).current_dir(home).output().expect("it runs")
    };
    let here = home.join("n.toml").display().to_string();
    let there = other.config().display().to_string();
    let absolute = format!("script = \"{}\"\n", home.join("good.js").display());
    for form in ["csv", "json", "toml"] {
        for from in [place.config().display().to_string(), "portpulse.toml".to_owned()] {
            let exported = portpulse(&["export", "targets", "--to", form, "--config", &from]);
            assert_eq!((code(&exported), complaint(&exported).as_str()), (0, ""), "{form}");
            let file = home.join("exported").display().to_string();
            fs::write(&file, &exported.stdout).expect("a file");
            for file in [file.as_str(), "exported", "./exported"] {
                for (into, wanted) in [
                    (here.as_str(), "script = \"good.js\"\n"),
                    ("n.toml", "script = \"good.js\"\n"),
                    (there.as_str(), absolute.as_str()),
                ] {
                    let output = portpulse(&["import", file, "--config", into]);
                    assert_eq!((code(&output), complaint(&output).as_str()), (0, ""), "{form}: {file} to {into}");
                    let text = fs::read_to_string(home.join(into)).expect("a configuration");
                    assert!(text.contains(wanted), "{form}: {file} to {into}: {text}");
                    fs::remove_file(home.join(into)).expect("a configuration");
                }
            }
        }
    }
}

#[test]
fn a_script_that_is_not_there_is_told() {
    let (place, other) = (Place::with("[[target]]\naddress = \"db1:5432\"\nscript = \"good.js\"\n"), Place::new());
    let file = place.config().display().to_string();
    let script = place.0.path().join("good.js");
    let missing = format!("there is no {}", script.display());
    let output = other.run(&["import", &file, "--dry-run"]);
    assert!(said(&output).contains(&missing), "{}", said(&output));
    fs::write(script, "() => 'UP'").expect("a script");
    let output = other.run(&["import", &file]);
    assert!(code(&output) == 0 && !said(&output).contains("there is no"), "{}", said(&output));
}
