//! What protects a browser: whose requests are taken, and what an answer allows.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use lambda_http::http;

/// Whether a request may change something: it comes from a page of this very origin. Browsers say so by themselves and pages cannot,
/// so no form carries a token. A request that says neither is refused.
pub fn may_change(method: &Method, headers: &HeaderMap, origin: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(from)) => from == origin,
        (None, None) => false,
    }
}

/// What a page may load and where its forms may go: nothing but this origin.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers that every page has.
pub fn protect(headers: &mut HeaderMap, is_tls: bool) {
    let fixed = [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("vary", "Cookie"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if is_tls {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(http::header::STRICT_TRANSPORT_SECURITY, year);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://pay.example.com";

    fn request(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        headers.iter().map(header).collect()
    }

    #[test]
    fn only_this_origins_own_pages_change_something() {
        for (headers, expected) in [
            (request(&[("sec-fetch-site", "same-origin")]), true),
            (request(&[("sec-fetch-site", "same-site")]), false),
            (request(&[("sec-fetch-site", "cross-site"), ("origin", HERE)]), false),
            (request(&[("sec-fetch-site", "none")]), false),
            (request(&[("origin", HERE)]), true),
            (request(&[("origin", "https://evil.example.com")]), false),
            (request(&[("origin", "null")]), false),
            (request(&[]), false),
        ] {
            assert_eq!(may_change(&Method::POST, &headers, HERE), expected, "{headers:?}");
            assert!(may_change(&Method::GET, &headers, HERE), "looking is free: {headers:?}");
        }
    }
}
