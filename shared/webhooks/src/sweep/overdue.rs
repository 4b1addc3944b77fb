//! Those that wait for others longer than anything should: their errands are lost, among the dead letters perhaps.

use paywarden_domain::id::{DeliveryId, EndpointId};
use paywarden_domain::time::Timestamp;
use paywarden_domain::webhook::endpoint::Batching;
use paywarden_store::StoreError;
use paywarden_store::queue::Message;
use paywarden_store::webhooks::{Deliveries, GATHERING_SHARDS};

use super::{EVERY_SECONDS, PAGE};
use crate::gather;
use crate::pointer::HOLD_SECONDS;

/// The shard that a run looks at. As no two runs look at the same one for a while, nothing has to be written down: whoever has
/// been asked to gather has done so before it is looked at again.
fn shard(moment: Timestamp) -> u8 {
    let run = moment.as_seconds().div_euclid(EVERY_SECONDS);
    u8::try_from(run.rem_euclid(GATHERING_SHARDS.into())).unwrap_or_default()
}

/// What happened before this should not wait for others any more: no endpoint asks for longer, and behind that a message can come
/// again and again for a while before it is a dead letter.
fn limit(moment: Timestamp) -> Timestamp {
    moment.plus_seconds(-i64::from(Batching::MAX_SECONDS)).plus_seconds(-HOLD_SECONDS)
}

/// The errands for a page of endpoints, and the last of those if there may be more. Of each only the oldest is looked at, by its
/// id.
pub(super) async fn page(
    deliveries: &Deliveries,
    moment: Timestamp,
    mut after: Option<EndpointId>,
) -> Result<(Vec<Message>, Option<EndpointId>), StoreError> {
    let in_time = DeliveryId::first_at(limit(moment));
    let mut errands = Vec::new();
    for _ in 0..PAGE {
        let Some(oldest) = deliveries.next_gathering(shard(moment), after.as_ref()).await? else {
            return Ok((errands, None));
        };
        if oldest.delivery_id < in_time {
            errands.push(gather::errand_for_overdue(&oldest.endpoint_id));
        }
        after = Some(oldest.endpoint_id);
    }
    Ok((errands, after))
}
