//! A history that cannot be opened keeps nobody from watching.

use super::home::{BRISK, Home};
use super::pty::Pty;
use super::quit;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

/// What the history holds of the only target that there is.
fn kept(home: &Home, data: &str, what: &str) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_portpulse"));
    command.args(["export", what, "--data", data, "--format", "csv"]).env_clear().envs(home.environment());
    let output = command.output().expect("an end");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Waits until the portpulse that has it answers for the history.
fn wait_for_owner(home: &Home, data: &str) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_portpulse"));
        command.args(["export", "outages", "--data", data]).env_clear().envs(home.environment());
        let output = command.output().expect("an end");
        if output.status.success() {
            return;
        }
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(Instant::now() < deadline && why.contains("is in use"), "{why}");
    }
}

#[test]
fn without_a_usable_directory_it_watches_and_says_so_and_keeps_all_of_it_as_soon_as_there_is_one() {
    let home = Home::with(BRISK);
    let place = home.path().join("place");
    fs::write(&place, "a file where a directory is wanted").expect("a file");
    let data = place.join("history").display().to_string();
    let mut pty = home.start(&["--data", &data]);
    pty.wait_for("NOT RECORDING since");
    pty.wait_for("Not a directory");
    pty.send("a127.0.0.1:1\r");
    pty.wait_for("▼ DOWN");
    pty.send(":backup copy.bak\r");
    pty.wait_for("history cannot be read now");
    fs::remove_file(&place).expect("a file");
    pty.wait("a screen that says that it records", |screen| !screen.contains("NOT RECORDING"));
    pty.wait_for("▼ DOWN");
    wait_for_owner(&home, &data);
    quit(&mut pty);
    let outages = kept(&home, &data, "outages");
    assert_eq!(outages.lines().count(), 2, "{outages}");
    let checks = kept(&home, &data, "checks");
    assert!(checks.matches(",failed,refused,").count() >= 3, "{checks}");
    let mut pty = home.start(&["--data", &data]);
    pty.wait_for("▼ DOWN");
    quit(&mut pty);
    assert_eq!(kept(&home, &data, "outages").lines().count(), 2, "it goes on over the restart");
}

#[test]
fn an_outage_that_the_history_has_open_goes_on_under_its_id() {
    let home = Home::with(BRISK);
    let place = home.path().join("place");
    let lead_to = |name: &str| {
        let draft = home.path().join("draft");
        std::os::unix::fs::symlink(home.path().join(name), &draft).expect("a link");
        fs::rename(&draft, &place).expect("another link");
    };
    fs::create_dir(home.path().join("directory")).expect("a directory");
    fs::write(home.path().join("file"), "").expect("a file");
    lead_to("directory");
    let data = place.join("history").display().to_string();
    let mut pty = home.start(&["--data", &data]);
    pty.send("a127.0.0.1:1\r");
    pty.wait_for("▼ DOWN");
    quit(&mut pty);
    let before = kept(&home, &data, "outages");
    lead_to("file");
    let mut pty = home.start(&["--data", &data]);
    pty.wait_for("NOT RECORDING since");
    pty.wait_for("▼ DOWN");
    lead_to("directory");
    pty.wait("a screen that says that it records", |screen| !screen.contains("NOT RECORDING"));
    pty.wait_for("▼ DOWN");
    quit(&mut pty);
    let after = kept(&home, &data, "outages");
    let start = |rows: &str| rows.lines().nth(1).map(|row| row.split(',').take(4).collect::<Vec<_>>().join(","));
    assert_eq!((after.lines().count(), start(&after)), (2, start(&before)), "{before}{after}");
}

#[test]
fn what_is_shown_and_what_is_kept_goes_into_files() {
    let home = Home::with(BRISK);
    let mut pty = home.start(&[]);
    pty.send("a127.0.0.1:1\r");
    pty.wait_for("▼ DOWN");
    pty.send(":export checks rows.csv\r");
    pty.wait_for("rows, ");
    pty.send(":export figures.json\r");
    pty.wait_for("1 row, ");
    pty.send(":backup copy.bak\r");
    pty.wait_for("copy.bak: ");
    pty.send(":backup copy.bak\r");
    pty.wait_for("such a file already");
    quit(&mut pty);
    let rows = fs::read_to_string(home.path().join("rows.csv")).expect("a file");
    assert!(rows.lines().count() >= 4 && rows.matches(",failed,refused,").count() >= 3, "{rows}");
    let figures = fs::read_to_string(home.path().join("figures.json")).expect("a file");
    let figures: serde_json::Value = serde_json::from_str(figures.trim()).expect("an object");
    assert!(figures["failed"].as_u64() >= Some(3) && figures["down_s"].as_f64() > Some(0.0), "{figures}");
    assert!(fs::metadata(home.path().join("copy.bak")).expect("a file").len() > 100);
}

/// Starts portpulse with its history on a file system of its own; afterwards what was kept is written into files.
fn on_a_disk(home: &Home, options: &str) -> Pty {
    let disk = home.path().join("disk");
    fs::create_dir_all(&disk).expect("a directory");
    let place = disk.display();
    let script = format!(
        "mount -t tmpfs -o {options} tmpfs {place} && portpulse --data {place}/history; result=$?
        for what in checks outages; do portpulse export $what --data {place}/history --format csv > $what.csv; done
        exit $result"
    );
    let command = home.command("unshare", &["--mount", "--propagation", "private", "sh", "-c", &script]);
    Pty::start(command, 80, 24)
}

/// Mounts that file system in another way.
fn remount(pty: &Pty, home: &Home, options: &str) {
    let process = pty.pid().as_raw_nonzero().to_string();
    let place = home.path().join("disk").display().to_string();
    let arguments = ["--target", &process, "--mount", "mount", "-o", &format!("remount,{options}"), &place];
    let done = std::process::Command::new("nsenter").args(arguments).status().expect("nsenter");
    assert!(done.success(), "{arguments:?}");
}

#[test]
fn a_disk_that_is_full_or_read_only_at_the_start_is_told_and_recorded_on_when_it_is_well() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("PORTPULSE_REQUIRE_ROOT_TESTS").is_none(), "this test needs root");
        let _ = writeln!(std::io::stderr(), "did not run: it mounts a file system, which needs root");
        return;
    }
    for (options, why, well) in
        [("size=4k", "NOT RECORDING since", "size=200m"), ("size=200m,ro", "Read-only file system", "rw")]
    {
        let home = Home::with(BRISK);
        let mut pty = on_a_disk(&home, options);
        pty.wait_for("NOT RECORDING since");
        pty.wait_for(why);
        pty.send("a127.0.0.1:1\r");
        pty.wait_for("▼ DOWN");
        remount(&pty, &home, well);
        pty.wait("a screen that says that it records", |screen| !screen.contains("NOT RECORDING"));
        pty.wait_for("▼ DOWN");
        quit(&mut pty);
        let read = |name: &str| fs::read_to_string(home.path().join(name)).expect("a file");
        assert_eq!(read("outages.csv").lines().count(), 2, "{options}: {}", read("outages.csv"));
        assert!(read("checks.csv").matches(",failed,refused,").count() >= 3, "{options}: {}", read("checks.csv"));
    }
}
