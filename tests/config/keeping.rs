//! The file on disk: written whole, never over somebody else's edit, and watched.

use portpulse::cli::keymap::judge;
use portpulse::config::{ConfigErrors, Defaults, Keeper, Loaded, Presence, edit::HEADER, watch};
use portpulse::domain::Definition;
use portpulse::monitor::{Change, RequestId};
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

const A: &str = "# mine\n[[target]]\naddress = \"a:1\"\n";
const B: &str = "\n[[target]]\naddress = \"b:2\"\n";

fn target(address: &str) -> Definition {
    Defaults::default().definition(address.parse().expect("an address"))
}

fn add(address: &str) -> Change {
    Change::Add(vec![target(address)])
}

fn scene(text: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("portpulse.toml");
    fs::write(&path, text).expect("a file");
    (directory, path)
}

fn open(path: &Path) -> Keeper {
    Keeper::open(path, judge).unwrap_or_else(|errors| panic!("{errors}")).0
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).expect("a text")
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded.declared.targets.iter().map(|target| target.name.as_str()).collect()
}

/// Two looks: a new state is believed when it is seen twice.
fn poll_twice(keeper: &mut Keeper) -> Option<Result<Loaded, ConfigErrors>> {
    assert!(keeper.poll().is_none(), "one look is not enough");
    keeper.poll()
}

#[test]
fn the_first_change_creates_the_file_for_its_owner_only() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("new/portpulse/portpulse.toml");
    let (mut keeper, loaded) = Keeper::open(&path, judge).expect("no file is no error");
    assert_eq!((loaded.presence, names(&loaded).len()), (Presence::Missing, 0));
    keeper.apply(&add("a:1")).expect("it is created");
    assert_eq!(text(&path), format!("{HEADER}\n[[target]]\naddress = \"a:1\"\n"));
    assert_eq!(fs::metadata(&path).expect("a file").mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().expect("a parent")).expect("a directory").mode() & 0o777, 0o700);
    assert!(keeper.poll().is_none() && keeper.poll().is_none(), "the keeper knows what it wrote itself");
    assert_eq!(Keeper::open(&path, judge).expect("it reads").1.presence, Presence::Present);
}

#[test]
fn a_change_keeps_symbolic_link_mode_and_owner_and_leaves_nothing_behind() {
    let (directory, real) = scene(A);
    if rustix::process::geteuid().is_root() {
        chown(&real, Some(4_711), Some(4_712)).expect("another owner");
    }
    let owner = |path: &Path| fs::metadata(path).map(|file| (file.uid(), file.gid())).expect("a file");
    let owned = owner(&real);
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    let dotfiles = tempfile::tempdir().expect("a directory");
    let link = dotfiles.path().join("link.toml");
    symlink(&real, &link).expect("a link");
    open(&link).apply(&add("b:2")).expect("it is written");
    assert!(link.is_symlink());
    assert_eq!(text(&real), format!("{A}{B}"));
    assert_eq!(fs::metadata(&real).expect("a file").mode() & 0o777, 0o640);
    assert_eq!(owner(&real), owned);
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 1);
}

#[test]
fn a_change_keeps_what_was_edited_by_hand_meanwhile_and_tells_it() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    fs::write(&path, format!("[ui]\nbell = false\n\n{A}")).expect("an edit by hand");
    keeper.apply(&add("b:2")).expect("it is written");
    assert_eq!(text(&path), format!("[ui]\nbell = false\n\n{A}{B}"));
    let told = keeper.poll().expect("it tells").expect("it is valid");
    assert_eq!((names(&told), told.ui.bell), (vec!["a:1", "b:2"], false));
    assert!(keeper.poll().is_none());
}

#[test]
fn a_change_is_refused_while_the_file_is_wrong() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    let wrong = format!("[ui]\nbel = 1\n{A}");
    fs::write(&path, &wrong).expect("an edit by hand");
    let told = keeper.apply(&add("b:2")).expect_err("a refusal").to_string();
    assert!(told.ends_with(":2:1: unknown key `bel` in [ui]: did you mean `bell`?"), "{told}");
    assert_eq!(text(&path), wrong);
}

