//! Name resolution that gives only addresses we may connect to. The client dials what this gives and resolves nothing
//! again, so what was checked is what is dialled.

use std::io;
use std::net::SocketAddr;

use paywarden_domain::webhook::address::AddressPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves through the system and checks every address.
pub struct CheckedResolver {
    pub policy: AddressPolicy,
}

/// A host with an address that is not allowed.
#[derive(Debug, thiserror::Error)]
#[error("the host resolves to an address that is not on the public internet")]
pub struct BlockedAddress;

/// A host that has no address.
#[derive(Debug, thiserror::Error)]
#[error("the host's name does not resolve")]
pub struct UnknownHost(#[source] Option<io::Error>);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            // The port is the connector's business; 0 stands for it here.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|error| UnknownHost(Some(error)))?.collect();
            if found.is_empty() {
                return Err(UnknownHost(None).into());
            }
            // One bad address condemns the host: which of them is dialled is not ours to choose.
            if found.iter().any(|address| !policy.allows(address.ip())) {
                return Err(BlockedAddress.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
