//! Names that have other addresses each time that somebody asks.
//!
//! A stage that allows loopback stands in for the public internet here: 127.0.0.1 is where it lets us connect, and every other
//! address that leads to this machine stands for our own network. Nothing here leaves the machine.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::BoxFuture;

use super::*;
use crate::resolver::Lookup;

const ALLOWED: &str = "127.0.0.1";

/// Leads to this machine as well, and is not allowed anywhere.
const OWN: &str = "0.0.0.0";

/// One answer after the other, the last one for ever; counts how often it is asked.
struct Changing {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Lookup for Changing {
    fn lookup(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let last = answers.len() == 1;
        let answer = if last { answers.front().cloned() } else { answers.pop_front() };
        Box::pin(async move { Ok(answer.unwrap()) })
    }
}

/// A receiver on all addresses of this machine, and a sender that asks for its name.
struct Receiver {
    port: u16,
    connections: Arc<AtomicUsize>,
    lookup: Arc<Changing>,
    sender: Sender,
}

impl Receiver {
    /// Whose name has these addresses, one answer after the other.
    async fn named(policy: AddressPolicy, answers: &[&[&str]]) -> Self {
        let listener = TcpListener::bind("[::]:0").await;
        let listener = match listener {
            Ok(listener) => listener,
            // A machine without IPv6.
            Err(_) => TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                // Nobody speaks TLS here: that somebody has come is all that is asked.
                let _ = connection.read(&mut [0; 4096]).await;
                let _ = connection.write_all(b"no\r\n\r\n").await;
            }
        });
        let parsed = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let answers = Mutex::new(answers.iter().map(parsed).collect());
        let lookup = Arc::new(Changing { answers, asked: AtomicUsize::new(0) });
        let resolver = CheckedResolver { policy, lookup: Arc::clone(&lookup) as Arc<dyn Lookup> };
        let client = client_asking(resolver, RootCertStore::empty(), Duration::from_millis(400)).unwrap();
        Self { port, connections, lookup, sender: sender_with(client, policy) }
    }

    /// What an attempt fails with, and how many lookups and connections there were by then.
    async fn attempt(&self) -> (AttemptError, usize, usize) {
        let address = format!("https://receiver.example:{}/hooks", self.port);
        let attempt = self.sender.attempt(&address, &signer(), &delivery()).await.unwrap();
        let asked = self.lookup.asked.load(Ordering::SeqCst);
        (failure(&attempt).0, asked, self.connections.load(Ordering::SeqCst))
    }
}

/// Were the name asked for once more between check and connection, the second answer would be dialled.
#[tokio::test]
async fn what_is_dialled_is_what_was_checked() {
    let receiver = Receiver::named(AddressPolicy::AllowLoopback, &[&[ALLOWED], &[OWN]]).await;
    assert_eq!(receiver.attempt().await, (AttemptError::TlsError, 1, 1), "one lookup, one connection");
    assert_eq!(receiver.attempt().await, (AttemptError::BlockedAddress, 2, 1), "nobody comes");
}

#[tokio::test]
async fn every_attempt_is_judged_by_the_answer_that_it_got() {
    let answers: &[&[&str]] = &[&[OWN], &[ALLOWED], &["10.0.0.1"], &[ALLOWED], &[OWN]];
    let receiver = Receiver::named(AddressPolicy::AllowLoopback, answers).await;
    let blocked = AttemptError::BlockedAddress;
    let expected = [
        (blocked, 1, 0),
        (AttemptError::TlsError, 2, 1),
        (blocked, 3, 1),
        (AttemptError::TlsError, 4, 2),
        (blocked, 5, 2),
        (blocked, 6, 2),
    ];
    for expected in expected {
        assert_eq!(receiver.attempt().await, expected);
    }
}

#[tokio::test]
async fn one_bad_address_among_good_ones_condemns_the_name() {
    let mixed: [&[&str]; 5] = [
        &[ALLOWED, OWN],
        &[OWN, ALLOWED],
        &[ALLOWED, "169.254.169.254"],
        &["8.8.8.8", ALLOWED, "fd00::1"],
        &["2606:4700::1111", "::ffff:10.0.0.1"],
    ];
    for answer in mixed {
        let receiver = Receiver::named(AddressPolicy::AllowLoopback, &[answer]).await;
        assert_eq!(receiver.attempt().await, (AttemptError::BlockedAddress, 1, 0), "{answer:?}");
    }
}

/// What leads to this machine by another spelling, and what a gateway would translate into our own network.
#[tokio::test]
async fn addresses_within_addresses_are_judged_by_what_they_stand_for() {
    let disguised = [
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::1",
        "::",
    ];
    for address in disguised {
        for policy in [AddressPolicy::PublicOnly, AddressPolicy::AllowLoopback] {
            let receiver = Receiver::named(policy, &[&[address]]).await;
            assert_eq!(receiver.attempt().await, (AttemptError::BlockedAddress, 1, 0), "{address}");
        }
    }
}

#[tokio::test]
async fn where_only_the_internet_is_allowed_a_name_of_this_machine_is_not() {
    for address in [ALLOWED, "::1", OWN] {
        let receiver = Receiver::named(AddressPolicy::PublicOnly, &[&[address]]).await;
        assert_eq!(receiver.attempt().await, (AttemptError::BlockedAddress, 1, 0), "{address}");
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_unknown() {
    let receiver = Receiver::named(AddressPolicy::PublicOnly, &[&[]]).await;
    assert_eq!(receiver.attempt().await, (AttemptError::DnsError, 1, 0));
}
