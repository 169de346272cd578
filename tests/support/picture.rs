//! A picture (SVG) of what a terminal shows, cell by cell.

use std::fmt::Write as _;
use vt100::{Cell, Color, Screen};

/// Size of a cell and of the letters in it, in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
const LETTERS: f32 = 14.0;
const MARGIN: f32 = 12.0;
const TEXT: &str = "#d7dae0";
const PAPER: &str = "#16181d";

/// The sixteen colours, as a common dark theme has them.
const PALETTE: [&str; 16] = [
    "#2b2f37", "#f2777a", "#8fc46a", "#e5c07b", "#6fa8f0", "#c88fe0", "#5fc4cf", "#c5c8ce", "#7d8590", "#ff8f92",
    "#a8dc82", "#f5d491", "#8fbfff", "#dba8f2", "#7fdde6", "#ffffff",
];

/// What one run of cells looks like.
#[derive(Clone, PartialEq)]
struct Look {
    text: String,
    paper: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

/// Draws the screen.
pub fn svg(screen: &Screen) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let width = f32::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"'DejaVu Sans Mono', 'Cascadia Mono', Menlo, Consolas, monospace\" font-size=\"{LETTERS}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        for (column, text, cells, look) in runs(screen, row, columns) {
            draw(&mut svg, row, column, &text, cells, &look);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The cells of a row in runs that look the same: first column, text, number of cells, look.
fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<(u16, String, u16, Look)> {
    let mut runs: Vec<(u16, String, u16, Look)> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column) else { continue };
        if cell.is_wide_continuation() {
            if let Some(run) = runs.last_mut() {
                run.2 += 1;
            }
            continue;
        }
        let symbol = if cell.has_contents() { cell.contents() } else { " " };
        let look = look(cell);
        match runs.last_mut() {
            Some((_, text, cells, last)) if *last == look => {
                text.push_str(symbol);
                *cells += 1;
            }
            _ => runs.push((column, symbol.to_owned(), 1, look)),
        }
    }
    runs
}

fn look(cell: &Cell) -> Look {
    let (mut text, mut paper) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    if cell.inverse() {
        (text, paper) = (Some(paper.unwrap_or_else(|| PAPER.into())), Some(text.unwrap_or_else(|| TEXT.into())));
    }
    Look {
        text: text.unwrap_or_else(|| TEXT.into()),
        paper,
        bold: cell.bold(),
        dim: cell.dim(),
        italic: cell.italic(),
        underline: cell.underline(),
    }
}

fn colour(colour: Color) -> Option<String> {
    let cube = |level: u8| if level == 0 { 0 } else { 55 + 40 * level };
    match colour {
        Color::Default => None,
        Color::Idx(index @ 0..=15) => Some(PALETTE[usize::from(index)].to_owned()),
        Color::Idx(index @ 16..=231) => {
            let index = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", cube(index / 36), cube(index / 6 % 6), cube(index % 6)))
        }
        Color::Idx(index) => Some(format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (index - 232))),
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    }
}

fn draw(svg: &mut String, row: u16, column: u16, text: &str, cells: u16, look: &Look) {
    let (x, y) = (MARGIN + f32::from(column) * CELL.0, MARGIN + f32::from(row) * CELL.1);
    let width = f32::from(cells) * CELL.0;
    if let Some(paper) = &look.paper {
        writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{paper}\"/>", CELL.1)
            .expect("text");
    }
    let plain = text.trim_end();
    if plain.trim_start().is_empty() {
        return;
    }
    let lead = plain.chars().take_while(|&c| c == ' ').count() as f32 * CELL.0;
    let tail = (text.chars().count() - plain.chars().count()) as f32 * CELL.0;
    let mut style = String::new();
    for (is_so, attribute) in [
        (look.bold, " font-weight=\"bold\""),
        (look.dim, " opacity=\"0.62\""),
        (look.italic, " font-style=\"italic\""),
        (look.underline, " text-decoration=\"underline\""),
    ] {
        style.push_str(if is_so { attribute } else { "" });
    }
    let escaped = plain.trim_start().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{style} \
         xml:space=\"preserve\">{escaped}</text>",
        x + lead,
        y + CELL.1 * 0.74,
        width - lead - tail,
        look.text,
    )
    .expect("text");
}
