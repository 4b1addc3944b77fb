//! How transactions stand, by day of creation: one row for what is counted together, an attribute for each status.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::Update;
use paywarden_domain::counts::{Counts, CountsKey, Standing, count};
use paywarden_domain::id::{MerchantId, ProviderId};
use paywarden_domain::time::Day;
use paywarden_domain::vocabulary::{Method, Status};

use super::{NO_PROVIDER, TotalsTable};
use crate::StoreError;
use crate::dynamo::{Item, key2, number};

impl TotalsTable {
    /// How a merchant's transactions stand that were created from one day through another. The cost grows with days, providers
    /// and methods, not with transactions.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    pub async fn counts(
        &self,
        merchant: &MerchantId,
        shard_count: u16,
        from: Day,
        until: Day,
    ) -> Result<Counts, StoreError> {
        let mut counts = Counts::new();
        for month in from.months_until(until) {
            for shard in 0..shard_count.max(1) {
                let pk = partition(merchant, &month.month(), shard);
                for item in self.rows_of_days(&pk, (from, until)).await? {
                    for (standing, by) in self.read_counts(merchant, shard, &item)? {
                        count(&mut counts, &standing, by);
                    }
                }
            }
        }
        Ok(counts)
    }

    fn read_counts(
        &self,
        merchant: &MerchantId,
        shard: u16,
        item: &Item,
    ) -> Result<Vec<(Standing, i64)>, StoreError> {
        let sk = item.get("sk").and_then(|value| value.as_s().ok()).map_or("", String::as_str);
        let corrupt = || StoreError::Corrupt {
            table: self.table.clone(),
            key: sk.to_owned(),
            detail: "not a row of counts".to_owned(),
        };
        let key = parse_sort(merchant, shard, sk).ok_or_else(corrupt)?;
        let written = Status::ALL.iter().filter_map(|status| Some((*status, item.get(status.as_str())?)));
        written
            .map(|(status, value)| {
                let by = value.as_n().ok().and_then(|digits| digits.parse().ok()).ok_or_else(corrupt)?;
                Ok((Standing { key: key.clone(), status }, by))
            })
            .collect()
    }

    /// Adds to the counts of one row.
    pub(super) fn counting<'a>(
        &self,
        key: &CountsKey,
        counts: impl IntoIterator<Item = (&'a Status, &'a i64)>,
    ) -> Result<Update, BuildError> {
        let partition = partition(&key.merchant_id, &key.day.month(), key.shard);
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key2(("pk", &partition), ("sk", &sort(key, self.row)))));
        let mut additions = Vec::new();
        for (status, by) in counts {
            additions.push(format!("#{status} :{status}"));
            update = update
                .expression_attribute_names(format!("#{status}"), status.as_str())
                .expression_attribute_values(format!(":{status}"), number(by));
        }
        update.update_expression(format!("ADD {}", additions.join(", "))).build()
    }
}

fn partition(merchant: &MerchantId, month: &str, shard: u16) -> String {
    format!("{merchant}#counts#{month}#{shard}")
}

/// The first row has no number, as those of sums.
pub(super) fn sort(key: &CountsKey, row: u8) -> String {
    let provider = key.provider.as_ref().map_or(NO_PROVIDER, |provider| provider.as_str());
    let first = format!("{}#{provider}#{}", key.day, key.method);
    if row == 0 { first } else { format!("{first}#{row}") }
}

pub(super) fn parse_sort(merchant: &MerchantId, shard: u16, sk: &str) -> Option<CountsKey> {
    let mut parts = sk.split('#');
    let key = CountsKey {
        merchant_id: merchant.clone(),
        shard,
        day: Day::parse(parts.next()?).ok()?,
        provider: match parts.next()? {
            NO_PROVIDER => None,
            id => Some(ProviderId::parse(id).ok()?),
        },
        method: Method::parse(parts.next()?).ok()?,
    };
    let is_row = parts.next().is_none_or(|row| row.parse::<u8>().is_ok());
    (is_row && parts.next().is_none()).then_some(key)
}
