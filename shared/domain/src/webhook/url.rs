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
    if literal(&host).is_some_and(|address| !policy.allows(address)) || (is_private_name(&host) && !local) {
        return Err(UrlProblem::NotPublic);
    }
    Ok(url)
}

/// Names, and the ends of names, that no public server has: RFC 6761, RFC 6762, RFC 8375, and ICANN's resolution 2024.07.29.06.
/// What they resolve to would be refused, too; who types one hears it at once.
const PRIVATE_NAMES: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];

fn is_private_name(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else {
        return false;
    };
    // A dot behind a name says that it is whole.
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends_in =
        |private: &str| name.strip_suffix(private).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PRIVATE_NAMES.iter().any(|private| ends_in(private))
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
            ("https://shop.example./hooks", None),
            ("https://internal.shop.example/", None),
            ("https://nolocal/", None),
            ("https://bücher.example/", None),
            ("https://shop.example:0/", Some(Port)),
            ("https://shop.example:65536/", Some(NotAnAddress)),
            ("https://shop.example:443@10.0.0.1/", Some(UserInfo)),
            ("https://@shop.example/", None),
            ("file:///etc/passwd", Some(NotAnAddress)),
            ("javascript:alert(1)", Some(NotAnAddress)),
            ("HTTP://shop.example/", Some(NotHttps)),
        ];
        for (text, problem) in cases {
            assert_eq!(parse(text, AddressPolicy::PublicOnly).err(), problem, "{text}");
        }
        assert_eq!(
            parse(&format!("https://a/{}", "x".repeat(1024)), AddressPolicy::PublicOnly),
            Err(NotAnAddress)
        );
    }

    /// The ways to write an address that is not public so that it does not look like one.
    const DISGUISED: &[&str] = &[
        "https://127.1/",
        "https://127.0.1/",
        "https://0/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://000012.0.0.1/",
        "https://3232235777/",
        "https://0xa9fea9fe/",
        "https://127.0.0.1./",
        "https://%31%30.0.0.1/",
        "https://10.0.0%2e1/",
        "https://127。0。0。1/",
        "https://127．0．0．1/",
        "https://１２７.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://10.0.0\n.1/",
        "https://10.0\t.0.1/",
        " https://10.0.0.1/ ",
        "https:\\\\10.0.0.1\\",
        "https:10.0.0.1/",
        "https://[::]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[0:0:0:0:0:ffff:7f00:1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:0:10.0.0.1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[64:ff9b:1::10.0.0.1]/",
        "https://[2002:a00:1::]/",
        "https://[2001:0:a00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://localhost./",
        "https://LOCALHOST/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://api.localhost./",
        "https://printer.local/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://metadata.google.internal./",
        "https://router.home.arpa/",
    ];

    /// What looks like an address and is none.
    const BROKEN: &[&str] = &[
        "https://[fe80::1%25eth0]/",
        "https://[::1",
        "https://1.2.3.4.5/",
        "https://256.0.0.1/",
        "https://exa mple/",
    ];

    #[test]
    fn addresses_in_disguise_are_what_they_are() {
        for text in DISGUISED {
            assert_eq!(parse(text, AddressPolicy::PublicOnly), Err(UrlProblem::NotPublic), "{text:?}");
        }
        for text in BROKEN {
            assert_eq!(parse(text, AddressPolicy::PublicOnly), Err(UrlProblem::NotAnAddress), "{text:?}");
        }
    }

    #[test]
    fn a_local_stage_may_use_http_on_loopback_and_nothing_else() {
        assert!(parse("http://127.0.0.1:80/hook", AddressPolicy::AllowLoopback).is_ok());
        assert_eq!(parse("http://10.0.0.1:9000/", AddressPolicy::AllowLoopback), Err(UrlProblem::NotHttps));
        assert_eq!(parse("https://10.0.0.1:9000/", AddressPolicy::AllowLoopback), Err(UrlProblem::NotPublic));
    }
}
