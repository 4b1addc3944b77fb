//! The rules, as tables.

use std::net::IpAddr;

use super::*;
use crate::entropy::Entropy;
use crate::id::PersonId;
use crate::secret;

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

fn client(role: Role, scopes: Option<&[Scope]>) -> Client {
    let (id, merchant) = (ClientId::derived("test", &[b"c"]), MerchantId::derived("test", &[b"m"]));
    let client = Client::new(id, merchant, "Shop".to_owned(), role, secret::hash("first", &Zeros), at(0));
    Client { scopes: scopes.map(<[Scope]>::to_vec), ..client }
}

#[test]
fn a_client_has_its_roles_scopes_or_some_of_them() {
    use Scope::{LogsRead, ProvidersRead, ReconciliationRead, TransactionsRead};
    let finance = Role::Finance.scopes();
    let cases: [(Option<&[Scope]>, Vec<Scope>); 3] = [
        (None, finance.to_vec()),
        (Some(&[ReconciliationRead, TransactionsRead]), vec![TransactionsRead, ReconciliationRead]),
        // What its role does not have, whatever its row says.
        (Some(&[LogsRead, ProvidersRead]), vec![ProvidersRead]),
    ];
    for (own, expected) in cases {
        assert_eq!(client(Role::Finance, own).scopes(), expected, "{own:?}");
    }
}

#[test]
fn scopes_are_narrowed_to_some_of_the_roles() {
    use Scope::{LogsRead, ProvidersRead, TransactionsRead};
    let twice = [ProvidersRead, TransactionsRead, ProvidersRead];
    assert_eq!(narrowed(Role::Finance, &twice), Ok(vec![TransactionsRead, ProvidersRead]));
    for foreign in [vec![], vec![LogsRead], vec![TransactionsRead, LogsRead]] {
        assert_eq!(
            narrowed(Role::Finance, &foreign),
            Err(ForeignScopes { role: Role::Finance }),
            "{foreign:?}"
        );
    }
}

#[test]
fn a_token_has_what_is_asked_for_if_the_client_has_all_of_it() {
    use Scope::{TransactionsRead, WebhooksRead};
    let client = client(Role::Merchant, Some(&[TransactionsRead, WebhooksRead]));
    let cases = [
        (None, Some(vec![TransactionsRead, WebhooksRead])),
        (Some(" "), Some(vec![TransactionsRead, WebhooksRead])),
        (Some("webhooks:read"), Some(vec![WebhooksRead])),
        (Some("webhooks:read transactions:write"), None),
        (Some("providers:read"), None),
        (Some("nonsense"), None),
    ];
    for (asked, expected) in cases {
        assert_eq!(client.granted(asked), expected, "{asked:?}");
    }
}

#[test]
fn nobody_gives_what_they_do_not_have() {
    let admin = client(Role::Admin, None);
    assert_eq!(admin.beyond(Scope::ALL), None);
    assert_eq!(admin.beyond(&[Scope::ClientsWrite]), Some(Scope::TransactionsRead));
    assert_eq!(client(Role::Admin, Some(&[Scope::ClientsWrite])).beyond(&[Scope::ClientsWrite]), None);
}

#[test]
fn a_secret_is_good_beside_the_next_one_for_as_long_as_was_said() {
    let rotated = |client: Client, new: &str, overlap, now| {
        let replacement = client.replace_secret(secret::hash(new, &Zeros), overlap, at(now));
        client.with_secret(replacement)
    };
    let second = rotated(client(Role::Merchant, None), "second", 100, 1000);
    let third = rotated(second.clone(), "third", 100, 1050);
    let at_once = rotated(second.clone(), "third", 0, 1050);
    let cases = [
        (&second, "second", 1000, true),
        (&second, "first", 1099, true),
        (&second, "first", 1100, false),
        (&second, "third", 1000, false),
        (&third, "third", 1050, true),
        (&third, "second", 1149, true),
        (&third, "first", 1051, false),
        (&at_once, "second", 1050, false),
        (&at_once, "third", 1050, true),
    ];
    for (client, presented, now, expected) in cases {
        assert_eq!(client.has_secret(presented, at(now)), expected, "{presented} at {now}");
    }
}

