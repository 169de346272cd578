//! Which columns a table of a given width has, and how wide each is.

/// Columns in front of the name: cursor, sign, blank, state, blank.
pub const LEAD: usize = 9;
/// Of a latency or a reason.
pub const LATENCY: usize = 8;
/// Of an uptime.
pub const UPTIME: usize = 6;
/// Of a duration.
pub const LASTING: usize = 6;
/// The longest strip: a cell for each half hour of a day.
const STRIP_MAX: usize = 48;
/// A strip shorter than this says nothing.
const STRIP_MIN: usize = 10;

/// How wide each column of the table is; `None` where it has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The name.
    pub name: usize,
    /// `host:port`.
    pub target: usize,
    /// The newest checks.
    pub spark: usize,
    /// The uptime of the window.
    pub uptime: Option<usize>,
    /// For how long it has stood so.
    pub lasting: Option<usize>,
    /// The outages of the window.
    pub strip: Option<usize>,
}

/// A way to divide a row, from the richest to the barest, with the least room that the target needs.
struct Plan {
    name: usize,
    spark: usize,
    uptime: Option<usize>,
    lasting: Option<usize>,
    target_min: usize,
}

const PLANS: [Plan; 6] = [
    Plan { name: 14, spark: 20, uptime: Some(UPTIME), lasting: Some(LASTING), target_min: 25 },
    Plan { name: 12, spark: 12, uptime: Some(UPTIME), lasting: Some(LASTING), target_min: 22 },
    Plan { name: 12, spark: 12, uptime: None, lasting: Some(LASTING), target_min: 22 },
    Plan { name: 12, spark: 8, uptime: None, lasting: Some(LASTING), target_min: 19 },
    Plan { name: 8, spark: 8, uptime: None, lasting: Some(LASTING), target_min: 15 },
    Plan { name: 8, spark: 8, uptime: None, lasting: None, target_min: 0 },
];

impl Columns {
    /// The columns of a table that is so wide.
    pub fn fit(width: usize) -> Self {
        let beside = |column: Option<usize>| column.map_or(0, |width| width + 1);
        let room = |plan: &Plan| {
            let fixed =
                LEAD + plan.name + 1 + 1 + LATENCY + 1 + plan.spark + beside(plan.uptime) + beside(plan.lasting);
            width.saturating_sub(fixed)
        };
        let plan = PLANS.iter().find(|plan| room(plan) >= plan.target_min).unwrap_or(&PLANS[PLANS.len() - 1]);
        let mut target = room(plan);
        let mut strip = None;
        if plan.target_min + 1 + STRIP_MIN <= target && plan.spark == PLANS[0].spark {
            let cells = (target - plan.target_min - 1).min(STRIP_MAX);
            strip = Some(cells);
            target -= cells + 1;
        }
        Self { name: plan.name, target, spark: plan.spark, uptime: plan.uptime, lasting: plan.lasting, strip }
    }

    /// How wide all of them are together.
    #[cfg(test)]
    fn total(&self) -> usize {
        let beside = |column: Option<usize>| column.map_or(0, |width| width + 1);
        let rest = beside(self.uptime) + beside(self.lasting) + beside(self.strip);
        LEAD + self.name + 1 + self.target + 1 + LATENCY + 1 + self.spark + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_in_their_order_as_the_table_gets_narrower() {
        let columns = |width: usize| {
            let fit = Columns::fit(width);
            (fit.name, fit.target, fit.spark, fit.uptime.is_some(), fit.lasting.is_some(), fit.strip.unwrap_or(0))
        };
        assert_eq!(columns(126), (14, 25, 20, true, true, 32));
        assert_eq!(columns(120), (14, 25, 20, true, true, 26));
        assert_eq!(columns(104), (14, 25, 20, true, true, 10));
        assert_eq!(columns(80), (12, 22, 12, true, true, 0));
        assert_eq!(columns(79), (12, 28, 12, false, true, 0));
        assert_eq!(columns(70), (12, 23, 8, false, true, 0));
        assert_eq!(columns(60), (8, 17, 8, false, true, 0));
    }

    #[test]
    fn the_columns_fill_the_table_and_no_more() {
        for width in 58..300 {
            assert_eq!(Columns::fit(width).total(), width);
        }
    }
}
