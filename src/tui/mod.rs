//! The terminal front end: a pure pair of `update` and `view` over a model, and the shell around it.

pub mod action;
pub mod banner;
pub mod command;
pub mod dashboard;
pub mod field;
pub mod filter;
pub mod glyphs;
pub mod group;
pub mod help;
pub mod keymap;
pub mod layout;
pub mod message;
pub mod model;
pub mod order;
pub mod settings;
pub mod shell;
pub mod standing;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;

pub use message::{Intent, Msg};
pub use model::Model;
pub use settings::Settings;
pub use update::update;
pub use view::Screen;
