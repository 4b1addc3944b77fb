//! Rings of keys.

use anyhow::bail;
use paywarden_domain::secret;
use paywarden_store::system::SystemEntropy;

use crate::stage::Stage;

/// Adds a key to a ring and makes it the active one.
pub async fn rotate(stage: &Stage, ring: &str) -> anyhow::Result<()> {
    if !["signing-keys", "cursor-keys"].contains(&ring) {
        bail!("expected signing-keys or cursor-keys");
    }
    let secret_id = format!("paywarden-{}-{ring}", stage.name);
    let mut members = stage.keys.read(&secret_id).await?;
    let id = format!("k{}", members.len());
    members.insert(id.clone(), secret::generate(&SystemEntropy));
    members.insert("active".to_owned(), id.clone());
    stage.keys.write(&secret_id, &members).await?;
    println!("{id} signs from now on");
    Ok(())
}
