//! Addresses an endpoint may have: https on a sensible port to a host that is not ours.

use std::net::IpAddr;

use url::{Host, Url};

use crate::webhook::address::AddressPolicy;

/// Longest address, in bytes.
pub const MAX_URL_BYTES: usize = 1024;

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Not an absolute address.
    #[error("expected an absolute https address of at most {MAX_URL_BYTES} bytes")]
    NotAnAddress,
    /// Another scheme.
    #[error("expected https")]
    NotHttps,
    /// A name or password in it.
    #[error("expected no user name and no password in the address")]
    UserInfo,
    /// A port that belongs to other services.
    #[error("expected port 443 or one from 1024")]
    Port,
    /// An address that is not on the public internet.
    #[error("expected a host on the public internet")]
    NotPublic,
}

/// Reads an endpoint's address. A host name is judged again, by what it resolves to, at every attempt.
///
/// # Errors
/// [`UrlProblem`].
pub fn parse(text: &str, policy: AddressPolicy) -> Result<Url, UrlProblem> {
    if text.len() > MAX_URL_BYTES {
        return Err(UrlProblem::NotAnAddress);
    }
    let url = Url::parse(text).map_err(|_| UrlProblem::NotAnAddress)?;
    let host = url.host().ok_or(UrlProblem::NotAnAddress)?;
    let local = policy == AddressPolicy::AllowLoopback && is_loopback(&host);
    if url.scheme() != "https" && !(local && url.scheme() == "http") {
        return Err(UrlProblem::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlProblem::UserInfo);
    }
    if !matches!(url.port_or_known_default(), Some(443 | 1024..)) && !local {
        return Err(UrlProblem::Port);
    }
    if literal(&host).is_some_and(|address| !policy.allows(address)) || (is_loopback(&host) && !local) {
        return Err(UrlProblem::NotPublic);
    }
    Ok(url)
}

/// The address that a host is written as, if it is not a name.
#[must_use]
pub fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_public_hosts_on_sensible_ports() {
        use UrlProblem::{NotAnAddress, NotHttps, NotPublic, Port, UserInfo};
        let cases = [
            ("https://shop.example/hooks", None),
            ("https://shop.example:8443/hooks?x=1", None),
            ("https://8.8.8.8/", None),
            ("http://shop.example/", Some(NotHttps)),
            ("ftp://shop.example/", Some(NotHttps)),
            ("https://user@shop.example/", Some(UserInfo)),
            ("https://u:p@shop.example/", Some(UserInfo)),
            ("https://shop.example:22/", Some(Port)),
            ("https://10.0.0.1/", Some(NotPublic)),
            ("https://0x7f000001/", Some(NotPublic)),
            ("https://2130706433/", Some(NotPublic)),
            ("https://[::1]/", Some(NotPublic)),
            ("https://[::ffff:10.0.0.1]/", Some(NotPublic)),
            ("https://169.254.169.254/latest", Some(NotPublic)),
            ("https://localhost/", Some(NotPublic)),
            ("https://api.localhost/", Some(NotPublic)),
            ("shop.example", Some(NotAnAddress)),
            ("https://", Some(NotAnAddress)),
            ("", Some(NotAnAddress)),
        ];
        for (text, problem) in cases {
            assert_eq!(parse(text, AddressPolicy::PublicOnly).err(), problem, "{text}");
        }
        assert_eq!(
            parse(&format!("https://a/{}", "x".repeat(1024)), AddressPolicy::PublicOnly),
            Err(NotAnAddress)
        );
    }

    #[test]
    fn a_local_stage_may_use_http_on_loopback_and_nothing_else() {
        assert!(parse("http://127.0.0.1:80/hook", AddressPolicy::AllowLoopback).is_ok());
        assert_eq!(parse("http://10.0.0.1:9000/", AddressPolicy::AllowLoopback), Err(UrlProblem::NotHttps));
        assert_eq!(parse("https://10.0.0.1:9000/", AddressPolicy::AllowLoopback), Err(UrlProblem::NotPublic));
    }
}
