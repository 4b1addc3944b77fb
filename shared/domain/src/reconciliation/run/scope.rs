//! What a run compares, and the id that follows from it.

use serde::{Deserialize, Serialize};

use crate::id::{MerchantId, ProviderId, RunId, StatementId};
use crate::reconciliation::Rules;
use crate::reconciliation::rules::RULES_VERSION;
use crate::time::Day;

/// What a run compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunScope {
    pub merchant_id: MerchantId,
    pub provider_id: ProviderId,
    /// The first business day.
    pub from: Day,
    /// The last business day.
    pub until: Day,
    /// The day by which the statements are complete; without it, that of their last row.
    pub as_of: Option<Day>,
    /// The statements, in the order of their ids.
    pub statement_ids: Vec<StatementId>,
    /// What counts as equal.
    pub rules: Rules,
    /// Whether it leaves no trace but its report.
    pub dry_run: bool,
}

impl RunScope {
    /// Days before the window in which a row of the statement may have its counterpart, besides the settlement lag.
    const MARGIN_DAYS: u32 = 7;
    /// Days that one run may span.
    pub const MAX_DAYS: i32 = 92;
    /// Statements that one run may take.
    pub const MAX_STATEMENTS: usize = 100;

    /// The id of the run that compares this. `contents` tells each statement's bytes and reading.
    #[must_use]
    pub fn run_id(&self, contents: &[String]) -> RunId {
        let mut contents: Vec<&str> = contents.iter().map(String::as_str).collect();
        contents.sort_unstable();
        let as_of = self.as_of.map(|day| day.to_string()).unwrap_or_default();
        let rules = serde_json::to_string(&self.rules).unwrap_or_default();
        let parts = [
            self.merchant_id.to_string(),
            self.provider_id.to_string(),
            self.from.to_string(),
            self.until.to_string(),
            as_of,
            rules,
            RULES_VERSION.to_string(),
            self.dry_run.to_string(),
        ];
        let parts: Vec<&[u8]> =
            parts.iter().map(String::as_bytes).chain(contents.iter().map(|text| text.as_bytes())).collect();
        RunId::derived("run/1", &parts)
    }

    /// Whether a business day is one of those that are judged. Rows of the days around them are counterparts only.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        (self.from..=self.until).contains(&day)
    }

    /// The business days of the ledger that are looked through for counterparts: settlement takes its time, and a
    /// provider's clocks may be a day ahead.
    #[must_use]
    pub fn ledger_days(&self) -> (Day, Day) {
        let margin = self.rules.lag_days.saturating_mul(2).saturating_add(Self::MARGIN_DAYS);
        (self.from.plus_days(0_i32.saturating_sub_unsigned(margin)), self.until.plus_days(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> RunScope {
        RunScope {
            merchant_id: MerchantId::derived("test", &[b"merchant"]),
            provider_id: ProviderId::derived("test", &[b"provider"]),
            from: Day::parse("2026-11-18").unwrap(),
            until: Day::parse("2026-11-20").unwrap(),
            as_of: None,
            statement_ids: vec![StatementId::derived("test", &[b"statement"])],
            rules: Rules::default(),
            dry_run: false,
        }
    }

    #[test]
    fn all_that_decides_the_result_decides_the_id_and_the_order_of_statements_does_not() {
        let contents = ["a".to_owned(), "b".to_owned()];
        let id = scope().run_id(&contents);
        assert_eq!(scope().run_id(&["b".to_owned(), "a".to_owned()]), id);
        let day = Day::parse("2026-11-21").unwrap();
        let others = [
            RunScope { until: day, ..scope() },
            RunScope { from: day, ..scope() },
            RunScope { as_of: Some(day), ..scope() },
            RunScope { dry_run: true, ..scope() },
            RunScope { rules: Rules { tolerance_minor: 1, ..Rules::default() }, ..scope() },
            RunScope { provider_id: ProviderId::derived("test", &[b"other"]), ..scope() },
            RunScope { merchant_id: MerchantId::derived("test", &[b"other"]), ..scope() },
        ];
        for other in others {
            assert_ne!(other.run_id(&contents), id, "{other:?}");
        }
        assert_ne!(scope().run_id(&["a".to_owned()]), id);
        let same_statement_by_another_name =
            RunScope { statement_ids: vec![StatementId::derived("test", &[b"copy"])], ..scope() };
        assert_eq!(same_statement_by_another_name.run_id(&contents), id);
    }

    #[test]
    fn counterparts_are_looked_for_around_the_window() {
        let (first, last) = scope().ledger_days();
        assert_eq!((first.to_string(), last.to_string()), ("2026-11-07".to_owned(), "2026-11-21".to_owned()));
    }
}
