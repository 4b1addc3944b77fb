//! Bodies of deliveries, compressed: with that a delivery is below the kilobyte that one write unit covers.

use std::io::{Read, Write};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::StoreError;
use crate::dynamo::{Item, text};

const BODY: &str = "body";

/// The longest body that is read: more than a row can hold uncompressed.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Puts the body of an item in its small form.
pub(super) fn pack(mut item: Item) -> Item {
    let packed = item.get(BODY).and_then(|body| body.as_s().ok()).and_then(|body| deflate(body));
    item.extend(packed.map(|bytes| (BODY.to_owned(), AttributeValue::B(Blob::new(bytes)))));
    item
}

/// Puts it back as it was.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn unpack(table: &str, key: &str, mut item: Item) -> Result<Item, StoreError> {
    let Some(AttributeValue::B(packed)) = item.get(BODY) else {
        return Ok(item);
    };
    let body = inflate(packed.as_ref()).ok_or_else(|| StoreError::Corrupt {
        table: table.to_owned(),
        key: key.to_owned(),
        detail: "the body cannot be unpacked".to_owned(),
    })?;
    item.insert(BODY.to_owned(), text(body));
    Ok(item)
}

/// `None` where writing into memory fails, which it does not; the body stays as it is then.
fn deflate(body: &str) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).ok()?;
    encoder.finish().ok()
}

fn inflate(packed: &[u8]) -> Option<String> {
    let mut body = String::new();
    DeflateDecoder::new(packed).take(MAX_BYTES).read_to_string(&mut body).ok()?;
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_byte_by_byte_and_is_smaller() {
        let body = r#"{"transactions": [{"name": "Kopi \u00e9 é 漢", "amount": 10000}]}"#.repeat(9);
        let item = Item::from([(BODY.to_owned(), text(body.as_str()))]);
        let packed = pack(item.clone());
        assert!(packed[BODY].as_b().unwrap().as_ref().len() * 4 < body.len());
        assert_eq!(unpack("webhooks", "whe_1", packed).unwrap(), item);
    }

    #[test]
    fn what_is_no_packed_body_is_told() {
        let item = Item::from([(BODY.to_owned(), AttributeValue::B(Blob::new([255_u8; 9])))]);
        assert!(matches!(unpack("webhooks", "whe_1", item), Err(StoreError::Corrupt { .. })));
        let plain = Item::from([(BODY.to_owned(), text("{}"))]);
        assert_eq!(unpack("webhooks", "whe_1", plain.clone()).unwrap(), plain);
    }
}
