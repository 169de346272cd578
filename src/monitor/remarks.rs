//! Remarks of people on the timeline: they go into the log of events, and so does their withdrawal.

use super::message::{Refusal, Reply, RequestId};
use super::{Monitor, clean};
use crate::domain::{Happening, Now, TargetId, Wall, remark::REMARK_MAX};

impl Monitor {
    /// Writes one on the timeline of a target, which may have been removed meanwhile, or of all.
    pub(super) fn remark(
        &mut self,
        now: Now,
        request: RequestId,
        target: Option<TargetId>,
        about: Option<Wall>,
        text: &str,
    ) {
        let text = clean(text, REMARK_MAX).trim().to_owned();
        if text.is_empty() {
            return self.journal.reply(request, Reply::Refused(Refusal::NothingSaid));
        }
        self.tell_remark(now, request, target, Happening::Remarked { about: about.unwrap_or(now.wall), text });
    }

    /// Takes one back. The log keeps both; whoever shows remarks leaves it out.
    pub(super) fn withdraw_remark(
        &mut self,
        now: Now,
        request: RequestId,
        target: Option<TargetId>,
        about: Wall,
        text: &str,
    ) {
        self.tell_remark(now, request, target, Happening::RemarkWithdrawn { about, text: clean(text, REMARK_MAX) });
    }

    fn tell_remark(&mut self, now: Now, request: RequestId, target: Option<TargetId>, what: Happening) {
        let known = target.map(|id| self.catalog.entry(id).map(|entry| entry.target.clone()));
        let reply = match known {
            Some(None) => Reply::Refused(Refusal::NotWatched),
            whose => {
                self.journal.tell(now.wall, whose.flatten().as_ref(), what);
                self.version += 1;
                Reply::Done
            }
        };
        self.journal.reply(request, reply);
    }
}
