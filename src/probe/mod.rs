//! The prober: resolves, connects, classifies and leaves politely, on a thread of its own.

mod check;
mod classify;
mod connect;
mod leave;
mod limits;
mod pace;
mod pulse;
mod resolve;
mod self_check;
mod serve;
mod silent;
mod tcp_info;
mod verdict;

pub use limits::{Limits, raise_descriptor_limit};

use crate::domain::{Order, Report};
use serve::Desk;
use std::io;
use tokio::sync::mpsc;

/// How many orders and reports may wait.
const QUEUE_MAX: usize = 16_384;

/// The near end of a prober: orders in, reports out. At the far end is this host's probing thread,
/// an agent elsewhere, or a script.
#[derive(Debug)]
pub struct Prober {
    /// What is wanted.
    pub orders: mpsc::Sender<Order>,
    /// What was found.
    pub reports: mpsc::Receiver<Report>,
}

/// The far end of a prober.
#[derive(Debug)]
pub struct Far {
    /// What is wanted.
    pub orders: mpsc::Receiver<Order>,
    /// What was found.
    pub reports: mpsc::Sender<Report>,
}

/// Both ends of a prober.
pub fn pair() -> (Prober, Far) {
    let (order_sender, orders) = mpsc::channel(QUEUE_MAX);
    let (reports, report_receiver) = mpsc::channel(QUEUE_MAX);
    (Prober { orders: order_sender, reports: report_receiver }, Far { orders, reports })
}

/// Starts this host's prober on a thread of its own, which ends when the orders or the reports are
/// dropped and never makes anyone wait for it.
///
/// # Errors
/// When the system grants no thread or no event queue.
pub fn spawn(limits: Limits) -> io::Result<Prober> {
    let (near, far) = pair();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    std::thread::Builder::new().name("probe".to_owned()).spawn(move || {
        runtime.block_on(Desk::new(&limits, far.reports).serve(far.orders));
        // A look-up may still be waiting for a dead resolver; nobody waits for it.
        runtime.shutdown_background();
    })?;
    Ok(near)
}
