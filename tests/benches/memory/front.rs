//! A front for the tables: the ledger behind it is as long as one likes, for its rows are made when they are read. Everything
//! else is answered by the tables themselves.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The number in what is made, as the template has it.
pub const NUMBER: &str = "000000000";

/// A ledger of so many rows, all made of one.
pub struct Ledger {
    /// The item of one row, as the wire has it.
    pub item: String,
    pub rows: usize,
}

/// Opens a front before these tables; answers where it is.
pub async fn open(tables: &str, ledger: Ledger) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (tables, ledger) = (tables.trim_start_matches("http://").to_owned(), Arc::new(ledger));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, tables.clone(), Arc::clone(&ledger)));
        }
    });
    endpoint
}

/// Answers the requests of one client until it goes.
async fn serve(client: TcpStream, tables: String, ledger: Arc<Ledger>) {
    let (mut client, mut tables) =
        (BufReader::new(client), BufReader::new(TcpStream::connect(tables).await.unwrap()));
    while let Some((head, body)) = message(&mut client).await {
        let answer = match ledger.answer(&head, &body) {
            Some(answer) => answer,
            None => {
                tables.write_all(head.as_bytes()).await.unwrap();
                tables.write_all(&body).await.unwrap();
                let (head, body) = message(&mut tables).await.unwrap();
                [head.as_bytes(), &body].concat()
            }
        };
        client.write_all(&answer).await.unwrap();
    }
}

/// The head and the body of the next request or answer.
async fn message(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.unwrap();
    Some((head, body))
}

impl Ledger {
    /// A page of the ledger, if one is asked for. The position in a page's answer is the number of its next row.
    fn answer(&self, head: &str, body: &[u8]) -> Option<Vec<u8>> {
        let asked: Value = serde_json::from_slice(body).ok()?;
        if !head.contains(".Query\r") || asked["TableName"] != "LedgerTable" {
            return None;
        }
        let first = asked["ExclusiveStartKey"]["sk"]["S"].as_str().map_or(0, |sk| sk.parse().unwrap());
        let is_first_shard = asked.to_string().contains("#0\"");
        let end = if is_first_shard { self.rows.min(first + 1_000) } else { first };
        let items: Vec<String> = (first..end).map(|number| self.row(number)).collect();
        let position = json!({"pk": {"S": "-"}, "sk": {"S": end.to_string()}});
        let last = if end < self.rows && is_first_shard {
            format!(",\"LastEvaluatedKey\":{position}")
        } else {
            String::new()
        };
        let body = format!("{{\"Count\":{},\"Items\":[{}]{last}}}", items.len(), items.join(","));
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length:";
        Some(format!("{head} {}\r\n\r\n{body}", body.len()).into_bytes())
    }

    fn row(&self, number: usize) -> String {
        self.item.replace(NUMBER, &format!("{number:09}"))
    }
}
