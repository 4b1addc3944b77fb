//! Where a webhook may connect: public addresses only, so that nobody can point us at our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the stage allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressPolicy {
    /// https to public addresses.
    PublicOnly,
    /// Also http and https to loopback, for a local stage and only there.
    AllowLoopback,
}

impl AddressPolicy {
    /// The policy of a stage that does or does not allow loopback.
    #[must_use]
    pub fn allowing_loopback(allowed: bool) -> Self {
        if allowed { Self::AllowLoopback } else { Self::PublicOnly }
    }

    /// Whether a connection to `address` is allowed.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::AllowLoopback && address.is_loopback())
    }
}

/// Whether an address is on the public internet. An IPv4 address inside an IPv6 one is judged itself.
/// Sources: IANA's special-purpose address registries for IPv4 and IPv6.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b)) // shared by carriers, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 224) // multicast, class E, broadcast
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    let global_unicast = (0x2000..0x4000).contains(&first);
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) // protocols (Teredo among them), documentation
        || (first == 0x3fff && second < 0x1000); // documentation
    global_unicast && !special
}

/// The IPv4 address that a mapped, compatible, 6to4 or NAT64 address stands for.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let join = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(join(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let public = [
            "8.8.8.8",
            "1.1.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ];
        let blocked = [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "64:ff9b::a00:1",
            "ff02::1",
            "64:ff9b:1::1",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in blocked {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn loopback_is_allowed_only_where_the_stage_says_so() {
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(AddressPolicy::AllowLoopback.allows(loopback));
        assert!(!AddressPolicy::PublicOnly.allows(loopback));
        assert!(!AddressPolicy::AllowLoopback.allows("10.0.0.1".parse().unwrap()));
    }
}