#[test]
fn an_edit_by_hand_is_told_once_and_so_is_a_mistake() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    assert!(keeper.poll().is_none(), "nothing has happened");

    fs::write(&path, format!("{A}{B}")).expect("an edit by hand");
    assert_eq!(names(&poll_twice(&mut keeper).expect("it tells").expect("it is valid")), ["a:1", "b:2"]);
    assert!(keeper.poll().is_none());

    fs::write(&path, "[ui]\nbel = 1\n").expect("a mistake");
    assert!(poll_twice(&mut keeper).expect("it tells").is_err());
    assert!(keeper.poll().is_none());

    fs::write(&path, A).expect("put right");
    assert_eq!(names(&poll_twice(&mut keeper).expect("it tells").expect("it is valid")), ["a:1"]);
}

#[test]
fn a_key_that_cannot_be_bound_is_a_mistake_like_any_other() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    let wrong = format!("{A}{B}\n[keys]\nadd = \"A\"\nhelp = \"q\"\n");
    let place = ":10:1: the key q would be both `help` and `quit`: give one of them another key";

    fs::write(&path, &wrong).expect("a mistake");
    let told = poll_twice(&mut keeper).expect("it tells").expect_err("a refusal").to_string();
    assert!(told.ends_with(place), "{told}");
    assert!(keeper.poll().is_none(), "once");
    let told = keeper.apply(&add("c:3")).expect_err("a refusal").to_string();
    assert!(told.ends_with(place), "{told}");
    assert_eq!(text(&path), wrong);
    let told = Keeper::open(&path, judge).expect_err("a start refuses it too").to_string();
    assert!(told.ends_with(place), "{told}");

    fs::write(&path, wrong.replace("\"q\"", "\"H\"")).expect("put right");
    keeper.apply(&add("c:3")).expect("it is written");
    let told = keeper.poll().expect("it tells").expect("it is valid");
    assert_eq!((names(&told), told.keys.bindings.len()), (vec!["a:1", "b:2", "c:3"], 2));
}

#[test]
fn an_editor_that_empties_the_file_first_is_not_caught_half_way() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    fs::write(&path, "").expect("the editor starts");
    assert!(keeper.poll().is_none());
    fs::write(&path, format!("{A}{B}")).expect("the editor ends");
    assert_eq!(names(&poll_twice(&mut keeper).expect("it tells").expect("it is valid")), ["a:1", "b:2"]);
}

#[test]
fn a_file_that_was_only_touched_or_replaced_by_its_like_is_no_news() {
    let (directory, path) = scene(A);
    let mut keeper = open(&path);
    let copy = directory.path().join("copy");
    fs::write(&copy, A).expect("a copy");
    fs::rename(&copy, &path).expect("a replacement");
    assert!(poll_twice(&mut keeper).is_none());
}

#[test]
fn a_file_that_is_gone_is_told_is_not_written_again_and_may_come_back() {
    let (directory, path) = scene(A);
    let mut keeper = open(&path);
    let aside = directory.path().join("aside");
    fs::rename(&path, &aside).expect("it goes");
    let told = poll_twice(&mut keeper).expect("it tells").expect_err("gone").to_string();
    assert!(told.ends_with("is gone; what it said last stays in effect: put it back"), "{told}");
    assert!(keeper.poll().is_none());
    assert!(keeper.apply(&add("b:2")).is_err(), "a file with one target would say that the others are gone");
    assert!(!path.exists());
    fs::rename(&aside, &path).expect("it comes back");
    assert_eq!(names(&poll_twice(&mut keeper).expect("it tells").expect("it is valid")), ["a:1"]);
}

