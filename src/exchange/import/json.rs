//! Reads JSON into a tree that knows its lines.

use super::Mistake;
use super::node::{Content, DEPTH_MAX, NODES_MAX, Node};
use serde::de::IgnoredAny;
use std::rc::Rc;

/// Reads a document. `serde_json` says whether it is one, and reads every text in it; what it does not tell is
/// the line of a value, so its brackets are walked once more.
pub(super) fn parse(text: &str) -> Result<Node, Mistake> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or(&what);
        Mistake::at(error.line(), format!("this is no JSON: {what}"))
    })?;
    let mut walk = Walk { text, place: 0, line: 1, nodes: 0 };
    walk.value(0)
}

struct Walk<'t> {
    text: &'t str,
    place: usize,
    line: usize,
    nodes: usize,
}

impl<'t> Walk<'t> {
    fn value(&mut self, depth: usize) -> Result<Node, Mistake> {
        self.nodes += 1;
        let byte = self.next();
        let line = self.line;
        if depth > DEPTH_MAX {
            return Err(Mistake::at(line, format!("this is nested more than {DEPTH_MAX} deep")));
        }
        if self.nodes > NODES_MAX {
            return Err(Mistake::at(line, format!("this has more than {NODES_MAX} values")));
        }
        let content = match byte {
            Some(b'{') => self.table(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Content::Text(self.string()?),
            _ => match self.word() {
                "null" => Content::Null,
                "true" => Content::Flag(true),
                "false" => Content::Flag(false),
                number => Content::Text(number.to_owned()),
            },
        };
        Ok(Node::new(line, content))
    }

    fn table(&mut self, depth: usize) -> Result<Content, Mistake> {
        let mut entries = Vec::new();
        self.place += 1;
        while self.next() == Some(b'"') {
            let key = self.string()?;
            self.pass(b':');
            entries.push((key, Rc::new(self.value(depth + 1)?)));
            self.pass(b',');
        }
        self.pass(b'}');
        Ok(Content::Table(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Content, Mistake> {
        let mut items = Vec::new();
        self.place += 1;
        while self.next().is_some_and(|byte| byte != b']') {
            items.push(Rc::new(self.value(depth + 1)?));
            self.pass(b',');
        }
        self.pass(b']');
        Ok(Content::List(items))
    }

    /// The first byte behind white space.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.place).filter(|byte| byte.is_ascii_whitespace()) {
            self.line += usize::from(*byte == b'\n');
            self.place += 1;
        }
        bytes.get(self.place).copied()
    }

    fn pass(&mut self, mark: u8) {
        if self.next() == Some(mark) {
            self.place += 1;
        }
    }

    /// The text that begins here.
    fn string(&mut self) -> Result<String, Mistake> {
        let rest = &self.text[self.place..];
        let mut is_escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        let literal = end.map_or(rest, |end| &rest[..end + 2]);
        self.place += literal.len();
        serde_json::from_str(literal).map_err(|_| Mistake::at(self.line, "this text is no JSON"))
    }

    /// What goes on until a mark or white space: a number or one of the three words.
    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.place..];
        let end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | ']' | '}' | ':'));
        // At least one, so that every step goes on.
        let word = &rest[..end.unwrap_or(rest.len())];
        self.place += word.len().max(1).min(rest.len());
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_knows_its_line() {
        let node = parse("{\n \"a\": [1,\n  \"x\\\"\\n\\u00e4\"],\n \"b\": {\"c\": null, \"d\": true}}").expect("JSON");
        let list = node.get("a").expect("a list").items("a").expect("a list");
        assert_eq!((list[0].line, list[0].as_number("a").ok()), (2, Some(1.0)));
        assert_eq!((list[1].line, list[1].as_text("a").ok()), (3, Some("x\"\nä")));
        let table = node.get("b").expect("a table");
        assert!(table.get("c").is_none() && table.flag("d").expect("a flag") == Some(true));
        assert_eq!((node.size, table.line), (7, 4));
    }

    #[test]
    fn what_is_no_json_names_its_line() {
        for (text, line, say) in [
            ("{\"a\": 1,\n\n}", 3, "no JSON"),
            ("[1, 2", 1, "no JSON"),
            ("[\"a\nb\"]", 1, "no JSON"),
            ("", 1, "no JSON"),
            ("{} x", 1, "no JSON"),
        ] {
            let mistake = parse(text).expect_err(text);
            assert_eq!(mistake.line, Some(line), "{text:?}: {mistake}");
            assert!(mistake.to_string().contains(say), "{text:?}: {mistake}");
        }
        let deep = format!("{}{}", "[\n".repeat(100_000), "]".repeat(100_000));
        let mistake = parse(&deep).expect_err("too deep");
        assert_eq!(mistake.line, Some(DEPTH_MAX + 2), "{mistake}");
        let wide = format!("[{}0]", "0,".repeat(NODES_MAX));
        assert!(parse(&wide).expect_err("too wide").to_string().contains("more than"));
    }
}
