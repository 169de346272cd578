//! Deliberate damage to the monitor, each of which the simulation must notice.
