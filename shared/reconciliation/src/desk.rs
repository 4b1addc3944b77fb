//! Where a step has its files: a directory of its own, gone when the step is over.
//!
//! A process that is killed cannot tidy up, and what it leaves on a function's disk stays for the next one, until the disk
//! is full. So whoever begins a step takes away what dead ones left. A directory is somebody's for as long as a file in it is
//! locked, which ends with the process, however that ends.

use std::fs::File;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::StepError;

/// The file whose lock says that a directory is in use.
const IN_USE: &str = "in-use";

/// The directory of one step. It goes before the lock, as the order of the members has it.
pub struct Desk {
    folder: TempDir,
    _in_use: File,
}

impl Desk {
    /// A new one for a step of this name.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn of(step: &str) -> Result<Self, StepError> {
        Self::in_room(&std::env::temp_dir().join(format!("paywarden-{step}")))
    }

    fn in_room(room: &Path) -> Result<Self, StepError> {
        std::fs::create_dir_all(room)?;
        // One at a time: a directory that is just being made has no lock yet.
        let door = File::create(room.join("door"))?;
        door.lock()?;
        for place in std::fs::read_dir(room)? {
            let path = place?.path();
            if path.is_dir() && is_left(&path) {
                remove(&path)?;
            }
        }
        let folder = TempDir::new_in(room)?;
        let in_use = File::create(folder.path().join(IN_USE))?;
        in_use.lock()?;
        Ok(Self { folder, _in_use: in_use })
    }

    /// A file of this name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Takes a directory away, if its owner is not just doing so.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether nobody uses a directory any more.
fn is_left(path: &Path) -> bool {
    match File::open(path.join(IN_USE)) {
        Ok(in_use) => in_use.try_lock().is_ok(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound && path.exists(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_goes_and_what_a_living_one_has_stays() {
        let room = TempDir::new().unwrap();
        let living = Desk::in_room(room.path()).unwrap();
        std::fs::write(living.file("rows.csv"), "1").unwrap();
        let died = Desk::in_room(room.path()).unwrap();
        let left = died.file("rows.csv");
        std::fs::write(&left, "2").unwrap();
        // As a kill ends it: the lock is gone, the files are not.
        let Desk { folder, _in_use: lock } = died;
        drop(lock);
        let left_folder = folder.keep();
        let early = room.path().join("killed-before-its-lock");
        std::fs::create_dir(&early).unwrap();
        let next = Desk::in_room(room.path()).unwrap();
        assert!(!left.exists() && !left_folder.exists() && !early.exists());
        assert!(living.file("rows.csv").exists());
        let own = next.file("rows.csv");
        std::fs::write(&own, "3").unwrap();
        drop(next);
        assert!(!own.exists(), "what is over is gone");
    }
}
