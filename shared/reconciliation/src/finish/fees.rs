//! Fees and taxes of a run, counted while its report is written.

use std::collections::HashMap;

use paywarden_domain::reconciliation::BookSide;
use paywarden_domain::reconciliation::fees::{FeeRow, FeeSheet, JudgedBy, MonthSheet};
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::reconciliation::run::{Manifest, Run};
use paywarden_domain::time::{Day, Timestamp};
use paywarden_domain::vocabulary::Service;

use crate::files::OutcomeRow;

/// Where a row of the ledger counts: its business day and the payment's service.
type Where = (Day, Option<Service>);

/// What was counted so far. Two bytes are held for each row of the ledger: a statement's row counts where its counterpart does.
pub struct RunFees {
    from: Day,
    until: Day,
    sheet: FeeSheet,
    places: Vec<Where>,
    numbers: HashMap<Where, u16>,
    /// By ordinal: the number of the place in `places`, from 1; zero for none.
    of_ledger: Vec<u16>,
}

impl RunFees {
    /// Nothing so far.
    pub fn of(run: &Run) -> Self {
        Self {
            from: run.scope.from,
            until: run.scope.until,
            sheet: FeeSheet::default(),
            places: Vec::new(),
            numbers: HashMap::new(),
            of_ledger: Vec::new(),
        }
    }

    /// Looks at a row of the report. The ledger's rows come first.
    pub fn look_at(&mut self, outcome: &OutcomeRow) {
        let work = &outcome.row.work;
        let Ok(row) = &outcome.row.row else {
            return;
        };
        if row.kind() == Kind::Transfer {
            return;
        }
        let own = work.day().map(|day| (day, work.method().map(|method| method.service())));
        let side = work.side();
        let place = match side {
            BookSide::Ledger => {
                self.remember(work.ordinal(), own);
                own
            }
            BookSide::Statement => self.of_counterpart(outcome.counterpart).or(own),
        };
        // The ledger's row of another day is counted by the run that judges it, and so is its counterpart.
        let Some(place) = place.filter(|(day, _)| (self.from..=self.until).contains(day)) else {
            return;
        };
        let is_paired = outcome.counterpart != 0;
        self.sheet.add(place, FeeRow { side, row, outcome: outcome.outcome, is_paired });
    }

    fn remember(&mut self, ordinal: u32, place: Option<Where>) {
        let (Some(place), Ok(index)) = (place, usize::try_from(ordinal)) else {
            return;
        };
        let next = u16::try_from(self.places.len().saturating_add(1)).unwrap_or_default();
        let number = *self.numbers.entry(place).or_insert(next);
        if number == next {
            self.places.push(place);
        }
        if self.of_ledger.len() <= index {
            self.of_ledger.resize(index.saturating_add(1), 0);
        }
        if let Some(slot) = self.of_ledger.get_mut(index) {
            *slot = number;
        }
    }

    fn of_counterpart(&self, ordinal: u32) -> Option<Where> {
        let number = self.of_ledger.get(usize::try_from(ordinal).ok()?)?;
        self.places.get(usize::from(number.checked_sub(1)?)).copied()
    }

    /// What the run counted, by month.
    pub fn months(&self, run: &Run, manifest: &Manifest, finished_at: Timestamp) -> Vec<MonthSheet> {
        let judged_by = JudgedBy { run_id: run.id.clone(), from: self.from, until: self.until, finished_at };
        let is_stated = |kind| manifest.inputs.has(BookSide::Statement, kind);
        self.sheet.months(&judged_by, is_stated(Kind::Fee), is_stated(Kind::Tax))
    }
}
