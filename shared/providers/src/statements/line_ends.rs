//! One kind of line end, whatever the file has, and one behind the last line: lines can be counted then.

use std::io::{BufRead, Read};

/// Gives what is read with every CR LF as LF, and an LF at the end.
pub struct LineEnds<R> {
    input: R,
    /// A CR was read, and not yet what is behind it.
    held: bool,
    ended: bool,
}

impl<R> LineEnds<R> {
    pub fn of(input: R) -> Self {
        Self { input, held: false, ended: false }
    }
}

impl<R: BufRead> Read for LineEnds<R> {
    fn read(&mut self, output: &mut [u8]) -> std::io::Result<usize> {
        let mut places = output.iter_mut();
        let mut written = 0;
        let mut taken = 0;
        let available = self.input.fill_buf()?;
        if available.is_empty() {
            let end = if self.ended { None } else { places.next() };
            self.ended |= end.is_some();
            return Ok(end.map_or(0, |place| {
                *place = b'\n';
                1
            }));
        }
        for byte in available {
            // A CR that is held goes out before anything but the LF it belongs to.
            let out = match (self.held, byte) {
                (true, b'\n') | (false, b'\n') => b'\n',
                (true, _) => b'\r',
                (false, b'\r') => {
                    self.held = true;
                    taken += 1;
                    continue;
                }
                (false, other) => *other,
            };
            let Some(place) = places.next() else { break };
            *place = out;
            written += 1;
            if self.held && *byte != b'\n' {
                // The byte itself is looked at again.
                self.held = *byte == b'\r';
                if self.held {
                    taken += 1;
                }
                break;
            }
            self.held = false;
            taken += 1;
        }
        self.input.consume(taken);
        // Nothing but a CR was there: whoever reads would take a zero for the end.
        if written == 0 { self.read(output) } else { Ok(written) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn line_ends_are_made_one_whatever_the_buffers_are() {
        for (text, expected) in [
            ("a\r\nb\r\n", "a\nb\n\n"),
            ("a\nb", "a\nb\n"),
            ("a\rb\r\r\n", "a\rb\r\n\n"),
            ("", "\n"),
            ("\r\n", "\n\n"),
            ("a\r", "a\n"),
        ] {
            for (capacity, room) in [(1, 1), (2, 3), (3, 1), (64, 64)] {
                let mut reader = LineEnds::of(BufReader::with_capacity(capacity, text.as_bytes()));
                let (mut read, mut buffer) = (Vec::new(), vec![0; room]);
                loop {
                    match reader.read(&mut buffer).unwrap() {
                        0 => break,
                        count => read.extend_from_slice(&buffer[..count]),
                    }
                }
                assert_eq!(String::from_utf8_lossy(&read), expected, "{text:?} {capacity} {room}");
            }
        }
    }
}
