//! What a browser sent: the parameters of an address, the fields of a form, the file that came with it.

use std::convert::Infallible;

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::Multipart;

/// Longest form that is read, in bytes, its file included. Lambda takes six megabytes, in which the gateway may have to wrap it.
pub const LONGEST_FORM: usize = 4 * 1024 * 1024;

/// A file of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub bytes: Bytes,
}

/// Reads a form of either encoding: its fields, and its file if it has one that was chosen. What cannot be read has no fields.
pub async fn form(headers: &HeaderMap, body: &[u8]) -> (Asked, Option<File>) {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match multer::parse_boundary(kind) {
        Ok(boundary) => parts(boundary, body).await.unwrap_or_default(),
        Err(_) => (Asked::of_form(body), None),
    }
}

async fn parts(boundary: String, body: &[u8]) -> Result<(Asked, Option<File>), multer::Error> {
    let body = Bytes::copy_from_slice(body);
    let stream = futures::stream::once(async { Ok::<_, Infallible>(body) });
    let mut multipart = Multipart::new(stream, boundary);
    let (mut pairs, mut file) = (Vec::new(), None);
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) if !file_name.is_empty() => {
                file = Some(File { name: file_name, bytes: field.bytes().await? });
            }
            Some(_) => {}
            // A form comes in the encoding of its page, which is UTF-8.
            None => pairs.push((name, String::from_utf8_lossy(&field.bytes().await?).into_owned())),
        }
    }
    Ok((Asked::new(pairs), file))
}

/// Names and values in the order they came; a name may come several times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(Vec<(String, String)>);

impl Asked {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The fields of a form.
    pub fn of_form(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// What was given under a name; an empty text counts as nothing.
    pub fn get(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().find(|(found, value)| found == name && !value.trim().is_empty());
        given.map(|(_, value)| value.trim())
    }

    /// The same, and nothing as an empty text.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Everything that was given under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.0.iter().filter(move |(found, _)| found == name);
        given.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As a query string, of the names that `keep` wants.
    pub fn query(&self, keep: impl Fn(&str) -> bool) -> String {
        let kept = self.pairs().filter(|(name, value)| keep(name) && !value.trim().is_empty());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of_parts(parts: &str) -> (HeaderMap, String) {
        let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
        (HeaderMap::from_iter([(CONTENT_TYPE, kind)]), format!("{}--b--\r\n", parts.replace('\n', "\r\n")))
    }

    #[tokio::test]
    async fn a_form_has_fields_and_a_file() {
        let (headers, body) = of_parts(
            "--b\nContent-Disposition: form-data; name=\"provider_id\"\n\nprv_1\n\
             --b\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\nContent-Type: text/csv\n\nid;amount\n1;2\n\n",
        );
        let (asked, file) = form(&headers, body.as_bytes()).await;
        assert_eq!(asked.get("provider_id"), Some("prv_1"));
        let file = file.expect("a file");
        assert_eq!((file.name.as_str(), file.bytes.as_ref()), ("a.csv", b"id;amount\r\n1;2\r\n".as_slice()));
    }

    #[tokio::test]
    async fn a_file_that_was_not_chosen_is_none_and_garbage_is_an_empty_form() {
        let (headers, body) =
            of_parts("--b\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\n\n\n");
        assert_eq!(form(&headers, body.as_bytes()).await, (Asked::default(), None));
        assert_eq!(form(&headers, b"garbage").await, (Asked::default(), None));
        let (asked, _) = form(&HeaderMap::new(), b"a=1&a=2").await;
        assert_eq!(asked.all("a").collect::<Vec<_>>(), ["1", "2"]);
    }
}
