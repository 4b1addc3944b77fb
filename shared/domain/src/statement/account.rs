//! What became of a file: each of its physical lines and bytes went into exactly one part.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// So many physical lines, of so many bytes with their ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extent {
    pub lines: u32,
    pub bytes: u64,
}

impl Extent {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { lines: self.lines.saturating_add(other.lines), bytes: self.bytes.saturating_add(other.bytes) }
    }

    /// Adds to it.
    pub fn add(&mut self, other: Self) {
        *self = self.plus(other);
    }
}

/// What a file has, and the parts that it went into. A record that is written on several lines counts all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileAccount {
    /// All that was there, counted where it was read.
    pub total: Extent,
    /// The header, what stands above it, and a byte order mark.
    pub header: Extent,
    /// Lines that told a movement.
    pub movements: Extent,
    /// Lines that were read and move nothing.
    pub without_movement: Extent,
    /// Lines that close the file and say what came before.
    pub summary: Extent,
    pub blank: Extent,
    /// Lines that could not be read: each is a problem.
    pub unreadable: Extent,
}

impl FileAccount {
    fn parts(&self) -> [(&'static str, Extent); 6] {
        [
            ("header", self.header),
            ("movements", self.movements),
            ("without_movement", self.without_movement),
            ("summary", self.summary),
            ("blank", self.blank),
            ("unreadable", self.unreadable),
        ]
    }

    /// Whether nothing was lost: the parts are the whole.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.parts().iter().fold(Extent::default(), |sum, (_, part)| sum.plus(*part)) == self.total
    }

    /// The account as the API shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let parts: serde_json::Map<_, _> =
            self.parts().iter().map(|(name, part)| ((*name).to_owned(), json!(part))).collect();
        json!({
            "lines": self.total.lines,
            "bytes": self.total.bytes,
            "parts": parts,
            "adds_up": self.adds_up(),
        })
    }
}
