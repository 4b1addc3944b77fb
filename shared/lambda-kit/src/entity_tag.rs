//! Optimistic concurrency over HTTP: a row's version as its `ETag`, and `If-Match` against it (RFC 9110).

use http::header::{ETAG, HeaderValue, IF_MATCH};

use crate::answer::Answer;
use crate::problem::Problem;
use crate::request::ApiRequest;

impl Answer {
    /// The same answer with the version of what it shows.
    #[must_use]
    pub fn with_version(self, version: u64) -> Self {
        match HeaderValue::from_str(&format!("\"{version}\"")) {
            Ok(value) => self.with_header(ETAG, value),
            Err(_) => self,
        }
    }
}

impl ApiRequest {
    /// Checks `If-Match` against the version that is there. Without the header, any version will do.
    ///
    /// # Errors
    /// 412 when the caller has seen another version, 400 when the header is no entity tag.
    pub fn require_version(&self, version: u64) -> Result<(), Problem> {
        let Some(header) = self.headers.get(IF_MATCH) else {
            return Ok(());
        };
        let expected = || Problem::invalid("If-Match", "expected an ETag as it was answered, such as \"3\"");
        let text = header.to_str().map_err(|_| expected())?.trim();
        if text == "*" {
            return Ok(());
        }
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let seen: u64 = quoted.and_then(|text| text.parse().ok()).ok_or_else(expected)?;
        if seen == version { Ok(()) } else { Err(Problem::outdated(version)) }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn with(header: &'static str) -> ApiRequest {
        let mut request = ApiRequest::new(Method::PATCH, "/providers/prv_1");
        request.headers.insert(IF_MATCH, HeaderValue::from_static(header));
        request
    }

    #[test]
    fn only_the_version_that_was_seen_may_be_changed() {
        assert!(ApiRequest::new(Method::PATCH, "/").require_version(3).is_ok());
        assert!(with("*").require_version(3).is_ok());
        assert!(with("\"3\"").require_version(3).is_ok());
        assert_eq!(with("\"2\"").require_version(3).unwrap_err().status(), 412);
        for odd in ["3", "\"three\"", "W/\"3\"", "\"3\", \"4\""] {
            assert_eq!(with(odd).require_version(3).unwrap_err().status(), 400, "{odd}");
        }
    }
}
