//! The endpoints of a target with more than one, each with what its newest checks found.

use super::recent::mark_of;
use super::round::{self, Ballot};
use super::snapshot::{Latest, Mark, MemberView, RECENT_MARKS, RoundView};
use crate::domain::{Check, EndpointId, Evaluation, Finding, Outcome, Target};
use std::collections::VecDeque;
use std::sync::Arc;

/// The endpoints of a target, in its order; none where the target is its only endpoint.
#[derive(Debug, Default)]
pub(super) struct Members {
    each: Vec<Member>,
    /// Why the newest verdict is what it is.
    pub(super) why: String,
}

#[derive(Debug)]
struct Member {
    id: EndpointId,
    latest: Option<Arc<Latest>>,
    marks: VecDeque<Mark>,
}

impl Members {
    /// The endpoints that the target has now; what is known of those that stay is kept.
    pub(super) fn follow(&mut self, target: &Target) {
        let mut known = std::mem::take(&mut self.each);
        if target.round_id.is_none() {
            self.why.clear();
            return;
        }
        self.each = target
            .endpoint_ids
            .iter()
            .map(|&id| match known.iter().position(|member| member.id == id) {
                Some(place) => known.swap_remove(place),
                None => Member { id, latest: None, marks: VecDeque::with_capacity(RECENT_MARKS) },
            })
            .collect();
    }

    /// Takes in the newest check of an endpoint.
    pub(super) fn take(&mut self, latest: Latest) {
        let Some(member) = self.each.iter_mut().find(|member| member.id == latest.check.endpoint) else { return };
        member.mark(&latest.check);
        member.latest = Some(Arc::new(latest));
    }

    /// Takes in checks of the run before, oldest first.
    pub(super) fn remember(&mut self, checks: &[Check]) {
        for check in checks {
            self.take(Latest { check: check.clone(), finding: Finding::remembered(check) });
        }
    }

    /// Says again why a verdict of the past was what it was, where the checks behind it and the rule of today come to
    /// the same. What a script said nobody has written down.
    pub(super) fn explain(&mut self, target: &Target, verdict: &Check) {
        let Some(id) = target.round_id.filter(|_| !matches!(target.definition.evaluation, Evaluation::Script(_)))
        else {
            return;
        };
        let ballot = |(id, endpoint)| {
            let latest = self.each.iter().find(|member| member.id == id)?.latest.as_ref()?;
            let Latest { check, finding } = latest.as_ref();
            (check.at >= verdict.at).then(|| Ballot::new(endpoint, check.clone(), finding.clone()))
        };
        let Some(ballots) = target.endpoints().map(ballot).collect::<Option<Vec<_>>>() else { return };
        let said = round::decided(id, &target.definition, &ballots);
        let is_same = match (said.check.outcome, verdict.outcome) {
            (Outcome::Open(one), Outcome::Open(other)) => one.clocked == other.clocked,
            (one, other) => !one.is_open() && one.reason() == other.reason(),
        };
        if is_same {
            self.why = said.why;
        }
    }

    pub(super) fn view(&self) -> Option<Arc<RoundView>> {
        let view = |member: &Member| MemberView {
            endpoint: member.id,
            latest: member.latest.clone(),
            recent: member.marks.iter().copied().collect(),
        };
        let is_shown = !self.each.is_empty();
        is_shown.then(|| Arc::new(RoundView { members: self.each.iter().map(view).collect(), why: self.why.clone() }))
    }
}

impl Member {
    fn mark(&mut self, check: &Check) {
        if self.marks.len() == RECENT_MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back(mark_of(check));
    }
}
