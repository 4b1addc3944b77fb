//! Physical lines as cells (RFC 4180). A cell that begins with a quote ends with the next one that is not doubled, and
//! may go over several lines; a quote anywhere else is a character like others.

use csv::ByteRecord;

/// Cuts the lines of one record into cells.
pub struct CellCutter {
    separator: u8,
    cells: ByteRecord,
    cell: Vec<u8>,
    state: State,
    /// The cell in which a quote was last opened, counted from 0.
    opened_in: usize,
    /// Whether the quoted cell goes over several lines.
    goes_on: bool,
    /// Whether such a cell ended in the middle of a text.
    is_torn: bool,
    /// Whether the quoted cell has a separator in it.
    has_separator: bool,
    /// Whether a cell that goes over several lines had one.
    joins_cells: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first character of a cell.
    Start,
    /// Within a cell that began without a quote, or behind its closing one.
    Plain,
    Quoted,
    /// Behind a quote that closes the cell or is the first of a doubled one.
    Closed,
}

impl CellCutter {
    /// A cutter of lines whose cells stand between these.
    pub fn new(separator: u8) -> Self {
        Self {
            separator,
            cells: ByteRecord::new(),
            cell: Vec::new(),
            state: State::Start,
            opened_in: 0,
            goes_on: false,
            is_torn: false,
            has_separator: false,
            joins_cells: false,
        }
    }

    /// Begins another record.
    pub fn begin(&mut self) {
        self.cells.clear();
        self.cell.clear();
        self.state = State::Start;
        (self.goes_on, self.is_torn, self.joins_cells) = (false, false, false);
    }

    /// Takes a line; answers whether the record ends with it.
    pub fn take(&mut self, line: &[u8]) -> bool {
        if self.state == State::Start && !line.contains(&b'"') {
            line.split(|byte| *byte == self.separator).for_each(|cell| self.cells.push_field(cell));
            return true;
        }
        line.iter().for_each(|byte| self.take_byte(*byte));
        if self.state == State::Quoted {
            self.cell.push(b'\n');
            self.goes_on = true;
            return false;
        }
        self.end_cell();
        true
    }

    fn take_byte(&mut self, byte: u8) {
        match (self.state, byte) {
            (State::Start, b'"') => {
                self.opened_in = self.cells.len();
                (self.goes_on, self.has_separator) = (false, false);
                self.state = State::Quoted;
            }
            (State::Quoted, b'"') => self.state = State::Closed,
            (State::Quoted, _) => {
                self.has_separator |= byte == self.separator;
                self.cell.push(byte);
            }
            (State::Closed, b'"') => {
                self.cell.push(byte);
                self.state = State::Quoted;
            }
            (State::Start | State::Plain | State::Closed, _) if byte == self.separator => self.end_cell(),
            (State::Start | State::Plain, _) => {
                self.cell.push(byte);
                self.state = State::Plain;
            }
            (State::Closed, _) => {
                self.is_torn |= self.goes_on && !byte.is_ascii_whitespace();
                self.cell.push(byte);
                self.state = State::Plain;
            }
        }
    }

    fn end_cell(&mut self) {
        self.joins_cells |= self.goes_on && self.has_separator;
        self.goes_on = false;
        self.cells.push_field(&self.cell);
        self.cell.clear();
        self.state = State::Start;
    }

    /// The cells so far.
    pub fn cells(&self) -> &ByteRecord {
        &self.cells
    }

    /// The cell in which the last quote was opened.
    pub fn opened_in(&self) -> usize {
        self.opened_in
    }

    /// Whether a cell over several lines ended in the middle of a text: no quote that somebody closed.
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether a cell over several lines has a separator in it.
    pub fn joins_cells(&self) -> bool {
        self.joins_cells
    }

    /// How many cells a line would have if its quotes were characters like others: at least as many as it has.
    pub fn width_of(&self, line: &[u8]) -> usize {
        line.iter().filter(|byte| **byte == self.separator).count().saturating_add(1)
    }
}