#[test]
fn a_use_is_noted_once_an_hour() {
    let used = Client { last_used_at: Some(at(1000)), ..client(Role::Merchant, None) };
    assert!(client(Role::Merchant, None).is_use_news(at(0)));
    for (now, expected) in [(1000, false), (4599, false), (4600, true), (90_000, true)] {
        assert_eq!(used.is_use_news(at(now)), expected, "{now}");
    }
}

#[test]
fn a_client_revokes_others_and_not_itself() {
    let client = client(Role::Admin, None);
    assert_eq!(client.may_be_revoked(&Principal::Client(ClientId::derived("test", &[b"other"]))), Ok(()));
    assert_eq!(client.may_be_revoked(&Principal::Client(client.id.clone())), Err(RevokeRefusal::Itself));
    assert_eq!(client.may_be_revoked(&Principal::Person(PersonId::derived("test", &[b"p"]))), Ok(()));
}

#[test]
fn ranges_are_written_without_doubt() {
    let read = |text: &str| AddressRange::parse(text).map(|range| range.to_string());
    for (text, expected) in [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:DB8:0::1", "2001:db8::1/128"),
        ("::/0", "::/0"),
    ] {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "",
        "shop.example",
        "203.0.113",
        "203.0.113.7/24",
        "203.0.113.0/33",
        "203.0.113.0/+24",
        "203.0.113.0/024",
        "203.0.113.0/",
        "203.0.113.0/24/24",
        " 203.0.113.0/24",
        "2001:db8::1/32",
        "2001:db8::/129",
        "::ffff:203.0.113.7",
        "fe80::1%eth0",
    ] {
        assert_eq!(read(text), Err(InvalidRange), "{text}");
    }
}

#[test]
fn an_address_is_in_a_range_or_not() {
    let cases = [
        (vec![], Some("203.0.113.7"), true),
        (vec![], None, true),
        (vec!["203.0.113.0/24"], None, false),
        (vec!["203.0.113.0/24"], Some("203.0.113.255"), true),
        (vec!["203.0.113.0/24"], Some("203.0.114.0"), false),
        (vec!["203.0.113.0/24"], Some("::ffff:203.0.113.7"), true),
        (vec!["203.0.113.7"], Some("203.0.113.8"), false),
        (vec!["198.51.100.0/25", "203.0.113.7"], Some("203.0.113.7"), true),
        (vec!["0.0.0.0/0"], Some("8.8.8.8"), true),
        (vec!["0.0.0.0/0"], Some("2001:db8::1"), false),
        (vec!["::/0"], Some("2001:db8::1"), true),
        (vec!["::/0"], Some("8.8.8.8"), false),
        (vec!["2001:db8::/32"], Some("2001:db9::1"), false),
    ];
    for (ranges, address, expected) in cases {
        let addresses = Addresses(ranges.iter().map(|text| AddressRange::parse(text).unwrap()).collect());
        let address = address.map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(addresses.allow(address), expected, "{ranges:?} {address:?}");
    }
}

/// What an older version wrote has none of the newer members.
#[test]
fn a_row_without_the_newer_members_is_a_client() {
    let old = json!({"id": "cli_kns8dax24brzkrsefbya2tbaw8", "merchant_id": "mer_tpgw85xm2z99e64mb1xp7p67g6",
        "name": "Shop", "role": "merchant", "secret_hash": "sha256$a$b", "created_at": "2026-01-01T00:00:00.000000Z"});
    let client: Client = serde_json::from_value(old.clone()).unwrap();
    assert!(client.is_live() && client.allowed_addresses.is_anywhere());
    assert_eq!(serde_json::to_value(&client).unwrap(), old);
}
