//! Text of others inside of Markdown, and tables whose columns line up in the source too.

use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// Characters that Markdown, or HTML inside of it, gives a meaning to.
const SPECIAL: &[char] =
    &['\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '<', '>', '#', '+', '-', '!', '|', '~', '&', '$', '@', ':'];

/// A text that reads as it is written, wherever in a line it stands: no emphasis, no link, no heading, no
/// cell of a table begins or ends in it. What is harmless in its place stays as it is, so that names can be
/// read and searched for in the source too.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let is_inside =
            before.is_some_and(char::is_alphanumeric) && rest.peek().is_some_and(|next| next.is_alphanumeric());
        let is_harmless = match letter {
            '-' | '+' | '(' | ')' => before.is_some(),
            '_' => is_inside,
            ':' => rest.peek() != Some(&'/'),
            _ => !SPECIAL.contains(&letter),
        };
        if !is_harmless {
            out.push('\\');
        }
        out.push(letter);
        before = Some(letter);
    }
    // `1. ` and `1) ` at the start of a line would be a list.
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    let is_list = out[digits..].starts_with(['.', ')']) && !out[digits + 1..].starts_with(|next: char| next != ' ');
    if digits > 0 && is_list {
        out.insert(digits, '\\');
    }
    out
}

/// A table with these titles; the cells are Markdown already.
pub(super) fn table<const N: usize>(titles: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = titles.map(UnicodeWidthStr::width);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    let mut line = |cells: &[String; N], fill: &str| {
        for (cell, width) in cells.iter().zip(widths) {
            let room = fill.repeat(width.saturating_sub(cell.width()));
            // Writing into a string cannot fail.
            let _ = write!(out, "| {cell}{room} ");
        }
        out.push_str("|\n");
    };
    line(&titles.map(str::to_owned), " ");
    line(&titles.map(|_| "---".to_owned()), "-");
    for row in rows {
        line(row, " ");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_gives_a_meaning_to_is_escaped_and_nothing_else() {
        for (text, expected) in [
            ("pg-primary", "pg-primary"),
            ("db_1 is (nearly) fine + well: ok", "db_1 is (nearly) fine + well: ok"),
            ("_db_ *all* `x` ~~y~~", "\\_db\\_ \\*all\\* \\`x\\` \\~\\~y\\~\\~"),
            ("a|b", "a\\|b"),
            ("[text](http://x)", "\\[text\\](http\\://x)"),
            ("![i](x)<script>&amp;", "\\!\\[i\\](x)\\<script\\>\\&amp;"),
            ("# heading", "\\# heading"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("12)", "12\\)"),
            ("10.4.7.33:9092", "10.4.7.33:9092"),
            ("@everyone $x$ \\", "\\@everyone \\$x\\$ \\\\"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn a_table_lines_up() {
        let rows = [["a".to_owned(), "über".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(["x", "y"], &rows), "| x    | y    |\n| ---- | ---- |\n| a    | über |\n| long |      |\n");
    }
}
