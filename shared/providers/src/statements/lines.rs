//! A file as physical lines, counted while they are read. Lines can be given back to be read again.

use std::collections::VecDeque;
use std::io::{BufRead, Read};

use paywarden_domain::statement::Extent;

/// Bytes of a line that are kept. What is longer is no line of a statement; the rest is counted and passed over.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// A line up to its LF.
pub struct PhysicalLine {
    /// Its number in the file, from 1.
    pub number: u32,
    /// Its length with its end, however much of it was kept.
    pub bytes: u64,
    /// What it says, without the LF.
    pub text: Vec<u8>,
}

impl PhysicalLine {
    /// Whether there is nothing on it.
    pub fn is_blank(&self) -> bool {
        matches!(self.text.as_slice(), b"" | b"\r")
    }

    /// Whether it is too long to be kept as a whole.
    pub fn is_cut(&self) -> bool {
        self.text.len() > MAX_LINE_BYTES
    }

    /// One line, and its bytes.
    pub fn extent(&self) -> Extent {
        Extent { lines: 1, bytes: self.bytes }
    }
}

/// The lines of a file.
pub struct PhysicalLines<R> {
    input: R,
    waiting: VecDeque<PhysicalLine>,
    before: Extent,
    total: Extent,
}

impl<R: BufRead> PhysicalLines<R> {
    /// The lines of what is still to be read, behind so many bytes that stand before the first of them.
    pub fn new(input: R, bytes_before: u64) -> Self {
        let before = Extent { lines: 0, bytes: bytes_before };
        Self { input, waiting: VecDeque::new(), before, total: before }
    }

    /// What stands before the first line.
    pub fn before(&self) -> Extent {
        self.before
    }

    /// What was read so far, lines that were given back included.
    pub fn total(&self) -> Extent {
        self.total
    }

    /// The next line; the last one need not have an end.
    pub fn next(&mut self) -> std::io::Result<Option<PhysicalLine>> {
        match self.waiting.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.read(),
        }
    }

    /// Lines that are to come again, in their order.
    pub fn give_back(&mut self, lines: impl DoubleEndedIterator<Item = PhysicalLine>) {
        lines.rev().for_each(|line| self.waiting.push_front(line));
    }

    fn read(&mut self) -> std::io::Result<Option<PhysicalLine>> {
        let mut text = Vec::new();
        let mut bytes = self.read_some(&mut text)?;
        if bytes == 0 {
            return Ok(None);
        }
        if text.last() == Some(&b'\n') {
            text.pop();
        } else if text.len() > MAX_LINE_BYTES {
            bytes = bytes.saturating_add(self.pass_over()?);
        }
        self.total.add(Extent { lines: 1, bytes });
        Ok(Some(PhysicalLine { number: self.total.lines, bytes, text }))
    }

    /// Reads to the end of the line, but no more than is kept.
    fn read_some(&mut self, text: &mut Vec<u8>) -> std::io::Result<u64> {
        let most = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let read = self.input.by_ref().take(most).read_until(b'\n', text)?;
        Ok(u64::try_from(read).unwrap_or_default())
    }

    /// Reads to the end of the line and keeps nothing; answers how many bytes that were.
    fn pass_over(&mut self) -> std::io::Result<u64> {
        let (mut passed, mut scratch) = (0_u64, Vec::new());
        loop {
            scratch.clear();
            let read = self.read_some(&mut scratch)?;
            passed = passed.saturating_add(read);
            if read == 0 || scratch.last() == Some(&b'\n') {
                return Ok(passed);
            }
        }
    }
}
