//! What streams could not bring on lies in a bucket, with its records in it; here it is handled as its function would have, and
//! goes.

mod bucket;
mod handle;
#[cfg(test)]
mod tests;

use anyhow::{Context, bail};
use paywarden_store::put_aside::PutAside;

use crate::stage::Stage;
use bucket::{Bucket, Kept};

/// What came of the bucket's objects.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Those that were handled, or can be.
    handled: usize,
    /// Those that stay.
    stay: usize,
}

/// Shows what lies in the bucket; handles it if that is wanted, the oldest first.
pub async fn run(stage: &Stage, yes: bool) -> anyhow::Result<()> {
    let bucket = Bucket::open(stage).await?;
    let stores = stage.stores_with_queues().await?;
    let handled = async |object: &PutAside| handle::see_to(&stores, &stage.name, object, yes).await;
    let Counts { handled, stay } = each(&bucket, yes, handled).await?;
    match (yes, stay) {
        (false, _) => println!("{} batches; with --yes they are handled", handled.saturating_add(stay)),
        (true, 0) => {
            bucket.quiet(stage).await?;
            println!("{handled} batches handled");
        }
        (true, stay) => bail!("{handled} batches handled, {stay} stay"),
    }
    Ok(())
}

/// Does `handled` with each object, the oldest first, and deletes it then, if that is wanted. One that cannot be handled stays,
/// is named, and keeps no other back.
async fn each(
    bucket: &impl Kept,
    yes: bool,
    handled: impl AsyncFn(&PutAside) -> anyhow::Result<()>,
) -> anyhow::Result<Counts> {
    let (mut objects, mut counts) = (Vec::new(), Counts::default());
    for key in bucket.keys().await? {
        match read(bucket, &key).await {
            Ok(object) => objects.push((key, object)),
            Err(error) => counts.stays(&key, &error),
        }
    }
    objects.sort_by(|(_, one), (_, other)| one.timestamp.cmp(&other.timestamp));
    for (key, object) in &objects {
        match handled(object).await {
            Ok(()) => counts.handled = counts.handled.saturating_add(1),
            Err(error) => {
                counts.stays(key, &error);
                continue;
            }
        }
        if yes {
            bucket.delete(key).await?;
        }
    }
    Ok(counts)
}

async fn read(bucket: &impl Kept, key: &str) -> anyhow::Result<PutAside> {
    let bytes = bucket.read(key).await?;
    serde_json::from_slice(&bytes).context("it is not what Lambda writes")
}

impl Counts {
    fn stays(&mut self, key: &str, error: &anyhow::Error) {
        println!("{key} stays: {error:#}");
        self.stay = self.stay.saturating_add(1);
    }
}
