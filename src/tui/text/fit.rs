//! Text made to fit a number of columns, counted as a terminal counts them.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut at the end with the ellipsis where it is wider than `columns`.
pub fn clip(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = head(text, columns.saturating_sub(1)).to_owned();
    if columns > 0 {
        out.push_str(ellipsis);
    }
    out
}

/// The text, cut in its middle with the ellipsis where it is wider than `columns`: both ends of a host
/// name tell hosts apart.
fn middle(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns || columns < 3 {
        return clip(text, columns, ellipsis);
    }
    let front = (columns - 1) / 2;
    format!("{}{ellipsis}{}", head(text, front), tail(text, columns - 1 - front))
}

/// `host:port`, the host cut in its middle where both are wider than `columns`, the port always whole.
pub fn address(address: &str, columns: usize, ellipsis: &str) -> String {
    if width(address) <= columns {
        return address.to_owned();
    }
    let place = address.rfind(':').unwrap_or(address.len());
    let (host, port) = address.split_at(place);
    format!("{}{port}", middle(host, columns.saturating_sub(width(port)), ellipsis))
}

/// The name of a target, cut where it is wider than `columns`. A target without a name of its own is
/// called by its address, and several of one host differ in their ports only.
pub fn name(name: &str, columns: usize, ellipsis: &str) -> String {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match name.rsplit_once(':') {
        Some((_, port)) if is_port(port) && port.len() + 4 <= columns => address(name, columns, ellipsis),
        _ => clip(name, columns, ellipsis),
    }
}

/// The text with blanks behind it up to `columns`; never shorter than the text.
pub fn pad_right(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text with blanks in front of it up to `columns`; never shorter than the text.
pub fn pad_left(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text in lines of at most `columns`, broken at blanks where there are any.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        while width(word) > columns {
            let part = match head(word, columns) {
                "" => word.graphemes(true).next().unwrap_or(word),
                part => part,
            };
            lines.push(part.to_owned());
            word = word.get(part.len()..).unwrap_or_default();
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// As many graphemes from the front as fit.
fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return text.get(..place).unwrap_or_default();
        }
    }
    text
}

/// As many graphemes from the back as fit.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            return text.get(place + grapheme.len()..).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_stays_whole_and_the_host_keeps_both_ends() {
        assert_eq!(address("vpn-us.example.net:1194", 22, "…"), "vpn-us.e…mple.net:1194");
        assert_eq!(address("db1.prod.example:5432", 22, "…"), "db1.prod.example:5432");
        assert_eq!(address("[2001:db8:4:3:2:1:0:17]:6379", 20, "…"), "[2001:d…1:0:17]:6379");
        assert_eq!(address("a-very-long-host:65535", 3, "…"), ":65535");
    }

    #[test]
    fn wide_characters_are_counted_as_the_terminal_counts_them() {
        assert_eq!(clip("数据库服务器", 7, "…"), "数据库…");
        assert_eq!(name("127.0.0.1:21105", 12, "…"), "12…0.1:21105");
        assert_eq!(
            (name("pg: primary of all", 12, "…"), name("a.b:21105", 8, "…")),
            ("pg: primary…".into(), "a.b:211…".into())
        );
        assert_eq!(width(&middle("数据库服务器", 8, "…")), 7);
        assert_eq!(pad_left("数据", 6), "  数据");
    }

    #[test]
    fn nothing_is_ever_wider_than_it_may_be() {
        let text = "e\u{301}数a.b-c:1x";
        for columns in 0..20 {
            assert!(width(&clip(text, columns, "…")) <= columns);
            assert!(width(&middle(text, columns, "…")) <= columns);
            assert!(wrap(text, columns).iter().all(|line| width(line) <= columns.max(2)));
        }
    }

    #[test]
    fn lines_break_at_blanks_and_only_long_words_are_cut() {
        assert_eq!(wrap("is the service running? on db1", 12), ["is the", "service", "running? on", "db1"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }
}
