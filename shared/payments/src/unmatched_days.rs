//! What fits no transaction, day by day: of one provider, or of several as one list.

use futures::future::try_join_all;
use paywarden_domain::id::ProviderId;
use paywarden_domain::time::{Day, InvalidFilterTime, Timestamp, Zone};
use paywarden_domain::timeline::{Entry, Subject};
use paywarden_store::StoreError;
use paywarden_store::timeline::{TimelineReader, position};

/// Providers that are read at once.
const AT_ONCE: usize = 10;

/// A part of such a list.
#[derive(Debug, Clone, PartialEq)]
pub struct UnmatchedPage {
    /// The entries, oldest first, each with the provider that reported it.
    pub entries: Vec<(ProviderId, Entry)>,
    /// The position that the next part begins behind, if there is more.
    pub next: Option<String>,
}

/// From a day's first instant on the clocks of `zone` until before the next day's.
///
/// # Errors
/// [`InvalidFilterTime`] when the calendar has no such day.
pub fn bounds(zone: &Zone, day: Day) -> Result<(Timestamp, Timestamp), InvalidFilterTime> {
    let text = day.to_string();
    Ok((zone.filter_start(&text)?, zone.filter_end(&text)?))
}

/// Up to `limit` of what these providers reported from one moment until before another, behind the position `after`.
///
/// # Errors
/// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
pub async fn page(
    timeline: &TimelineReader,
    providers: &[ProviderId],
    (from, until): (Timestamp, Timestamp),
    after: Option<&str>,
    limit: u16,
) -> Result<UnmatchedPage, StoreError> {
    let after = after.map_or_else(|| from.to_string(), str::to_owned);
    let mut parts = Vec::new();
    for some in providers.chunks(AT_ONCE) {
        let read =
            some.iter().map(|provider| of_one(timeline, provider, (from, until), after.clone(), limit));
        parts.extend(try_join_all(read).await?);
    }
    Ok(merged(parts, usize::from(limit)))
}

/// One list of several. Behind the earliest place at which one of them was left, entries of it may come that were not read.
fn merged(parts: Vec<UnmatchedPage>, limit: usize) -> UnmatchedPage {
    let left_at = parts.iter().filter_map(|part| part.next.clone()).min();
    let mut entries: Vec<(String, ProviderId, Entry)> = parts
        .into_iter()
        .flat_map(|part| part.entries)
        .map(|(provider, entry)| (position(&entry), provider, entry))
        .filter(|(position, ..)| left_at.as_ref().is_none_or(|left_at| position <= left_at))
        .collect();
    entries.sort_by(|(one, first, _), (other, second, _)| (one, first).cmp(&(other, second)));
    let is_cut = entries.len() > limit;
    entries.truncate(limit);
    let last = entries.last().map(|(position, ..)| position.clone());
    UnmatchedPage {
        next: if is_cut { last } else { left_at },
        entries: entries.into_iter().map(|(_, provider, entry)| (provider, entry)).collect(),
    }
}

/// Reads the timelines that the time is in, one after the other.
async fn of_one(
    timeline: &TimelineReader,
    provider: &ProviderId,
    (from, until): (Timestamp, Timestamp),
    after: String,
    limit: u16,
) -> Result<UnmatchedPage, StoreError> {
    let mut entries = Vec::new();
    for subject in Subject::unmatched_between(provider, from, until) {
        let room = usize::from(limit).saturating_sub(entries.len());
        if room == 0 {
            // Full, and a further timeline to look into: it begins behind what was read.
            return Ok(UnmatchedPage { entries, next: subject.begins_at() });
        }
        let room = u16::try_from(room).unwrap_or(limit);
        let page = timeline.list_between(&subject, room, Some(&after), Some(until)).await?;
        entries.extend(page.entries.into_iter().map(|entry| (provider.clone(), entry)));
        if page.next.is_some() {
            return Ok(UnmatchedPage { entries, next: page.next });
        }
    }
    Ok(UnmatchedPage { entries, next: None })
}
