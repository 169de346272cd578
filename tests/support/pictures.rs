//! The state table.
