//! Checks without their figures: of a chunk only the columns are read that tell when and how each ended.

use super::base::Item;
use super::chunk::{Kind, SPAN_MAX, Shape};
use super::error::{ReadError, Trouble};
use super::key::{self, Series};
use super::reader::Reader;
use super::unpack::{glance_at, head};
use crate::domain::{Check, EndpointId, Failure, Glance, Outcome, Span, Timing, VantageId, Wall};
use std::time::Duration;

impl Reader<'_> {
    /// What the checks of an endpoint that started in the span say about time, oldest first. It takes a
    /// fraction of the time that [`Reader::checks`] takes.
    pub fn glances(&self, endpoint: EndpointId, vantage: VantageId, span: Span) -> Result<Vec<Glance>, ReadError> {
        let of = (endpoint, vantage);
        let mut glances = Vec::new();
        self.asked(|| self.sealed_glances(of, span, &mut glances))?;
        let open = self.ledger.series.get(&of).map(|progress| &progress.packer);
        if let Some(packer) = open.filter(|packer| !packer.is_empty() && packer.first() < span.to)
            && glance_at(of, &packer.bytes_sealed(), &mut glances).is_none()
        {
            self.damage.borrow_mut().add("open chunks of checks");
        }
        glances.extend(self.waiting_checks(of).map(Glance::from));
        glances.retain(|glance| span.contains(glance.at));
        // Only a wall clock that was set back makes this more than a look.
        glances.sort_by_key(|glance| glance.at);
        Ok(glances)
    }

    fn sealed_glances(&self, of: Series, span: Span, glances: &mut Vec<Glance>) -> Result<(), Trouble> {
        // A chunk may start before the span and reach into it.
        let from = key::chunk(of, span.from - SPAN_MAX, 0);
        for item in self.ledger.base.chunk.range(&from, &key::chunk(of, span.to, 0)) {
            match item? {
                Item::Good(_, body) if head(&body).is_some_and(|head| head.last < span.from) => {}
                Item::Good(_, body) if glance_at(of, &body, glances).is_some() => {}
                _ => self.damage.borrow_mut().add("chunks of checks"),
            }
        }
        Ok(())
    }
}

/// What every check of a shape says about time; the moment is that of nobody.
pub(super) fn glance_of((endpoint, vantage): Series, shape: &Shape) -> Glance {
    let &Shape { kind, address, tried, answered, .. } = shape;
    let outcome = match kind {
        Kind::Open { clocked, syn_lost } => Outcome::Open(Timing { connect: Duration::ZERO, clocked, syn_lost }),
        Kind::Failed { reason, place, errno, name, syn_lost } => {
            Outcome::Failed(Failure { reason, place, errno, name, after: Duration::ZERO, syn_lost })
        }
        Kind::Inconclusive(fault) => Outcome::Inconclusive(fault),
    };
    let at = Wall::default();
    Glance::from(&Check { endpoint, vantage, at, outcome, dns: None, address, tried, answered })
}
