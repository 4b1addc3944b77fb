//! Every version of a record was written once, one after the other: who reads one and writes the next relies on it.

use std::collections::BTreeMap;

use paywarden_store::transactions::stream::RecordChange;

use crate::world::World;

pub(super) fn check(world: &World) -> Vec<String> {
    let mut versions = BTreeMap::<_, Vec<u64>>::new();
    for change in &world.told.changes {
        if let RecordChange::Created(new) | RecordChange::Changed { new, .. } = change {
            versions.entry(&new.id).or_default().push(new.version);
        }
    }
    let torn = versions.iter().filter(|(_, told)| !(1..).zip(*told).all(|(version, one)| version == *one));
    torn.map(|(id, told)| format!("versions of {id}: {told:?}")).collect()
}
