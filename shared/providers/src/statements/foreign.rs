//! Files that are no CSV, known by how they begin: whoever sends one is told what it is, not which column it lacks.

/// Lines of a text in which the marks of a format have to stand.
const FIRST_LINES: usize = 40;

/// What the beginnings of files that are no text say.
const SIGNATURES: [(&[u8], &str); 7] = [
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook (XLS)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
];

/// What a file is that begins like this, if it is something known that is not read; in words for its sender.
pub fn refusal(start: &[u8]) -> Option<String> {
    let kind = binary(start).or_else(|| text(&String::from_utf8_lossy(start)))?;
    let instead = match kind {
        "text in UTF-16" => "save it as CSV in UTF-8",
        _ => "give the same statement as CSV, by a map of columns if its format is not known by name",
    };
    Some(format!("the file is {kind}, which is not read: {instead}"))
}

fn binary(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(b"PK\x03\x04") {
        let holds = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
        let is_workbook = holds(b"[Content_Types].xml") || holds(b"xl/");
        return Some(if is_workbook { "an Excel workbook (XLSX)" } else { "a ZIP archive" });
    }
    SIGNATURES.iter().find(|(signature, _)| start.starts_with(signature)).map(|(_, kind)| *kind)
}

fn text(start: &str) -> Option<&'static str> {
    let start = start.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('<') {
        return markup(start);
    }
    if start.starts_with("{\"") || start.starts_with("[{") {
        return Some("JSON");
    }
    let has = |tag: &str| start.lines().take(FIRST_LINES).any(|line| line.starts_with(tag));
    let is_mt940 = start.starts_with("{1:F") || has(":20:") && (has(":25:") || has(":28C:") || has(":60F:"));
    is_mt940.then_some("MT940, a bank's statement by SWIFT")
}

fn markup(start: &str) -> Option<&'static str> {
    let messages = [
        ("camt.053", "CAMT.053 XML, a bank's statement"),
        ("camt.052", "CAMT.052 XML, a bank's report of the day"),
        ("camt.054", "CAMT.054 XML, a bank's notification"),
    ];
    let named = messages.iter().find(|(name, _)| start.contains(name)).map(|(_, kind)| *kind);
    let lower = start.get(..16).unwrap_or(start).to_ascii_lowercase();
    let general = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        Some("HTML")
    } else if lower.starts_with("<?xml") || lower.starts_with("<document") {
        Some("XML")
    } else {
        None
    };
    named.or(general)
}
