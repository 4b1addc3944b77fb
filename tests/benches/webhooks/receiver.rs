//! Merchants' servers on one loopback port: they keep connections, answer 200 at once, and remember when each delivery came. Who
//! is asked for under `/hangs` takes the post and says nothing.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// When deliveries came, by their ids.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

pub struct Receiver {
    pub address: SocketAddr,
    arrivals: Arrivals,
}

impl Receiver {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let arrivals = Arrivals::default();
        let shared = Arc::clone(&arrivals);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Self { address, arrivals }
    }

    /// When a delivery first came.
    pub fn arrival(&self, id: &str) -> Option<Instant> {
        self.arrivals.lock().unwrap().get(id).copied()
    }

    pub fn count(&self) -> usize {
        self.arrivals.lock().unwrap().len()
    }
}

async fn serve(connection: TcpStream, arrivals: Arrivals) {
    connection.set_nodelay(true).unwrap();
    let mut connection = BufReader::new(connection);
    while let Some((id, hangs)) = read(&mut connection).await {
        arrivals.lock().unwrap().entry(id).or_insert_with(Instant::now);
        if hangs {
            let _ = connection.read(&mut [0; 1]).await;
            return;
        }
        if connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.is_err() {
            return;
        }
    }
}

/// The id of the next post, and whether it is for who hangs; `None` when the other side has gone.
async fn read(connection: &mut BufReader<TcpStream>) -> Option<(String, bool)> {
    let (mut id, mut hangs, mut length, mut line) = (String::new(), false, 0, String::new());
    loop {
        line.clear();
        connection.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        hangs |= text.starts_with("POST /hangs");
        if let Some(value) = text.strip_prefix("webhook-id: ") {
            value.clone_into(&mut id);
        }
        if let Some(value) = text.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    connection.read_exact(&mut vec![0; length]).await.ok()?;
    Some((id, hangs))
}
