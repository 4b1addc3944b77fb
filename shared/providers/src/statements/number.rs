//! Numbers as people and their spreadsheets write them.

use paywarden_domain::money::parse_decimal;
use rust_decimal::Decimal;

/// What may group digits: the other of point and comma, an apostrophe, a space of any kind.
const GROUP_SIGNS: [char; 7] = ['.', ',', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}'];

/// Reads a number with this decimal sign. Its digits may be grouped; a minus may stand before or behind it, and an
/// accountant's brackets are one. `None` for anything else: where groups would be of other than three digits, the sign
/// between them is somebody else's decimal sign, and the number another.
pub fn read(text: &str, decimal_sign: char) -> Option<Decimal> {
    let (text, is_bracketed) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let minus = ['-', '\u{2212}'];
    let (digits, is_negative) = match text.strip_prefix(minus).or_else(|| text.strip_suffix(minus)) {
        Some(digits) => (digits.trim(), true),
        None => (text.strip_prefix('+').unwrap_or(text).trim_start(), false),
    };
    let (whole, part) = match digits.split_once(decimal_sign) {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let begins = digits.starts_with(|first: char| first.is_ascii_digit() || first == decimal_sign);
    if !begins || part.is_some_and(|part| part.contains(GROUP_SIGNS)) {
        return None;
    }
    let whole = ungrouped(whole)?;
    let plain = part.map_or_else(|| whole.clone(), |part| format!("{whole}.{part}"));
    let amount = parse_decimal(&plain).ok()?;
    Some(if is_bracketed == is_negative { amount } else { -amount })
}

/// The digits without what groups them: one sign throughout, before groups of exactly three, behind one to three that
/// do not begin with a zero.
fn ungrouped(whole: &str) -> Option<String> {
    let Some(sign) = whole.chars().find(|character| GROUP_SIGNS.contains(character)) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(sign);
    let is_digits = |group: &&str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().filter(is_digits).filter(|first| (1..=3).contains(&first.len()))?;
    let rest: Vec<&str> = groups.collect();
    let are_whole = rest.iter().all(|group| group.len() == 3 && is_digits(group));
    (are_whole && !first.starts_with('0')).then(|| format!("{first}{}", rest.concat()))
}
