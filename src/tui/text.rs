//! Text that fits: widths in columns, cuts between graphemes, the middle of a host left out and its port never.

use crate::domain::Address;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The longest beginning that takes at most so many columns, cut between graphemes.
pub fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return &text[..place];
        }
    }
    text
}

/// The longest end that takes at most so many columns, cut between graphemes.
pub fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > columns {
            return &text[place + grapheme.len()..];
        }
    }
    text
}

/// The text, or its beginning with an ellipsis, in at most so many columns.
pub fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    match columns.checked_sub(ellipsis.width()) {
        Some(room) => format!("{}{ellipsis}", head(text, room)),
        None => String::new(),
    }
}

/// `host:port` in at most so many columns: the middle of the host gives way to an ellipsis, the
/// port stays whole. Where not even the port fits, its end stays.
pub fn fit_address(address: &Address, columns: usize, ellipsis: &str) -> String {
    let host = address.host.to_string();
    let port = format!(":{}", address.port);
    if host.width() + port.width() <= columns {
        return host + &port;
    }
    match columns.checked_sub(port.width() + ellipsis.width()) {
        Some(room) if room >= 2 => {
            let end = room / 2 + room % 2;
            format!("{}{ellipsis}{}{port}", head(&host, room - end), tail(&host, end))
        }
        _ => tail(&port, columns).to_owned(),
    }
}

/// Splits a text into lines of at most so many columns, between words where it can.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while word.width() > columns && columns > 0 {
            let first = head(word, columns);
            if first.is_empty() {
                return lines;
            }
            lines.push(first.to_owned());
            word = &word[first.len()..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Writes from the left edge of a column range and says where it stopped. Nothing outside the
/// buffer is touched.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
    let area = buffer.area;
    if !(area.top()..area.bottom()).contains(&y) || !(area.left()..area.right()).contains(&x) {
        return x;
    }
    debug_assert!(!text.chars().any(crate::domain::text::is_hostile), "uncleaned text on its way to a cell: {text:?}");
    let columns = columns.min(area.right() - x);
    buffer.set_stringn(x, y, head(text, usize::from(columns)), usize::from(columns), style).0
}

/// Writes against the right edge of a column range.
pub fn put_right(buffer: &mut Buffer, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
    let text = head(text, usize::from(columns));
    let start = x.saturating_add(columns).saturating_sub(text.width() as u16);
    put(buffer, start, y, columns, text, style)
}

/// Writes a text against the right edge of an area's row and says where it starts.
pub fn put_end(buffer: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) -> u16 {
    put_right(buffer, area.x, y, area.width, text, style);
    area.right().saturating_sub(text.width() as u16).max(area.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(address: &str, columns: usize) -> String {
        fit_address(&address.parse().expect("an address"), columns, "…")
    }

    #[test]
    fn the_middle_of_the_host_gives_way_and_the_port_stays() {
        assert_eq!(fit("vpn-us.example.net:1194", 22), "vpn-us.e…mple.net:1194");
        assert_eq!(fit("db1:5432", 22), "db1:5432");
        assert_eq!(fit("[2001:db8:4::17]:6379", 16), "[2001…4::17]:6379");
        for columns in 0..40 {
            let text = fit("very-long-name.of.a.host.example.net:65535", columns);
            assert!(width(&text) <= columns, "{text:?} in {columns}");
            assert!(columns < 6 || text.ends_with(":65535"), "{text:?} in {columns}");
        }
    }

    #[test]
    fn cuts_fall_between_graphemes_and_count_columns() {
        let family = "a👨‍👩‍👧b";
        assert_eq!(head(family, 2), "a");
        assert_eq!(head(family, 3), "a👨‍👩‍👧");
        assert_eq!(tail(family, 1), "b");
        assert_eq!(cut("日本語", 5, "…"), "日本…");
        assert_eq!(cut("日本語", 0, "…"), "");
    }

    #[test]
    fn wrapping_keeps_words_whole_where_it_can() {
        assert_eq!(wrap("is the service running there", 11), ["is the", "service", "running", "there"]);
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert!(wrap("anything", 0).len() <= 1);
    }
}
