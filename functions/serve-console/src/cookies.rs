//! Cookies: read from a request, written to an answer. All of them are of this host only, for this site's own requests, and out of
//! reach of scripts.

use http::HeaderMap;
use http::header::COOKIE;

/// The access token of who signed in.
pub const ACCESS: &str = "__Host-pw_access";
/// The refresh token of their session.
pub const SESSION: &str = "__Host-pw_session";
/// What a sign-in at the identity provider has to bring back.
pub const SIGN_IN: &str = "__Host-pw_sign_in";

/// A cookie of a request.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
}

/// The `set-cookie` of a value that is kept for so many seconds.
pub fn set(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Lax")
}

/// The `set-cookie` that ends a cookie.
pub fn forget(name: &str) -> String {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; __Host-pw_access=abc.def"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-pw_session=pwr_1"));
        assert_eq!(find(&headers, ACCESS), Some("abc.def"));
        assert_eq!(find(&headers, SESSION), Some("pwr_1"));
        assert_eq!(find(&headers, SIGN_IN), None);
    }

    #[test]
    fn what_is_ended_has_no_value_left() {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("__Host-pw_access="))]);
        assert_eq!(find(&headers, ACCESS), None);
        assert!(forget(ACCESS).starts_with("__Host-pw_access=; Path=/; Max-Age=0;"));
    }
}
