//! portpulse watches TCP ports from a terminal. The layers, lowest first:

pub mod domain;
pub mod window;
pub mod words;

pub mod evaluate;
pub mod monitor;
pub mod probe;
pub mod script;
pub mod store;

pub mod config;
pub mod engine;

pub mod exchange;
pub mod link;
pub mod serve;

pub mod tui;

pub mod cli;
