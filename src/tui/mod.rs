//! The terminal front end: a pure pair of `update` and `view` over a model, and the shell around it.

pub mod message;
pub mod text;

pub use message::{Intent, Msg};
