//! What the rules of this version make of a file of cases. A run's id is made with [`RULES_VERSION`]: were a rule changed
//! without raising it, a stored run would be taken for one under the new rule.

use std::collections::BTreeMap;

use paywarden_domain::reconciliation::digest::MultisetDigest;
use paywarden_domain::reconciliation::tally::{OutcomeSums, Results};
use paywarden_domain::reconciliation::{
    BookSide, Outcome, RULES_VERSION, Row, RowFields, RowVerdict, Rules, reconcile,
};
use serde::{Deserialize, Serialize};

use crate::sides::as_of;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reconciliation/golden.json");

/// Has the file written anew.
const WRITE: &str = "WRITE_GOLDEN";

const HOW: &str = "WRITE_GOLDEN=1 cargo test -p paywarden-domain --test reconciliation golden";

#[derive(Serialize, Deserialize)]
struct Golden {
    /// The version under which the cases came to this.
    rules_version: u32,
    totals: Totals,
    cases: Vec<Case>,
}

/// What all cases come to together.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Totals {
    sums: BTreeMap<BookSide, OutcomeSums>,
    digest: String,
}

#[derive(Serialize, Deserialize)]
struct Case {
    name: String,
    rules: Rules,
    /// Lines of the ledger's file, below its header.
    ledger: Vec<String>,
    /// Lines of the canonical statement, below its header.
    statement: Vec<String>,
    /// Nothing yet for a new case.
    came_to: Option<CameTo>,
}

/// What each line came to, with the line of its counterpart; and by how many minor units a statement's line has more.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CameTo {
    ledger: Vec<String>,
    statement: Vec<String>,
    differences: BTreeMap<u32, i64>,
}

/// A line of a side, as fields and as the engine reads it.
struct Line<'a> {
    fields: RowFields<&'a str>,
    row: Option<Row>,
}

fn line<'a>(side: BookSide, number: u32, text: &'a str, rules: &Rules) -> Line<'a> {
    let texts: Vec<&str> = text.split(',').collect();
    assert_eq!(texts.len(), side.header().count(), "{text}");
    let fields = side.of_line(|column| texts[column]);
    let provider_transaction_id = rules.compared_id(fields.provider_transaction_id);
    let compared = RowFields { provider_transaction_id, ..fields };
    Line { fields, row: Row::read(side, &compared, number).ok() }
}

fn lines<'a>(side: BookSide, texts: &'a [String], rules: &Rules) -> Vec<Line<'a>> {
    (2..).zip(texts).map(|(number, text)| line(side, number, text, rules)).collect()
}

/// All cases together.
#[derive(Default)]
struct Tally {
    results: Results,
    digest: MultisetDigest,
}

impl Tally {
    fn add(&mut self, side: BookSide, lines: &[Line<'_>], verdicts: &[RowVerdict]) -> Vec<String> {
        let verdicts: BTreeMap<u32, &RowVerdict> =
            verdicts.iter().map(|verdict| (verdict.line, verdict)).collect();
        let came_to = (2..).zip(lines).map(|(number, Line { fields, row })| {
            // What has no verdict could not be read.
            let (outcome, counterpart) = verdicts
                .get(&number)
                .map_or((Outcome::ParseError, 0), |verdict| (verdict.outcome, verdict.counterpart));
            self.results.add(side, outcome, row.as_ref());
            let texts = side.to_line(*fields).map(str::as_bytes);
            self.digest.add_outcome(&mut Vec::new(), (side, outcome), texts);
            format!("{outcome} {counterpart}")
        });
        came_to.collect()
    }

    fn totals(&self) -> Totals {
        let sums = BookSide::ALL.iter().map(|side| (*side, self.results.sums(*side))).collect();
        Totals { sums, digest: self.digest.finish() }
    }
}

impl Case {
    fn run(&self, tally: &mut Tally) -> CameTo {
        let ours = lines(BookSide::Ledger, &self.ledger, &self.rules);
        let theirs = lines(BookSide::Statement, &self.statement, &self.rules);
        let [mut ledger, mut statement] =
            [&ours, &theirs].map(|side| side.iter().filter_map(|line| line.row).collect::<Vec<_>>());
        let reconciled = reconcile(&mut ledger, &mut statement, &self.rules, as_of());
        CameTo {
            ledger: tally.add(BookSide::Ledger, &ours, &reconciled.ledger),
            statement: tally.add(BookSide::Statement, &theirs, &reconciled.statement),
            differences: reconciled.differences.into_iter().collect(),
        }
    }
}

impl Golden {
    fn read() -> Self {
        serde_json::from_str(include_str!("golden.json")).unwrap()
    }

    /// Writes what the cases come to now, a case a line. New cases may be added under the same version; what was there may
    /// only come to something else under another.
    fn write(mut self) {
        let mut tally = Tally::default();
        for case in &mut self.cases {
            let now = case.run(&mut tally);
            assert!(
                self.rules_version != RULES_VERSION
                    || case.came_to.as_ref().is_none_or(|before| *before == now),
                "`{}` comes to something else: raise RULES_VERSION before the file is written anew",
                case.name
            );
            case.came_to = Some(now);
        }
        let cases: Vec<String> = self.cases.iter().map(|case| serde_json::to_string(case).unwrap()).collect();
        let totals = serde_json::to_string(&tally.totals()).unwrap();
        let text = format!(
            "{{\n\"rules_version\": {RULES_VERSION},\n\"totals\": {totals},\n\"cases\": [\n{}\n]\n}}\n",
            cases.join(",\n")
        );
        std::fs::write(FILE, text).unwrap();
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "who runs it says by a variable that the file is to be written")]
fn the_golden_cases_come_to_what_this_version_says() {
    let golden = Golden::read();
    if std::env::var(WRITE).is_ok() {
        return golden.write();
    }
    assert_eq!(
        golden.rules_version, RULES_VERSION,
        "the cases were written under another RULES_VERSION; write them anew with `{HOW}` and read what changed"
    );
    let mut tally = Tally::default();
    for case in &golden.cases {
        assert_eq!(
            case.came_to,
            Some(case.run(&mut tally)),
            "`{}` comes to something else under the same version, so that stored runs would be taken for what they are \
             not. If it is meant, raise RULES_VERSION and write the cases anew with `{HOW}`",
            case.name
        );
    }
    assert_eq!(
        golden.totals,
        tally.totals(),
        "sums or digest are made in another way under the same version"
    );
}

#[test]
fn the_golden_cases_have_every_outcome() {
    let mut tally = Tally::default();
    let came_to: Vec<CameTo> = Golden::read().cases.iter().map(|case| case.run(&mut tally)).collect();
    let told: Vec<&String> = came_to.iter().flat_map(|one| one.ledger.iter().chain(&one.statement)).collect();
    for outcome in Outcome::ALL {
        assert!(
            told.iter().any(|told| told.starts_with(&format!("{outcome} "))),
            "no case comes to {outcome}"
        );
    }
}
