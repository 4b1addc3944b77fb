//! The rules, as tables.

use serde_json::{Map, Value, json};

use super::*;
use crate::time::Timestamp;

const NOW: i64 = 1_763_640_000;
const ISSUER: &str = "https://id.example/realm";
const MERCHANT: &str = "mer_tpgw85xm2z99e64mb1xp7p67g6";
const OTHER: &str = "mer_00000000000000000000000000";

fn settings() -> Settings<'static> {
    Settings {
        issuer: ISSUER,
        audience: "console",
        merchant_claim: "merchant",
        merchants: "",
        role_claim: "groups",
        roles: "pay=admins=admin, accounting=finance,support=operations",
    }
}

fn issuer(settings: Settings<'_>) -> Issuer {
    Issuer::parse(&settings).unwrap().unwrap()
}

/// What a token says that lets Ayu in, with some members put in the place of others; null takes one away.
fn claims(members: &Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": ISSUER, "aud": "console", "sub": "ayu", "nonce": "n-1", "iat": NOW, "exp": NOW + 3600,
        "merchant": MERCHANT, "groups": ["everybody", "accounting"], "name": "Ayu Lestari", "email": "ayu@kopi.example",
    });
    for (name, value) in members.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object().unwrap().clone().into_iter().filter(|(_, value)| !value.is_null()).collect()
}

fn admitted(settings: Settings<'_>, members: &Value) -> Result<Person, NotAdmitted> {
    let admitted = issuer(settings).admit(&claims(members), "n-1", Timestamp::from_seconds(NOW).unwrap());
    admitted.map(|admitted| {
        assert_eq!(admitted.merchant_id.as_str(), MERCHANT);
        admitted.person
    })
}

#[test]
fn a_token_vouches_for_a_person() {
    let person = admitted(settings(), &json!({})).unwrap();
    let expected = Person {
        id: Person::id_of(ISSUER, "ayu"),
        role: Role::Finance,
        name: Some("Ayu Lestari".to_owned()),
        issuer: ISSUER.to_owned(),
    };
    assert_eq!(person, expected);
    let again = admitted(settings(), &json!({"groups": "support", "name": null, "email": null})).unwrap();
    assert_eq!((again.id, again.role, again.name), (expected.id, Role::Operations, None));
}

#[test]
fn what_a_token_has_to_say() {
    let cases = [
        (json!({"iss": "https://id.example/realm/"}), Err(NotAdmitted::Issuer)),
        (json!({"iss": "https://evil.example"}), Err(NotAdmitted::Issuer)),
        (json!({"iss": null}), Err(NotAdmitted::Issuer)),
        (json!({"aud": "another"}), Err(NotAdmitted::Audience)),
        (json!({"aud": null}), Err(NotAdmitted::Audience)),
        (json!({"aud": []}), Err(NotAdmitted::Audience)),
        (json!({"aud": ["another"], "azp": "console"}), Err(NotAdmitted::Audience)),
        (json!({"aud": ["console"]}), Ok(())),
        (json!({"aud": ["console", "another"]}), Err(NotAdmitted::Party)),
        (json!({"aud": ["console", "another"], "azp": "another"}), Err(NotAdmitted::Party)),
        (json!({"aud": ["console", "another"], "azp": "console"}), Ok(())),
        (json!({"azp": "another"}), Err(NotAdmitted::Party)),
        (json!({"nonce": "n-2"}), Err(NotAdmitted::Nonce)),
        (json!({"nonce": null}), Err(NotAdmitted::Nonce)),
        (json!({"sub": ""}), Err(NotAdmitted::Subject)),
        (json!({"sub": null}), Err(NotAdmitted::Subject)),
        (json!({"sub": 7}), Err(NotAdmitted::Subject)),
        (json!({"sub": "x".repeat(256)}), Err(NotAdmitted::Subject)),
        (json!({"sub": "x".repeat(255)}), Ok(())),
    ];
    for (members, expected) in cases {
        assert_eq!(admitted(settings(), &members).map(|_| ()), expected, "{members}");
    }
    let now = Timestamp::from_seconds(NOW).unwrap();
    let nobodys = issuer(settings()).admit(&claims(&json!({"nonce": ""})), "", now);
    assert_eq!(nobodys, Err(NotAdmitted::Nonce));
}

