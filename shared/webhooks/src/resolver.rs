//! Name resolution that gives only addresses we may connect to. The client dials what this gives and resolves nothing
//! again, so what was checked is what is dialled.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::future::BoxFuture;
use paywarden_domain::webhook::address::AddressPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks names up.
pub trait Lookup: Send + Sync {
    /// The addresses that a name has now.
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// Asks the system.
pub struct SystemLookup;

/// Looks names up and checks every address.
pub struct CheckedResolver {
    pub policy: AddressPolicy,
    pub lookup: Arc<dyn Lookup>,
}

/// A host with an address that is not allowed.
#[derive(Debug, thiserror::Error)]
#[error("the host resolves to an address that is not on the public internet")]
pub struct BlockedAddress;

/// A host that has no address.
#[derive(Debug, thiserror::Error)]
#[error("the host's name does not resolve")]
pub struct UnknownHost(#[source] Option<io::Error>);

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            // A lookup wants a port, which is the connector's business; 0 stands for it.
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, looking) = (self.policy, self.lookup.lookup(name.as_str().to_owned()));
        Box::pin(async move {
            let found = looking.await.map_err(|error| UnknownHost(Some(error)))?;
            if found.is_empty() {
                return Err(UnknownHost(None).into());
            }
            // One bad address condemns the host: which of them is dialled is not ours to choose.
            if found.iter().any(|address| !policy.allows(*address)) {
                return Err(BlockedAddress.into());
            }
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
