//! Rows that are needed once more later: on the disk, with sixteen bytes of memory each.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use crate::StepError;
use crate::rows::WorkRow;

/// Where a row is.
struct Slot {
    start: u64,
    length: u32,
    ordinal: u32,
}

const _: () = assert!(size_of::<Slot>() == 16);

/// Rows of one side, put there in the order of their ordinals.
pub struct Shelf {
    file: BufWriter<File>,
    end: u64,
    slots: Vec<Slot>,
}

impl Shelf {
    /// An empty one in a new file.
    pub fn create(path: &Path) -> Result<Self, StepError> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Self { file: BufWriter::new(file), end: 0, slots: Vec::new() })
    }

    /// Puts the next row there.
    pub fn put(&mut self, row: &WorkRow) -> Result<(), StepError> {
        let mut writer = WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        writer.write_record(&row.0)?;
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        self.file.write_all(&bytes)?;
        let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
        self.slots.push(Slot { start: self.end, length, ordinal: row.ordinal() });
        self.end = self.end.saturating_add(u64::from(length));
        Ok(())
    }

    /// The row of this ordinal, if it is there.
    pub fn get(&mut self, ordinal: u32) -> Result<Option<WorkRow>, StepError> {
        let found = self.slots.binary_search_by_key(&ordinal, |slot| slot.ordinal);
        let Some(slot) = found.ok().and_then(|place| self.slots.get(place)) else {
            return Ok(None);
        };
        self.file.flush()?;
        let mut bytes = vec![0; usize::try_from(slot.length).unwrap_or_default()];
        self.file.get_ref().read_exact_at(&mut bytes, slot.start)?;
        let mut reader = ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
        let mut record = StringRecord::new();
        Ok(reader.read_record(&mut record)?.then_some(WorkRow(record)))
    }
}

#[cfg(test)]
mod tests {
    use paywarden_domain::reconciliation::{RowFields, Rules};

    use super::*;
    use crate::rows::Place;

    #[test]
    fn rows_come_back_as_they_went_in_any_order() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut shelf = Shelf::create(&folder.path().join("shelf")).unwrap();
        let row = |ordinal: u32| {
            let reference = format!("INV,\"{ordinal}\"\n\u{f6}");
            let fields = RowFields { reference: reference.as_str(), ..RowFields::default() };
            let place = Place { ordinal, judged: true, statement: None, line: ordinal, day: None };
            WorkRow::of_statement(place, fields, &Rules::default())
        };
        [2, 5, 900].iter().for_each(|ordinal| shelf.put(&row(*ordinal)).unwrap());
        for ordinal in [900, 2, 5, 2] {
            assert_eq!(shelf.get(ordinal).unwrap(), Some(row(ordinal)));
        }
        assert_eq!(shelf.get(3).unwrap(), None);
    }
}
