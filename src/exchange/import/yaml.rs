//! Reads YAML into a tree that knows its lines; aliases share what they repeat and are counted as if they did not.

use super::Mistake;
use super::node::{Content, DEPTH_MAX, NODES_MAX, Node};
use super::text::line_of;
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::HashMap;
use std::rc::Rc;

/// Reads the one document of a text.
pub(super) fn parse(text: &str) -> Result<Node, Mistake> {
    let mut build = Build::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            // What is missing at the end is missed in the line behind it.
            let line = error.marker().line().min(line_of(text.as_bytes(), text.len()));
            Mistake::at(line, format!("this is no YAML: {}", error.info()))
        })?;
        build.take(event, span.start.line())?;
    }
    let root = build.root.ok_or_else(|| Mistake::whole("there is nothing in it"))?;
    Rc::try_unwrap(root).or_else(|shared| match &shared.content {
        // Held by its own anchor.
        Content::List(items) => Ok(Node::new(shared.line, Content::List(items.clone()))),
        Content::Table(entries) => Ok(Node::new(shared.line, Content::Table(entries.clone()))),
        _ => Err(shared.wanted("this file", "a list or a table")),
    })
}

#[derive(Default)]
struct Build {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    nodes: usize,
}

/// A list or table that has not ended yet.
struct Open {
    line: usize,
    anchor: usize,
    size: usize,
    part: Part,
}

enum Part {
    List(Vec<Rc<Node>>),
    Table { entries: Vec<(String, Rc<Node>)>, key: Option<String> },
}

impl Build {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), Mistake> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(Mistake::at(line, "a second document begins here: split the file"))
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => self.put(Rc::clone(node), line),
                None => Err(Mistake::at(line, "this alias repeats what it stands in")),
            },
            Event::Scalar(text, style, anchor, _) => {
                let content = match (style, text.as_ref()) {
                    (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Content::Null,
                    (ScalarStyle::Plain, "true" | "True" | "TRUE") => Content::Flag(true),
                    (ScalarStyle::Plain, "false" | "False" | "FALSE") => Content::Flag(false),
                    _ => Content::Text(text.into_owned()),
                };
                self.end(Node::new(line, content), anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(line, anchor, Part::List(Vec::new())),
            Event::MappingStart(anchor, _) => self.begin(line, anchor, Part::Table { entries: Vec::new(), key: None }),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { line, anchor, part, .. }) = self.open.pop() else { return Ok(()) };
                let content = match part {
                    Part::List(items) => Content::List(items),
                    Part::Table { entries, .. } => Content::Table(merged(entries)),
                };
                self.end(Node::new(line, content), anchor)
            }
        }
    }

    fn begin(&mut self, line: usize, anchor: usize, part: Part) -> Result<(), Mistake> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Mistake::at(line, format!("this is nested more than {DEPTH_MAX} deep")));
        }
        self.open.push(Open { line, anchor, size: 0, part });
        Ok(())
    }

    fn end(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        let line = node.line;
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node, line)
    }

    /// Puts a value where it belongs: into the innermost open list or table.
    fn put(&mut self, node: Rc<Node>, line: usize) -> Result<(), Mistake> {
        self.nodes += 1;
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size = open.size.saturating_add(node.size);
        if open.size.max(self.nodes) > NODES_MAX {
            return Err(Mistake::at(line, format!("this has more than {NODES_MAX} values, with what aliases repeat")));
        }
        match &mut open.part {
            Part::List(items) => items.push(node),
            Part::Table { entries, key } => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(key_of(&node, line)?),
            },
        }
        Ok(())
    }
}

fn key_of(node: &Node, line: usize) -> Result<String, Mistake> {
    match &node.content {
        Content::Text(text) => Ok(text.clone()),
        Content::Flag(flag) => Ok(flag.to_string()),
        Content::Null => Ok("null".to_owned()),
        Content::List(_) | Content::Table(_) => Err(Mistake::at(line, "a list or table is no name of an entry")),
    }
}

/// Takes in what `<<` names; what the table says itself has the last word.
fn merged(entries: Vec<(String, Rc<Node>)>) -> Vec<(String, Rc<Node>)> {
    let mut from: Vec<Rc<Node>> = Vec::new();
    for (_, node) in entries.iter().filter(|(key, _)| key == "<<") {
        match &node.content {
            // The first of a list has precedence, as in the YAML type repository.
            Content::List(items) => from.extend(items.iter().rev().cloned()),
            _ => from.push(Rc::clone(node)),
        }
    }
    if from.is_empty() {
        return entries;
    }
    let tables = from.iter().filter_map(|node| match &node.content {
        Content::Table(entries) => Some(entries.iter().cloned()),
        _ => None,
    });
    tables.flatten().chain(entries.into_iter().filter(|(key, _)| key != "<<")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn every_value_knows_its_line_and_merges_lose_to_what_is_said() {
        let text =
            "base: &b\n  interval: 30s\n  name: x\nlist:\n  - <<: *b\n    name: \"true\"\n    on: true\n  - *b\n";
        let node = parse(text).expect("YAML");
        let list = node.list("list").expect("a list");
        assert_eq!(list[0].text("name").ok(), Some(Some("true")));
        assert_eq!(list[0].text("interval").ok(), Some(Some("30s")));
        assert_eq!((list[0].line, list[0].get("on").expect("a flag").line), (5, 7));
        assert_eq!(list[1].text("name").ok(), Some(Some("x")));
    }

    #[test]
    fn an_alias_bomb_is_counted_and_never_unfolded() {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..20 {
            let before = format!("*a{},", n - 1).repeat(9);
            writeln!(text, "a{n}: &a{n} [{before}]").expect("a string");
        }
        let mistake = parse(&text).expect_err("a bomb");
        assert!(mistake.to_string().contains("aliases"), "{mistake}");
        assert_eq!(mistake.line, Some(7), "{mistake}");
    }

    #[test]
    fn what_is_no_yaml_names_its_line() {
        for (text, line, say) in [
            ("a: 1\nb: [1, 2\nc: 3\n", None, "no YAML"),
            ("a: &x [*x]\n", Some(1), "repeats what it stands in"),
            ("a: 1\n---\nb: 2\n", Some(2), "second document"),
            ("a: 1\n? [1]\n: 2\n", Some(2), "no name"),
            ("a: 1\n\tb: 2\n", None, "no YAML"),
            ("# only this\n", None, "nothing in it"),
        ] {
            let mistake = parse(text).expect_err(text);
            assert!(mistake.to_string().contains(say), "{text:?}: {mistake}");
            assert!(line.is_none() || mistake.line == line, "{text:?}: {mistake}");
        }
        for deep in [format!("{}1", "- ".repeat(5_000)), "[".repeat(200), "{a: ".repeat(200)] {
            assert!(parse(&deep).expect_err("too deep").to_string().contains("more than 64 deep"));
        }
    }
}
