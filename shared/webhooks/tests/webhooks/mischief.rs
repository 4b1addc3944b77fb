//! A receiver that misbehaves on command.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::receiver::{self, Post};

/// What it does with a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mischief {
    /// It answers with this status.
    Answers(u16),
    /// It answers 429, perhaps with how many seconds it wants to be left alone.
    IsBusy(Option<u32>),
    /// It sends whoever asks to itself.
    Redirects,
    /// It takes the post and says nothing.
    Hangs,
    /// It says a letter of its answer now and then.
    Drips,
    /// It cuts the connection off without a word.
    Resets,
    /// It closes the connection behind the head of its answer.
    ClosesBehindHead,
    /// It answers 200 and goes on for a megabyte.
    Rambles,
    /// It answers 200 after longer than most take.
    IsSlow,
    /// It answers 200 a moment before the time is over.
    IsLate,
}

/// More than the time after which an endpoint is known as slow.
const SLOW: Duration = Duration::from_millis(1500);

/// Less than the time that an attempt has, by what a machine that is busy with other tests may add.
const LATE: Duration = Duration::from_millis(13_500);

/// Between two letters.
const DRIP: Duration = Duration::from_millis(500);

const RAMBLING: usize = 1024 * 1024;

/// A receiver with a list of what it does, one post after the other; behind that it answers 200.
pub struct Mischievous {
    pub address: SocketAddr,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Mischievous {
    pub async fn doing(list: &'static [Mischief]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let posts = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&posts);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, address, list, Arc::clone(&kept)));
            }
        });
        Self { address, posts }
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }
}

/// Somebody who answers whatever he hears with these bytes and hangs up.
pub async fn saying(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(bytes).await;
            let _ = connection.shutdown().await;
        }
    });
    address
}

async fn serve(
    mut connection: TcpStream,
    address: SocketAddr,
    list: &'static [Mischief],
    posts: Arc<Mutex<Vec<Post>>>,
) {
    let post = receiver::read(&mut connection).await;
    let number = {
        let mut posts = posts.lock().unwrap();
        posts.push(post);
        posts.len() - 1
    };
    let head = |status: u16, more: &str, length: usize| {
        format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n")
    };
    let answer = match list.get(number).copied().unwrap_or(Mischief::Answers(200)) {
        Mischief::Answers(status) => head(status, "", 0),
        Mischief::IsBusy(None) => head(429, "", 0),
        Mischief::IsBusy(Some(seconds)) => head(429, &format!("retry-after: {seconds}\r\n"), 0),
        Mischief::Redirects => head(302, &format!("location: http://{address}/elsewhere\r\n"), 0),
        Mischief::Hangs => return until_left(connection).await,
        Mischief::Drips => return drip(connection).await,
        Mischief::Resets => return connection.set_zero_linger().unwrap(),
        Mischief::ClosesBehindHead => head(200, "", 10),
        Mischief::Rambles => head(200, "", RAMBLING) + &"x".repeat(RAMBLING),
        Mischief::IsSlow => late(SLOW, head(200, "", 0)).await,
        Mischief::IsLate => late(LATE, head(200, "", 0)).await,
    };
    let _ = connection.write_all(answer.as_bytes()).await;
    let _ = connection.shutdown().await;
}

async fn late(wait: Duration, answer: String) -> String {
    tokio::time::sleep(wait).await;
    answer
}

/// Says nothing until the other side gives up.
async fn until_left(mut connection: TcpStream) {
    let _ = connection.read(&mut [0; 1]).await;
}

async fn drip(mut connection: TcpStream) {
    for letter in "HTTP/1.1 200 X\r\nx-slow: ".bytes().chain(std::iter::repeat(b'x')) {
        if connection.write_all(&[letter]).await.is_err() {
            return;
        }
        tokio::time::sleep(DRIP).await;
    }
}
