//! Arithmetic on time: what was observed, what of it was up, and the figures over a span.

mod figures;

pub use figures::{Column, Percentiles, Summary};
