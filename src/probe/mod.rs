//! The prober: resolves, connects, classifies and leaves politely, on a thread of its own.

use crate::domain::{Order, Report};
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