#[test]
fn a_token_is_good_from_a_minute_before_its_time_and_for_ten_minutes() {
    let cases = [
        (json!({"exp": NOW - 59}), Ok(())),
        (json!({"exp": NOW - 60}), Err(NotAdmitted::Ended)),
        (json!({"exp": null}), Err(NotAdmitted::Ended)),
        (json!({"exp": "never"}), Err(NotAdmitted::Ended)),
        (json!({"exp": i64::MAX}), Ok(())),
        (json!({"iat": NOW + 60}), Ok(())),
        (json!({"iat": NOW + 61}), Err(NotAdmitted::Future)),
        (json!({"iat": i64::MAX}), Err(NotAdmitted::Future)),
        (json!({"iat": null}), Err(NotAdmitted::Future)),
        (json!({"nbf": NOW + 60}), Ok(())),
        (json!({"nbf": NOW + 61}), Err(NotAdmitted::Future)),
        (json!({"nbf": "soon"}), Err(NotAdmitted::Future)),
        (json!({"iat": NOW - 599}), Ok(())),
        (json!({"iat": NOW - 600}), Err(NotAdmitted::Old)),
        (json!({"iat": i64::MIN}), Err(NotAdmitted::Old)),
    ];
    for (members, expected) in cases {
        assert_eq!(admitted(settings(), &members).map(|_| ()), expected, "{members}");
    }
}

#[test]
fn a_claim_names_one_merchant_and_a_role() {
    let words = Settings { role_claim: "/realm_access/roles", roles: "", ..settings() };
    let named = Settings { role_claim: "https://pay.example/roles", ..settings() };
    let domain = format!("kopi.example={MERCHANT},roti.example={OTHER}");
    let domains = Settings { merchant_claim: "hd", merchants: &domain, ..settings() };
    let by_email = Settings { role_claim: "email", roles: "ayu@kopi.example=admin", ..settings() };
    let cases = [
        (by_email, json!({"email_verified": true}), Ok(Role::Admin)),
        (by_email, json!({"email_verified": false}), Err(NotAdmitted::Role)),
        (by_email, json!({"email_verified": "true"}), Err(NotAdmitted::Role)),
        (by_email, json!({}), Err(NotAdmitted::Role)),
        (settings(), json!({"merchant": [MERCHANT, MERCHANT]}), Ok(Role::Finance)),
        (settings(), json!({"merchant": [MERCHANT, OTHER]}), Err(NotAdmitted::Merchant)),
        (settings(), json!({"merchant": null}), Err(NotAdmitted::Merchant)),
        (settings(), json!({"merchant": "kopi.example"}), Err(NotAdmitted::Merchant)),
        (settings(), json!({"merchant": {"id": MERCHANT}}), Err(NotAdmitted::Merchant)),
        (settings(), json!({"groups": []}), Err(NotAdmitted::Role)),
        (settings(), json!({"groups": null}), Err(NotAdmitted::Role)),
        (settings(), json!({"groups": ["finance", "Accounting"]}), Err(NotAdmitted::Role)),
        // The first of the settings, wherever it stands in the token.
        (settings(), json!({"groups": ["support", "accounting"]}), Ok(Role::Finance)),
        (settings(), json!({"groups": ["support", "pay=admins"]}), Ok(Role::Admin)),
        (words, json!({"realm_access": {"roles": ["offline", "engineering"]}}), Ok(Role::Engineering)),
        (words, json!({"realm_access": {"roles": ["finance", "engineering"]}}), Err(NotAdmitted::Role)),
        (words, json!({"realm_access": ["finance"]}), Err(NotAdmitted::Role)),
        (named, json!({"https://pay.example/roles": ["support"]}), Ok(Role::Operations)),
        (domains, json!({"hd": "kopi.example"}), Ok(Role::Finance)),
        (domains, json!({"hd": OTHER}), Err(NotAdmitted::Merchant)),
        (domains, json!({"hd": "evil.example"}), Err(NotAdmitted::Merchant)),
    ];
    for (settings, members, expected) in cases {
        assert_eq!(admitted(settings, &members).map(|person| person.role), expected, "{members}");
    }
}

