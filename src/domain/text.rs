//! The one place where foreign text becomes harmless: names, notes, DNS answers, errors.

use unicode_segmentation::UnicodeSegmentation;

/// How many combining marks one character may carry; more only break the grid of a terminal.
const MARKS_MAX: usize = 2;

/// Makes a foreign text safe for a terminal, a log and a file of lines: control characters,
/// bidirectional overrides, zero-width and invisible characters become U+FFFD, white space becomes
/// a plain space, piles of combining marks are cut, and the whole is at most `graphemes_max` long.
pub fn clean(text: &str, graphemes_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(graphemes_max * 4));
    // Characters first: what stands for a hostile one may join with the marks behind it.
    let harmless: String = text.graphemes(true).take(graphemes_max).flat_map(str::chars).map(harmless).collect();
    for grapheme in harmless.graphemes(true) {
        out.extend(grapheme.chars().take(1 + MARKS_MAX));
    }
    out
}

/// The character itself, a space for white space, or the sign for what must not be shown.
fn harmless(c: char) -> char {
    match c {
        ' ' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{3000}' => ' ',
        _ if is_hostile(c) => '\u{fffd}',
        _ => c,
    }
}

/// Characters that move the cursor, reorder, hide or say nothing: general categories Cc, Cf, Co,
/// Cs, Zl and Zp as far as they matter on a screen.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_overrides_and_invisible_characters_lose_their_power() {
        assert_eq!(clean("a\u{1b}]52;c;x\u{7}b", 64), "a\u{fffd}]52;c;x\u{fffd}b");
        assert_eq!(clean("db\u{202e}1\u{200b}\u{e0041}", 64), "db\u{fffd}1\u{fffd}\u{fffd}");
        assert_eq!(clean("two\nlines\tand tabs", 64), "two lines and tabs");
    }

    #[test]
    fn a_pile_of_marks_is_cut_and_the_length_is_bounded() {
        let pile = format!("e{}", "\u{301}".repeat(5000));
        assert_eq!(clean(&pile, 64).chars().count(), 1 + MARKS_MAX);
        assert_eq!(clean(&"ä".repeat(1000), 64).chars().count(), 64);
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let once = clean(&c.to_string(), 8);
            assert_eq!(clean(&once, 8), once, "U+{:04X}", u32::from(c));
            assert!(!once.chars().any(char::is_control), "U+{:04X}", u32::from(c));
        }
        for text in
            ["\u{1b}\u{301}\u{301}\u{301}\u{301}", "a\u{200b}\u{301}\u{302}\u{303}", "\r\n\u{301}\u{301}\u{301}"]
        {
            let once = clean(text, 8);
            assert_eq!(clean(&once, 8), once, "{text:?}");
        }
    }
}
