//! Fees and taxes as runs counted them, and the exceptions behind what differs.

use std::collections::{BTreeMap, VecDeque};

use paywarden_domain::id::{MerchantId, ProviderId, RunId};
use paywarden_domain::reconciliation::Outcome;
use paywarden_domain::reconciliation::exception::Exception;
use paywarden_domain::reconciliation::fees::{DIFFERING, MonthCheck};
use paywarden_domain::reconciliation::row::Kind;
use paywarden_domain::time::{Day, Timestamp, Zone};
use paywarden_domain::vocabulary::Service;
use paywarden_store::StoreError;
use paywarden_store::reconciliation::Reconciliation;

/// Pages that one answer reads.
const MAX_READS: usize = 40;

/// Providers' months.
pub type Checks = BTreeMap<ProviderId, MonthCheck>;

/// An exception about a fee or a tax.
pub struct DifferingRow {
    /// The day on which it counts.
    pub day: Day,
    /// Of the payment, if that is known.
    pub service: Option<Service>,
    pub exception: Exception,
}

/// A part of what differs.
pub struct DifferingPage {
    pub rows: Vec<DifferingRow>,
    /// Where the next part begins, if there may be more.
    pub next: Option<String>,
}

/// What runs counted of a month, `YYYY-MM`, of a provider.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub async fn check(
    table: &Reconciliation,
    merchant: &MerchantId,
    provider: &ProviderId,
    month: &str,
) -> Result<MonthCheck, StoreError> {
    Ok(MonthCheck::of(&table.fee_sheets(merchant, provider, month).await?))
}

/// The exceptions behind what differs in these months, of a service or of all, by provider, run, outcome and id, from behind the
/// position `after`: a page may be short and have a next one. Days are those of the zone.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub async fn differing(
    table: &Reconciliation,
    checks: &Checks,
    (service, zone): (Option<Service>, &Zone),
    after: Option<&str>,
    limit: usize,
) -> Result<DifferingPage, StoreError> {
    let (from, behind) = after.and_then(|after| after.split_once('|')).unwrap_or_default();
    let mut left: VecDeque<_> = places(checks).split_off(from).into_iter().collect();
    // Where that place is gone, the next one is begun at its beginning.
    let is_there = left.front().is_some_and(|(key, _)| key == from);
    let mut behind = Some(behind.to_owned()).filter(|behind| is_there && !behind.is_empty());
    let mut page = DifferingPage { rows: Vec::new(), next: None };
    for _ in 0..MAX_READS {
        let Some((key, Place { check, run, outcome })) = left.front() else {
            return Ok(page);
        };
        if page.rows.len() >= limit {
            break;
        }
        let room = u16::try_from(limit.saturating_sub(page.rows.len())).unwrap_or(u16::MAX);
        let found = table.findings(run, Some(*outcome), behind.as_deref(), room).await?;
        let rows = found.exceptions.into_iter().filter_map(|exception| row(exception, zone));
        let counts = |row: &DifferingRow| check.days.get(&row.day) == Some(*run);
        page.rows.extend(rows.filter(counts).filter(|row| service.is_none() || row.service == service));
        behind = found.next;
        page.next = behind.as_ref().map(|behind| format!("{key}|{behind}"));
        if behind.is_none() {
            left.pop_front();
            page.next = left.front().map(|(key, _)| format!("{key}|"));
        }
    }
    Ok(page)
}

/// Where to look.
struct Place<'a> {
    check: &'a MonthCheck,
    run: &'a RunId,
    outcome: Outcome,
}

/// Every outcome of every run in which something differs, in order.
fn places(checks: &Checks) -> BTreeMap<String, Place<'_>> {
    let mut places = BTreeMap::new();
    for (provider, check) in checks {
        for run in &check.differing_in {
            for outcome in DIFFERING {
                places.insert(format!("{provider}#{run}#{outcome}"), Place { check, run, outcome });
            }
        }
    }
    places
}

/// An exception as a row, if it is about a fee or a tax.
fn row(exception: Exception, zone: &Zone) -> Option<DifferingRow> {
    let about = exception.ledger.as_ref().or(exception.statement.as_ref())?;
    match Kind::parse(&about.fields.kind).ok()? {
        Kind::Transfer => None,
        Kind::Fee | Kind::Tax => Some(DifferingRow {
            day: zone.day_of(Timestamp::parse(&about.fields.at).ok()?),
            service: about.method.map(|method| method.service()),
            exception,
        }),
    }
}
