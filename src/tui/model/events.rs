//! The state of the events view.

/// The state of the events view.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// How many of the newest events are scrolled out below.
    pub back: usize,
}
