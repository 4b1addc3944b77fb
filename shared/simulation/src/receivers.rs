//! Merchants' servers on one loopback port, each at a path of its own and with its own manners.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use paywarden_domain::id::EndpointId;
use paywarden_domain::webhook::EventType;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::dice::Dice;

/// What a receiver does with a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It answers with this status.
    Answers(u16),
    /// It asks for this many seconds of patience.
    AsksToWait(u32),
    /// It closes the connection without an answer.
    HangsUp,
    /// It answers 200 and does not stop talking.
    Rambles,
}

/// Everything but a good answer.
const TROUBLES: [Reaction; 6] = [
    Reaction::Answers(500),
    Reaction::Answers(302),
    Reaction::Answers(404),
    Reaction::AsksToWait(1200),
    Reaction::HangsUp,
    Reaction::Rambles,
];

const GONE: u16 = 410;

/// Of a hundred receivers so many are in trouble for so long that they are spared.
const LONG_PERCENT: usize = 5;

/// How a receiver behaves: what it does with its first posts, and with all that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    pub events: Vec<EventType>,
    first: Vec<Reaction>,
    then: Reaction,
}

impl Manner {
    /// The first endpoint always wants to hear of payments and their changes, and is never gone: what it was told last is
    /// compared.
    pub(crate) fn drawn(dice: &mut Dice, number: usize) -> Self {
        use EventType::{TransactionCreated, TransactionUpdated};
        let wanted: [&[EventType]; 3] = [EventType::DEFAULT, &[TransactionCreated], &[TransactionUpdated]];
        let events = if number == 0 { EventType::DEFAULT } else { *dice.pick(&wanted) };
        let troubles = if dice.happens(LONG_PERCENT) { 8 + dice.below(20) } else { dice.below(4) };
        let first = (0..troubles).map(|_| *dice.pick(&TROUBLES)).collect();
        let ends =
            [Reaction::Answers(200), Reaction::Answers(200), Reaction::Answers(503), Reaction::Answers(GONE)];
        let then = *dice.pick(if number == 0 { &ends[..3] } else { &ends[..] });
        Self { events: events.to_vec(), first, then }
    }

    /// Somebody who wants to hear the same, and has no troubles.
    pub(crate) fn of_the_well(&self) -> Self {
        Self { events: self.events.clone(), first: Vec::new(), then: Reaction::Answers(200) }
    }

    /// Whether it ever says that it wants to hear no more.
    #[must_use]
    pub fn is_ever_gone(&self) -> bool {
        self.then == Reaction::Answers(GONE)
    }

    fn reaction(&self, posts_before: usize) -> Reaction {
        self.first.get(posts_before).copied().unwrap_or(self.then)
    }
}

/// What a receiver was sent, and what it did with it.
#[derive(Debug, Clone)]
pub struct Post {
    pub endpoint: String,
    pub id: String,
    pub timestamp: i64,
    pub signature: String,
    pub body: String,
    pub reaction: Reaction,
}

#[derive(Default)]
struct Known {
    manners: BTreeMap<String, Manner>,
    posts: Vec<Post>,
}

/// The servers.
pub struct Receivers {
    address: SocketAddr,
    known: Arc<Mutex<Known>>,
    server: tokio::task::JoinHandle<()>,
}

impl Receivers {
    /// Servers on a free port, with nobody behind them yet.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let known = Arc::<Mutex<Known>>::default();
        let shared = Arc::clone(&known);
        let server = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { address, known, server }
    }

    /// Lets somebody be behind an endpoint; answers the address.
    pub fn open_at(&self, endpoint: &EndpointId, manner: &Manner) -> String {
        lock(&self.known).manners.insert(endpoint.to_string(), manner.clone());
        format!("http://{}/{endpoint}", self.address)
    }

    /// Everything that came, in order.
    #[must_use]
    pub fn posts(&self) -> Vec<Post> {
        lock(&self.known).posts.clone()
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(known: &Mutex<Known>) -> std::sync::MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves a connection until somebody closes it.
async fn serve(mut connection: TcpStream, known: Arc<Mutex<Known>>) {
    while let Some(request) = read(&mut connection).await {
        let reaction = received(&known, &request);
        let answer = match reaction {
            Reaction::Answers(status) => answer(status, "", 0),
            Reaction::AsksToWait(seconds) => answer(429, &format!("retry-after: {seconds}\r\n"), 0),
            Reaction::Rambles => answer(200, "", RAMBLING),
            Reaction::HangsUp => return,
        };
        if connection.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Bytes of an answer that is too long.
const RAMBLING: usize = 20_000;

fn answer(status: u16, headers: &str, length: usize) -> String {
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{}", "x".repeat(length))
}

fn received(known: &Mutex<Known>, request: &str) -> Reaction {
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let endpoint = path.trim_start_matches('/').to_owned();
    let header = |name: &str| {
        let found = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        found.unwrap_or_default().to_owned()
    };
    let mut known = lock(known);
    let before = known.posts.iter().filter(|post| post.endpoint == endpoint).count();
    let reaction = known.manners.get(&endpoint).map_or(Reaction::HangsUp, |one| one.reaction(before));
    known.posts.push(Post {
        endpoint,
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap_or_default(),
        signature: header("webhook-signature"),
        body: body.to_owned(),
        reaction,
    });
    reaction
}

/// One request; `None` when the other side has closed the connection.
async fn read(connection: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut part = vec![0; 16 * 1024];
    loop {
        let read = connection.read(&mut part).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.and_then(|length| length.parse().ok()) == Some(body.len()) {
                return Some(text.into_owned());
            }
        }
    }
}
