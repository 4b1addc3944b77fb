//! Merchants' servers on loopback ports.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Instead of a status: the connection is closed without an answer.
pub const HANGS_UP: u16 = 0;

/// What a receiver was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub id: String,
    /// When the attempt says that it is made, in unix seconds.
    pub timestamp: i64,
    pub signature: String,
    pub body: String,
}

/// A receiver that remembers what it was sent.
pub struct Receiver {
    pub address: SocketAddr,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Receiver {
    /// One that answers these statuses one after the other, then 200.
    pub async fn answering(statuses: &'static [u16]) -> Self {
        let mut statuses = statuses.iter();
        Self::deciding(move |_| *statuses.next().unwrap_or(&200)).await
    }

    /// One whose answer depends on what it is sent.
    pub async fn deciding(mut status: impl FnMut(&Post) -> u16 + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posts = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posts);
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let post = read(&mut connection).await;
                let status = status(&post);
                kept.lock().unwrap().push(post);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                if status != HANGS_UP {
                    let _ = connection.write_all(answer.as_bytes()).await;
                }
                let _ = connection.shutdown().await;
            }
        });
        Self { address, posts }
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }

    pub fn received(&self) -> usize {
        self.posts.lock().unwrap().len()
    }

    /// The bodies that came under each delivery's id: there may never be two.
    pub fn bodies(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut bodies: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for post in self.posts() {
            bodies.entry(post.id).or_default().insert(post.body);
        }
        bodies
    }
}

pub async fn read(connection: &mut TcpStream) -> Post {
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = connection.read(&mut part).await.unwrap();
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let length = header("content-length").and_then(|length| length.parse().ok());
        if length == Some(body.len()) {
            let word = |name: &str| header(name).unwrap().to_owned();
            let timestamp = word("webhook-timestamp").parse().unwrap();
            let (id, signature) = (word("webhook-id"), word("webhook-signature"));
            return Post { id, timestamp, signature, body: body.to_owned() };
        }
        assert_ne!(read, 0, "the request ends too early: {text}");
    }
}
