//! Completions and manual pages know every command and every option of the program.

use clap::{Command as Table, CommandFactory};
use portpulse::cli::args::Arguments;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_portpulse")).args(arguments).output().expect("it runs")
}

#[track_caller]
fn text(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Every command that the help shows, by its words, with its long options.
fn commands() -> Vec<(Vec<String>, Vec<String>)> {
    fn collect(table: &Table, words: &[String], into: &mut Vec<(Vec<String>, Vec<String>)>) {
        let options = table.get_arguments().filter(|argument| !argument.is_hide_set());
        into.push((words.to_vec(), options.filter_map(|option| option.get_long().map(str::to_owned)).collect()));
        for inner in table.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            collect(inner, &[words, &[inner.get_name().to_owned()]].concat(), into);
        }
    }
    let mut table = Arguments::command();
    table.build();
    let mut all = Vec::new();
    collect(&table, &[], &mut all);
    assert!(all.len() > 20 && all.iter().any(|(words, _)| words == &["store", "backup"]), "{all:?}");
    all
}

#[test]
fn every_command_has_a_page_with_all_of_its_options() {
    let directory = tempfile::tempdir().expect("a directory");
    let into = directory.path().join("man1");
    text(&["man", "--into", &into.display().to_string()]);
    for (words, options) in commands() {
        let name = [&["portpulse".to_owned()][..], &words].concat().join("-");
        let page = std::fs::read_to_string(into.join(format!("{name}.1"))).expect(&name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let printed = text(&[&["man"], &words[..]].concat());
        for page in [page, printed] {
            let plain = page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "");
            assert!(plain.contains(".SH SYNOPSIS") && plain.contains(".SH OPTIONS"), "{name}");
            for option in &options {
                assert!(plain.contains(&format!("--{option}")), "{name} --{option}:\n{plain}");
            }
        }
    }
    let output = run(&["man", "nonsense"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn bash_completes_every_command_and_every_option() {
    let script = text(&["completions", "bash"]);
    let complete = |words: &[String], start: &str| -> Vec<String> {
        let line = format!(
            "{script}\nCOMP_WORDS=(portpulse {} {start}); COMP_CWORD={}; _portpulse portpulse '{start}' ''; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() + 1
        );
        let output = Command::new("bash").args(["--norc", "-c", &line]).output().expect("a shell");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
    };
    for (words, options) in commands() {
        let offered = complete(&words, "--");
        for option in options {
            assert!(offered.contains(&format!("--{option}")), "{words:?} --{option}: {offered:?}");
        }
        if let Some((last, before)) = words.split_last() {
            let start: String = last.chars().take(2).collect();
            assert!(complete(before, &start).contains(last), "{words:?}");
        }
    }
}

#[test]
fn other_shells_know_every_command_and_every_option() {
    for (shell, long) in [("zsh", "--"), ("elvish", "--"), ("fish", "-l ")] {
        let script = text(&["completions", shell]);
        for (words, options) in commands() {
            let known = options.iter().all(|option| script.contains(&format!("{long}{option}")));
            assert!(known && words.iter().all(|word| script.contains(word.as_str())), "{shell}: {words:?} {options:?}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).status.code(), Some(2));
}
