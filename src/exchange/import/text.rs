//! Bytes of a foreign file as the text that they have to be.

use super::{FILE_MAX, Mistake};

/// The text, without the mark that some editors put in front.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Mistake> {
    if bytes.len() as u64 > FILE_MAX {
        return Err(Mistake::whole(format!("is larger than {} MiB: split it", FILE_MAX >> 20)));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Mistake::whole("is UTF-16: save it as UTF-8"));
    }
    if let Some(place) = bytes.iter().position(|&byte| byte == 0) {
        return Err(Mistake::at(line_of(bytes, place), "this is no text: there is a NUL byte in this line"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Mistake::at(line_of(bytes, error.valid_up_to()), "this is not UTF-8: save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Mistake::whole("is empty"));
    }
    Ok(text)
}

/// The line that a place is in, counted from 1.
pub(super) fn line_of(bytes: &[u8], place: usize) -> usize {
    bytes.iter().take(place).filter(|&&byte| byte == b'\n').count() + 1
}

/// Lines of places that only grow: each is counted from the one before.
pub(super) struct Lines<'t> {
    bytes: &'t [u8],
    place: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), place: 0, line: 1 }
    }

    /// The line that a place is in, counted from 1.
    pub(super) fn at(&mut self, place: usize) -> usize {
        let place = place.min(self.bytes.len());
        if let Some(passed) = self.bytes.get(self.place..place) {
            self.line += passed.split(|&byte| byte == b'\n').count() - 1;
            self.place = place;
        }
        self.line
    }

    /// The line of whatever follows a place behind the ends of lines.
    pub(super) fn behind(&mut self, place: usize) -> usize {
        let ends = self.bytes.iter().skip(place).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.at(place + ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_names_its_line() {
        let told = |bytes: &[u8]| decode(bytes).expect_err("no text");
        assert_eq!(told(b"a\nb\0").line, Some(2));
        assert_eq!(told(b"a\r\n\xff").line, Some(2));
        assert!(told(b"\xff\xfea\0").what.contains("UTF-16"));
        assert!(told(b"\xef\xbb\xbf \n").what.contains("empty"));
        assert!(told(&vec![b' '; FILE_MAX as usize + 1]).what.contains("larger than 32 MiB"));
        assert_eq!(decode(b"\xef\xbb\xbfdb1:5432"), Ok("db1:5432"));
    }
}
