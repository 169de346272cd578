//! The nouns: what is watched, what a check found, what was out and for how long.

pub mod advice;
pub mod check;
pub mod endpoint;
pub mod evaluation;
pub mod event;
mod glance;
pub mod job;
pub mod likeness;
pub mod listing;
pub mod maintenance;
pub mod moment;
pub mod outage;
pub mod record;
pub mod remark;
pub mod schedule;
pub mod service;
pub mod target;
pub mod text;
pub mod time;
pub mod vantage;
pub mod zone;

pub use check::{Check, Clocked, Failure, Failures, Fault, NameFailure, Outcome, Path, Place, REASONS, Reason, Timing};
pub use endpoint::{Address, AddressError, Addresses, Endpoint, Expect, Family, Handshake, Host, Port};
pub use evaluation::{Evaluation, Grade};
pub use event::{Event, Happening};
pub use glance::{Glance, Saw};
pub use job::{Attempt, Finding, Job, Order, Phase, Report, Try};
pub use maintenance::{Maintenance, MaintenanceOf};
pub use moment::{MomentError, parse_moment, parse_moment_after};
pub use outage::{Closing, Outage};
pub use record::{AdHoc, CatalogEntry, Former, Gap, GapCause, Record};
pub use remark::Remark;
pub use schedule::Schedule;
pub use target::{Activity, Definition, ENDPOINTS_MAX, Target};
pub use time::{Mono, Now, Span, Wall};
pub use vantage::VantageId;
pub use zone::Zone;

use serde::{Deserialize, Serialize};

/// A target for as long as the store lives; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TargetId(pub u32);

/// An endpoint of a target for as long as the store lives; never reused. History is kept by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EndpointId(pub u32);

/// An outage for as long as the store lives; never reused, the same over restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OutageId(pub u64);