#[test]
fn a_file_that_was_emptied_takes_no_target_away() {
    let (_directory, path) = scene(A);
    let mut keeper = open(&path);
    fs::write(&path, "\n").expect("a disk that was full");
    let told = poll_twice(&mut keeper).expect("it tells").expect_err("empty").to_string();
    assert!(told.contains("is empty; what it said last stays in effect"), "{told}");
    assert!(keeper.poll().is_none(), "once");
    assert!(keeper.apply(&add("b:2")).is_err(), "a file with one target would say that the others are gone");
    assert_eq!(text(&path), "\n");
    fs::write(&path, "# nothing for now\n").expect("somebody means it");
    assert!(names(&poll_twice(&mut keeper).expect("it tells").expect("it is valid")).is_empty());
    keeper.apply(&add("b:2")).expect("it is written");
}

#[test]
fn the_last_target_may_leave_an_empty_file_behind() {
    let (_directory, path) = scene("[[target]]\naddress = \"a:1\"\n");
    let mut keeper = open(&path);
    keeper.apply(&Change::Remove(vec!["a:1".to_owned()])).expect("it is removed");
    assert!(keeper.poll().is_none() && keeper.poll().is_none());
    keeper.apply(&add("b:2")).expect("it is written");
}

#[test]
fn a_link_that_leads_nowhere_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("portpulse.toml");
    symlink(directory.path().join("nowhere"), &path).expect("a link");
    let told = open(&path).apply(&add("a:1")).expect_err("a refusal").to_string();
    assert!(told.contains("a symbolic link that leads nowhere"), "{told}");
    assert!(path.is_symlink());
}

#[test]
fn the_thread_carries_out_changes_tells_edits_and_ends_with_its_sender() {
    let (_directory, path) = scene(A);
    let (sender, changes) = mpsc::sync_channel(4);
    let (told, news) = mpsc::sync_channel(4);
    let tell = move |it| if told.send(it).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    let thread = watch::spawn(open(&path), Duration::from_millis(20), changes, tell).expect("a thread");
    sender.send((RequestId(7), add("b:2"))).expect("it listens");
    let first = news.recv_timeout(Duration::from_secs(20)).expect("an answer");
    assert!(matches!(first, watch::News::Written(RequestId(7), Ok(()))), "{first:?}");
    fs::write(&path, A).expect("an edit by hand");
    match news.recv_timeout(Duration::from_secs(20)).expect("news") {
        watch::News::Edited(Ok(loaded)) => assert_eq!(names(&loaded), ["a:1"]),
        other => panic!("{other:?}"),
    }
    drop(sender);
    thread.join().expect("it ends");
}

#[test]
fn a_change_that_is_taken_back_leaves_no_trace() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("p.toml");
    let before = "# ours\n[[target]]\naddress = \"{a,b}:1\" # two\n\n# the third\n[[target]]\naddress = \"c:1\"\n\n[[target]]\naddress = \"d:1\"\n";
    fs::write(&path, before).expect("a file");
    let (mut keeper, loaded) = Keeper::open(&path, judge).expect("a right file");
    let first = loaded.declared.targets[0].clone();
    let third = loaded.declared.targets[2].clone();
    let edit = |to: &Definition| Change::Edit(first.name.clone(), Box::new(to.clone()));
    let slower = Definition { interval: Duration::from_secs(30), ..first.clone() };
    let said = || fs::read_to_string(&path).expect("a file");

    keeper.apply(&edit(&slower)).expect("an edit");
    let unfolded = said();
    assert!(unfolded.contains("address = \"a:1\""), "{unfolded}");
    keeper.apply(&Change::Remove(vec!["c:1".to_owned()])).expect("a removal");
    keeper.apply(&Change::Add(vec![third.clone()])).expect("its undo");
    assert_eq!(said(), unfolded, "in its place, with its comment");
    keeper.apply(&edit(&first)).expect("the undo of the edit");
    assert_eq!(said(), before, "the short form stands again");

    // Where somebody else wrote meanwhile, nothing of theirs is lost.
    keeper.apply(&edit(&slower)).expect("an edit");
    fs::write(&path, said() + "# a word of mine\n").expect("an editor");
    keeper.apply(&edit(&first)).expect("the undo");
    assert!(said().contains("# a word of mine") && said().contains("address = \"a:1\""), "{}", said());
}
