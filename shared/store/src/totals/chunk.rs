//! Changes of transactions that are written together.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::Put;
use paywarden_domain::counts::{Counts, CountsKey, count};
use paywarden_domain::id::TransactionId;
use paywarden_domain::totals::{Totals, TotalsKey, difference, merge};

use super::counted::{self, Counted};
use super::{Part, TotalsChange};
use crate::dynamo::number;

/// Actions that one atomic write takes.
const ACTIONS: usize = 100;

/// A change of one transaction, and what was counted of it so far.
#[derive(Clone)]
pub(super) struct Step {
    change: TotalsChange,
    /// The version that was counted, where that was read; else it is as the change says.
    read: Option<Option<u64>>,
}

impl Step {
    /// The change as of what was counted.
    pub(super) fn after_reading(change: &TotalsChange, counted: Option<Counted>) -> Self {
        let read = counted.as_ref().map(|counted| counted.version);
        let before = counted.map(|counted| counted.part).unwrap_or_default();
        Self { change: TotalsChange { before, ..change.clone() }, read: Some(read) }
    }

    pub(super) fn change(self) -> TotalsChange {
        self.change
    }

    /// Writes down what is counted from now on, unless something else was before.
    pub(super) fn put(&self, table: &str) -> Result<Put, BuildError> {
        let TotalsChange { transaction_id, version, before, after, .. } = &self.change;
        let counted = Counted { version: *version, part: after.clone() };
        let put = Put::builder().table_name(table).set_item(Some(counted.to_item(transaction_id)));
        let put = match self.read {
            Some(Some(read)) => {
                put.condition_expression("version = :read").expression_attribute_values(":read", number(read))
            }
            None if !before.is_empty() => put
                .condition_expression("counted = :before AND version < :version")
                .expression_attribute_values(":before", counted::lines(before))
                .expression_attribute_values(":version", number(*version)),
            None | Some(None) => put.condition_expression("attribute_not_exists(pk)"),
        };
        put.build()
    }

    /// The rows that it may write beside its own.
    fn rows(&self) -> impl Iterator<Item = Row> {
        [&self.change.before, &self.change.after].into_iter().flat_map(|part| {
            let counts = part.standing.iter().map(|standing| Row::Counts(standing.key.clone()));
            part.sums.keys().cloned().map(Row::Sums).chain(counts)
        })
    }
}

/// A row that many transactions add to.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Sums(TotalsKey),
    Counts(CountsKey),
}

/// The changes that add something, one for each transaction: from before the first of its versions to after the last.
pub(super) fn steps(changes: &[TotalsChange]) -> impl Iterator<Item = Step> {
    let mut steps: BTreeMap<&TransactionId, TotalsChange> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.moves()) {
        match steps.entry(&change.transaction_id) {
            Entry::Vacant(place) => {
                place.insert(change.clone());
            }
            Entry::Occupied(mut place) if change.version > place.get().version => {
                let step = place.get_mut();
                (step.version, step.after) = (change.version, change.after.clone());
            }
            Entry::Occupied(_) => {}
        }
    }
    steps.into_values().map(|change| Step { change, read: None })
}

/// Steps that are written together.
#[derive(Default)]
pub(super) struct Chunk {
    steps: Vec<Step>,
    rows: BTreeSet<Row>,
}

impl Chunk {
    pub(super) fn of(step: Step) -> Self {
        let mut chunk = Self::default();
        chunk.push(step);
        chunk
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn fits(&self, step: &Step) -> bool {
        let new_rows: BTreeSet<_> = step.rows().filter(|row| !self.rows.contains(row)).collect();
        self.steps.len().saturating_add(self.rows.len()).saturating_add(new_rows.len()) < ACTIONS
    }

    pub(super) fn push(&mut self, step: Step) {
        self.rows.extend(step.rows());
        self.steps.push(step);
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What all of them add to sums.
    pub(super) fn sums(&self) -> Totals {
        let mut sums = Totals::new();
        for Step { change, .. } in &self.steps {
            merge(&mut sums, difference(&change.before.sums, &change.after.sums));
        }
        sums
    }

    /// What all of them add to counts.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        let mut add = |part: &Part, by| {
            if let Some(standing) = &part.standing {
                count(&mut counts, standing, by);
            }
        };
        for Step { change, .. } in &self.steps {
            add(&change.before, -1);
            add(&change.after, 1);
        }
        counts
    }

    /// Takes the steps in these places out.
    pub(super) fn take(&mut self, places: &BTreeSet<usize>) -> Vec<Step> {
        let steps = std::mem::take(&mut self.steps).into_iter().enumerate();
        let (taken, left): (Vec<_>, Vec<_>) = steps.partition(|(place, _)| places.contains(place));
        self.steps = left.into_iter().map(|(_, step)| step).collect();
        taken.into_iter().map(|(_, step)| step).collect()
    }
}
