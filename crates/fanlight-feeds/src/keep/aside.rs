//! New records of one reading in a file of ours, until it is recorded that the feed has them. Not in memory, because a feed
//! may bring hundreds of thousands.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::Packing;

/// The file and what went wrong with it. Removed when it is dropped.
#[derive(Debug)]
pub struct Aside {
    path: PathBuf,
    file: io::Result<BufWriter<File>>,
    count: usize,
    packing: Box<Packing>,
}

impl Aside {
    /// In `folder`, of which only one reading at a time makes use.
    pub fn new(folder: &Path) -> Self {
        let path = folder.join("new.part");
        let options = File::options().read(true).write(true).create(true).truncate(true).clone();
        let file = fs::create_dir_all(folder).and_then(|()| options.open(&path)).map(BufWriter::new);
        Self { path, file, count: 0, packing: Box::default() }
    }

    /// Sets a record aside. Where that fails, [`records`](Self::records) says so.
    pub fn put(&mut self, id: &str, record: &[u8]) {
        let Ok(file) = &mut self.file else { return };
        let record = self.packing.packed(record);
        let written = [id.as_bytes(), &record].into_iter().try_for_each(|part| {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            file.write_all(&length.to_le_bytes())?;
            file.write_all(part)
        });
        match written {
            Ok(()) => self.count += 1,
            Err(error) => self.file = Err(error),
        }
    }

    /// What was set aside, in order.
    pub fn records(mut self) -> io::Result<Records> {
        let file = std::mem::replace(&mut self.file, Err(io::ErrorKind::NotFound.into()))?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Records { left: self.count, file: BufReader::new(file), _aside: self })
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // A file that stays is written anew at the next reading.
        let _ = fs::remove_file(&self.path);
    }
}

/// Records read back.
pub struct Records {
    left: usize,
    file: BufReader<File>,
    _aside: Aside,
}

impl Records {
    /// The next one: its id, and what is kept of it.
    pub fn next(&mut self) -> io::Result<Option<(String, Vec<u8>)>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let id = String::from_utf8(self.part()?).map_err(io::Error::other)?;
        Ok(Some((id, self.part()?)))
    }

    fn part(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let mut part = Vec::new();
        let length = u64::from(u32::from_le_bytes(length));
        // Nobody else writes the file; one that is shorter than it says was cut by somebody.
        if self.file.by_ref().take(length).read_to_end(&mut part)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(part)
    }
}
