//! Receivers behind https, among them some that are not who they should be.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::Ordering;

use futures::future::BoxFuture;

use super::*;
use crate::resolver::Lookup;

mod server;

use server::CERTIFICATE;

/// Whom the certificate is for.
const NAME: &str = "receiver.example";

/// The time for a handshake, too: on a busy machine that is more than the others take.
const LIMIT: Duration = Duration::from_secs(10);

/// Every name is one of this machine.
struct Here;

impl Lookup for Here {
    fn lookup(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) })
    }
}

/// What an attempt at this name comes to, for somebody who trusts the receiver's authority or only those that all trust.
async fn attempt_at_name(name: &str, address: SocketAddr, is_trusted: bool) -> AttemptOutcome {
    let policy = AddressPolicy::AllowLoopback;
    let client = if is_trusted {
        let mut roots = RootCertStore::empty();
        roots.add(CERTIFICATE.into()).unwrap();
        client_asking(CheckedResolver { policy, lookup: Arc::new(Here) }, roots, LIMIT)
    } else {
        client(policy, LIMIT)
    };
    let sender = Sender { time_limit: LIMIT, ..sender_with(client.unwrap(), policy) };
    let address = format!("https://{name}:{}/hooks", address.port());
    sender.attempt(&address, &signer(), &delivery()).await.unwrap().outcome
}

fn tls_error() -> AttemptOutcome {
    AttemptOutcome::Failed { error: AttemptError::TlsError, http_status: None, retry_after_seconds: None }
}

#[tokio::test]
async fn whom_a_trusted_authority_vouches_for_is_told() {
    let (address, posts) = server::start().await;
    let delivered = AttemptOutcome::Delivered { http_status: 200 };
    assert_eq!(attempt_at_name(NAME, address, true).await, delivered);
    assert_eq!(posts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whom_nobody_vouches_for_is_told_nothing() {
    let (address, posts) = server::start().await;
    assert_eq!(attempt_at_name("127.0.0.1", address, false).await, tls_error());
    assert_eq!(posts.load(Ordering::SeqCst), 0);
}

/// Its certificate is good, and somebody else's.
#[tokio::test]
async fn who_has_another_name_is_told_nothing() {
    let (address, posts) = server::start().await;
    for name in ["other.example", "sub.receiver.example", "127.0.0.1"] {
        assert_eq!(attempt_at_name(name, address, true).await, tls_error(), "{name}");
    }
    assert_eq!(posts.load(Ordering::SeqCst), 0);
}
