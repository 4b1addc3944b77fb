//! Where the API is reached from outside.

use crate::request::ApiRequest;

/// The public address of the API: what an operator set for the stage, else what the gateway says.
#[derive(Debug, Clone, Default)]
pub struct PublicUrl(Option<String>);

impl PublicUrl {
    /// With the address that was set, if any was; it ends without a slash.
    #[must_use]
    pub fn new(set: Option<&str>) -> Self {
        Self(set.map(|url| url.trim_end_matches('/').to_owned()))
    }

    /// The address of `path` in the API.
    #[must_use]
    pub fn of(&self, request: &ApiRequest, path: &str) -> String {
        format!("{}{path}", self.0.as_deref().unwrap_or(&request.base_url))
    }

    /// The path of a request as the caller knows it, the stage's part included; signatures can cover it.
    #[must_use]
    pub fn path_of(&self, request: &ApiRequest) -> String {
        let url = self.of(request, &request.path);
        let without_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        match without_scheme.find('/') {
            Some(start) => without_scheme.get(start..).unwrap_or_default().to_owned(),
            None => request.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    #[test]
    fn what_was_set_goes_before_what_the_gateway_says() {
        let request = ApiRequest::new(Method::POST, "/callbacks/prv_1");
        let set = PublicUrl::new(Some("https://pay.example.com/"));
        assert_eq!(set.of(&request, "/x"), "https://pay.example.com/x");
        assert_eq!(set.path_of(&request), "/callbacks/prv_1");
        let unset = PublicUrl::new(None);
        assert_eq!(unset.of(&request, "/x"), "https://api.example.com/v1/x");
        assert_eq!(unset.path_of(&request), "/v1/callbacks/prv_1");
    }
}
