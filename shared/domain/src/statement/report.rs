//! What was read of a statement: how much, what could not be, and whether what the file says of itself holds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ledger::Side;
use crate::money::{Currency, amount_number};
use crate::reconciliation::row::Kind;
use crate::statement::{FileAccount, Format};
use crate::time::{Timestamp, Zone};

/// What was read of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseReport {
    /// As what it was read.
    pub format: Format,
    /// By which version of the readers, see [`READING_VERSION`](super::READING_VERSION).
    #[serde(default = "first_version")]
    pub version: u32,
    /// Lines that tell a movement or cannot be read.
    pub lines: u32,
    /// Rows that they made.
    pub rows: u32,
    /// Lines that could not be read.
    pub errors: u32,
    /// The first of them, at most [`ParseReport::MAX_PROBLEMS`]. All of them are outcomes of the runs that use the statement.
    pub problems: Vec<LineProblem>,
    /// What the file says of itself.
    pub checks: Vec<Check>,
    /// When its first row was booked.
    pub first_booked_at: Option<Timestamp>,
    /// When its last row was booked.
    pub last_booked_at: Option<Timestamp>,
    pub totals: Vec<SideTotal>,
    /// What became of each of the file's lines and bytes. What was read by the first version has none.
    #[serde(default)]
    pub file: Option<FileAccount>,
}

const fn first_version() -> u32 {
    1
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineProblem {
    /// Which, as an editor counts: the file's first line is 1.
    pub line: u32,
    /// The column, by its name in the file.
    pub column: String,
    /// What was expected there.
    pub expected: String,
    /// What the line says, its beginning at least.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
}

/// Something the file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    /// What the file says.
    pub stated: String,
    pub found: String,
}

/// The sum of the rows of one currency, kind and direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideTotal {
    pub currency: Currency,
    pub kind: Kind,
    pub direction: Side,
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: rust_decimal::Decimal,
    pub count: u32,
}

impl Check {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.stated == self.found
    }
}

impl ParseReport {
    /// Problems that are listed.
    pub const MAX_PROBLEMS: usize = 100;

    /// Whether every line was read and accounted for, and every check holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let accounted = self.file.as_ref().is_none_or(FileAccount::adds_up);
        self.errors == 0 && accounted && self.checks.iter().all(Check::holds)
    }

    /// The report as the API shows it.
    #[must_use]
    pub fn to_json(&self, zone: &Zone) -> Value {
        let moment = |moment: Option<Timestamp>| moment.map(|at| zone.offset_text(at));
        let check = |check: &Check| json!({"name": check.name, "stated": check.stated, "found": check.found, "holds": check.holds()});
        let total = |total: &SideTotal| {
            json!({
                "currency": total.currency,
                "kind": total.kind,
                "direction": total.direction,
                "amount": amount_number(total.amount),
                "count": total.count,
            })
        };
        json!({
            "lines": self.lines,
            "rows": self.rows,
            "errors": self.errors,
            "problems": self.problems,
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
            "first_booked_at": moment(self.first_booked_at),
            "last_booked_at": moment(self.last_booked_at),
            "totals": self.totals.iter().map(total).collect::<Vec<_>>(),
            "file": self.file.as_ref().map(FileAccount::to_json),
        })
    }
}
