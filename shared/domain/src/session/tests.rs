//! The rules, as tables.

use std::sync::atomic::{AtomicU8, Ordering};

use super::*;
use crate::access::Role;
use crate::entropy::Entropy;

struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

fn token() -> RefreshToken {
    RefreshToken::generate(&Counting(AtomicU8::new(1)))
}

fn next(token: &RefreshToken) -> RefreshToken {
    token.next(b"key").unwrap()
}

fn client(role: Role) -> Client {
    let (id, merchant) = (ClientId::derived("test", &[b"c"]), MerchantId::derived("test", &[b"m"]));
    Client::new(id, merchant, "Ayu".to_owned(), role, "sha256$a$b".to_owned(), at(0))
}

fn session() -> Session {
    Session::begin(&client(Role::Finance), "sha256$a$b", &token(), at(0))
}

#[test]
fn a_token_is_good_once_and_its_answer_is_given_again_for_a_moment() {
    use Presented::{Again, Good, Over, Reused};
    let (first, second) = (token(), next(&token()));
    let third = next(&second);
    let fresh = session();
    let once = fresh.clone().used(&second, None, at(100));
    let twice = once.clone().used(&third, None, at(110));
    let revoked = Session { revoked_at: Some(at(50)), ..fresh.clone() };
    let cases = [
        (&fresh, &first, 0, Good),
        (&fresh, &second, 0, Reused),
        (&fresh, &first, 1799, Good),
        (&fresh, &first, 1800, Over),
        (&once, &second, 100, Good),
        (&once, &first, 129, Again),
        (&once, &first, 130, Reused),
        (&once, &second, 1899, Good),
        (&once, &second, 1900, Over),
        (&twice, &second, 139, Again),
        (&twice, &first, 111, Reused),
        (&twice, &first, 100_000, Over),
        (&revoked, &first, 51, Over),
    ];
    for (session, token, now, expected) in cases {
        assert_eq!(session.presented(token, at(now)), expected, "{token:?} at {now}");
    }
}

#[test]
fn a_session_ends_after_twelve_hours_however_busy() {
    let (mut session, mut token) = (session(), token());
    for minute in (0..12 * 60).step_by(20) {
        assert_eq!(session.presented(&token, at(minute * 60)), Presented::Good, "{minute}");
        token = next(&token);
        session = session.used(&token, None, at(minute * 60));
    }
    assert_eq!(session.good_until(), at(12 * 3600));
    assert_eq!(session.presented(&token, at(12 * 3600)), Presented::Over);
}

#[test]
fn a_session_may_what_its_client_may_at_each_use() {
    use Scope::{LogsRead, ReconciliationRead, TransactionsRead};
    let finance = client(Role::Finance);
    let narrowed = Session { scopes: Some(vec![TransactionsRead, ReconciliationRead]), ..session() };
    let rotated = |overlap| {
        let replacement = finance.replace_secret("sha256$c$d".to_owned(), overlap, at(0));
        finance.clone().with_secret(replacement)
    };
    let cases = [
        (session(), finance.clone(), Role::Finance.scopes().to_vec()),
        (narrowed.clone(), finance.clone(), vec![TransactionsRead, ReconciliationRead]),
        // The role is another one by now.
        (narrowed, client(Role::Operations), vec![TransactionsRead]),
        (
            session(),
            Client { scopes: Some(vec![TransactionsRead, LogsRead]), ..finance.clone() },
            vec![TransactionsRead],
        ),
        (session(), Client { revoked_at: Some(at(1)), ..finance.clone() }, vec![]),
        (session(), Client { id: ClientId::derived("test", &[b"other"]), ..finance.clone() }, vec![]),
        // A secret that leaked and was replaced at once takes along the sessions that were begun with it.
        (session(), rotated(0), vec![]),
        (session(), rotated(60), vec![]),
        (session(), rotated(3600), Role::Finance.scopes().to_vec()),
    ];
    for (session, client, expected) in cases {
        assert_eq!(session.granted(&client, at(60)), expected, "{client:?}");
    }
}

#[test]
fn a_persons_session_lasts_with_the_issuer_that_vouched_for_them() {
    use Scope::{ReconciliationRead, TransactionsRead};
    let person = Person {
        id: Person::id_of("https://id.example", "ayu"),
        role: Role::Finance,
        name: Some("Ayu".to_owned()),
        issuer: "https://id.example".to_owned(),
    };
    let merchant = MerchantId::derived("test", &[b"m"]);
    let whole = Session::begin_as(person.clone(), merchant, &token(), at(0));
    let narrowed = Session { scopes: Some(vec![TransactionsRead, ReconciliationRead]), ..whole.clone() };
    assert_eq!(whole.principal(), Principal::Person(person.id));
    let cases = [
        (&whole, Some("https://id.example"), Role::Finance.scopes().to_vec()),
        (&narrowed, Some("https://id.example"), vec![TransactionsRead, ReconciliationRead]),
        (&whole, Some("https://id.example/"), vec![]),
        (&whole, None, vec![]),
        (&session(), Some("https://id.example"), vec![]),
    ];
    for (session, issuer, expected) in cases {
        assert_eq!(session.granted_to_person(issuer), expected, "{issuer:?}");
    }
    assert_eq!(whole.granted(&client(Role::Finance), at(1)), vec![]);
}

/// Rows of clients were there before people were, and rows of both lie side by side.
#[test]
fn a_session_is_stored_under_its_holders_own_members() {
    let person = Person {
        id: Person::id_of("https://id.example", "ayu"),
        role: Role::Finance,
        name: None,
        issuer: "https://id.example".to_owned(),
    };
    let theirs = Session::begin_as(person, MerchantId::derived("test", &[b"m"]), &token(), at(0));
    for (session, has, lacks) in [(session(), "client_id", "person_id"), (theirs, "person_id", "client_id")] {
        let stored = serde_json::to_value(&session).unwrap();
        assert!(stored[has].is_string() && stored.get(lacks).is_none(), "{stored}");
        assert_eq!(serde_json::from_value::<Session>(stored).unwrap(), session);
    }
}

#[test]
fn a_token_reads_back_and_nothing_else_does() {
    let token = token();
    let text = token.reveal();
    assert_eq!((text.len(), RefreshToken::parse(&text)), (47, Some(token.clone())));
    for other in [
        text.replace("pwr_", "pws_"),
        text.replace("pwr_", ""),
        format!("{text}A"),
        format!("{text}AAA"),
        text[..46].to_owned(),
        String::new(),
    ] {
        assert_eq!(RefreshToken::parse(&other), None, "{other}");
    }
    assert!(!format!("{token:?}").contains(&text[4..]));
}

#[test]
fn tokens_of_a_session_follow_one_another_and_only_with_the_key() {
    let first = token();
    let second = next(&first);
    assert_eq!(second, next(&first), "asked again");
    assert_eq!(second.session_id(), first.session_id());
    let others = [first.clone(), first.next(b"another key").unwrap(), next(&second)];
    assert!(others.iter().all(|other| other.hash() != second.hash()));
}