#[test]
fn a_person_is_shown_by_name_or_by_an_address_that_may_be_theirs() {
    let cases = [
        (json!({"name": " "}), Some("ayu@kopi.example")),
        (json!({"name": null, "email_verified": false}), None),
        (json!({"name": null, "email_verified": true}), Some("ayu@kopi.example")),
        (json!({"name": "Ayu\nLestari"}), Some("AyuLestari")),
    ];
    for (members, expected) in cases {
        assert_eq!(admitted(settings(), &members).unwrap().name.as_deref(), expected, "{members}");
    }
    let long = admitted(settings(), &json!({"name": "é".repeat(500)})).unwrap().name.unwrap();
    assert_eq!(long.chars().count(), 100);
}

#[test]
fn settings_are_whole_or_absent() {
    let parse = |settings: Settings<'_>| Issuer::parse(&settings).map(|issuer| issuer.is_some());
    let pair = |expected, found: &str| Err(InvalidSettings::Pair { expected, found: found.to_owned() });
    let cases = [
        (Settings { issuer: "", ..settings() }, Ok(false)),
        (Settings::default(), Ok(false)),
        (Settings { audience: "", ..settings() }, Err(InvalidSettings::Incomplete)),
        (Settings { merchant_claim: "", ..settings() }, Err(InvalidSettings::Incomplete)),
        (Settings { role_claim: "", ..settings() }, Err(InvalidSettings::Incomplete)),
        (Settings { issuer: "http://id.example", ..settings() }, Err(InvalidSettings::Issuer)),
        (Settings { issuer: "http://127.0.0.1.evil.example", ..settings() }, Err(InvalidSettings::Issuer)),
        (Settings { issuer: "http://localhost@evil.example", ..settings() }, Err(InvalidSettings::Issuer)),
        (Settings { issuer: "http://127.0.0.1:80@evil.example", ..settings() }, Err(InvalidSettings::Issuer)),
        (Settings { issuer: "id.example", ..settings() }, Err(InvalidSettings::Issuer)),
        (Settings { issuer: "http://127.0.0.1:9400", ..settings() }, Ok(true)),
        (Settings { issuer: "http://[::1]:9400/x", ..settings() }, Ok(true)),
        (Settings { roles: "accounting", ..settings() }, pair("role", "accounting")),
        (Settings { roles: "accounting=king", ..settings() }, pair("role", "accounting=king")),
        (Settings { merchants: "kopi=roti", ..settings() }, pair("mer_…", "kopi=roti")),
        (Settings { roles: " a = finance ,, b=admin", ..settings() }, Ok(true)),
    ];
    for (settings, expected) in cases {
        assert_eq!(parse(settings), expected, "{settings:?}");
    }
}

#[test]
fn keys_come_over_tls_or_from_the_same_machine() {
    let (far, near) =
        (issuer(settings()), issuer(Settings { issuer: "http://localhost:9400/", ..settings() }));
    assert_eq!(far.discovery_url(), "https://id.example/realm/.well-known/openid-configuration");
    assert_eq!(near.discovery_url(), "http://localhost:9400/.well-known/openid-configuration");
    for (address, of_far, of_near) in [
        ("https://keys.example/jwks", true, true),
        ("http://127.0.0.1:9400/jwks", false, true),
        ("http://169.254.169.254/latest", false, false),
        ("file:///etc/passwd", false, false),
    ] {
        assert_eq!((far.trusts(address), near.trusts(address)), (of_far, of_near), "{address}");
    }
}
