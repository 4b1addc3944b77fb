//! Where a client may call from: ranges of IP addresses, as CIDR writes them (RFC 4632, section 3.1).

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    /// The first address.
    first: IpAddr,
    /// How many bits are the same.
    bits: u8,
}

/// A text that is no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IP address, or a range such as 203.0.113.0/24 with nothing behind its prefix")]
pub struct InvalidRange;

impl AddressRange {
    /// Reads a range; an address alone is a range of one.
    ///
    /// # Errors
    /// [`InvalidRange`], also when bits behind the prefix are set: whoever writes `203.0.113.7/24` may mean one address or 256.
    pub fn parse(text: &str) -> Result<Self, InvalidRange> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(digits(bits)?)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| InvalidRange)?;
        let width = width(first);
        let range = Self { first, bits: bits.unwrap_or(width) };
        // An IPv4 address in IPv6's clothes is compared as what it is, so a range of such would hold nothing.
        let is_plain = first.to_canonical() == first;
        let is_whole = range.bits <= width && range.prefix(first) == Some(number(first));
        if is_plain && is_whole { Ok(range) } else { Err(InvalidRange) }
    }

    /// Whether an address is in it. An IPv4 address inside an IPv6 one is looked at itself.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.first) && self.prefix(address) == Some(number(self.first))
    }

    /// The address with the bits behind the prefix cleared.
    fn prefix(&self, address: IpAddr) -> Option<u128> {
        let behind = u32::from(width(address).checked_sub(self.bits)?);
        let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
        Some(number(address) & mask)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// A number without sign or leading zeros.
fn digits(text: &str) -> Result<u8, InvalidRange> {
    let number: u8 = text.parse().map_err(|_| InvalidRange)?;
    if number.to_string() == text { Ok(number) } else { Err(InvalidRange) }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.first, self.bits)
    }
}

impl TryFrom<String> for AddressRange {
    type Error = InvalidRange;

    fn try_from(text: String) -> Result<Self, InvalidRange> {
        Self::parse(&text)
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

/// The ranges that a client may call from; none of them is anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addresses(pub Vec<AddressRange>);

impl Addresses {
    /// Most ranges of a client: they travel in every one of its tokens.
    pub const LIMIT: usize = 20;

    /// Whether nothing is ruled out.
    #[must_use]
    pub fn is_anywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a call from `address` is allowed. One that came from nowhere known is allowed from anywhere only.
    #[must_use]
    pub fn allow(&self, address: Option<IpAddr>) -> bool {
        let contains = |address| self.0.iter().any(|range| range.contains(address));
        self.is_anywhere() || address.is_some_and(contains)
    }
}
