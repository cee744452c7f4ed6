//! What an archive holds, file by file, so that two releases can be held against one another.
//!
//! Reads archives as the scan does and within its limits; judges nothing, and looks into no archive in the archive.
//! Invariant: where a part was not looked at, `is_whole` says so.

use std::collections::BTreeMap;
use std::io::{self, Read, SeekFrom};

use fanlight_base::limits::{
    CONTENTS_FILES, CONTENTS_NAME_BYTES, CONTENTS_TEXT_BYTES, CONTENTS_TEXTS, CONTENTS_UNPACKED_BYTES, SCAN_WORK_TIME,
};
use ring::digest::{Context, SHA256};

use crate::archive::{self, Budget, Form, Sink, Source};
use crate::deadline::Deadline;
use crate::finding::Finding;
use crate::rules;

#[cfg(test)]
mod tests;

/// What an archive holds.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its regular files by their path, each with what tells its content from another.
    pub files: BTreeMap<String, Entry>,
    /// The beginnings of the files that were asked for, by path; signs that are no UTF-8 are replaced.
    pub texts: BTreeMap<String, String>,
    /// Whether all of it was looked at.
    pub is_whole: bool,
}

/// One file in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its bytes, unpacked.
    pub bytes: u64,
    /// The SHA-256 of its content.
    pub sha256: [u8; 32],
}

/// Reads an archive. `file` is its name; `is_wanted` says of which files the text is kept.
///
/// # Errors
/// Where the source of the bytes fails; what is no archive has no files and is not whole.
pub fn contents(source: &mut dyn Source, file: &str, is_wanted: fn(&str) -> bool) -> io::Result<Contents> {
    let packed = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let mut head = Vec::new();
    (&mut *source).take(512).read_to_end(&mut head)?;
    let mut taking = Taking { contents: Contents { is_whole: true, ..Contents::default() }, unpacked: 0, is_wanted };
    match Form::of(&head) {
        Some(form) => {
            let mut budget = Budget::new(packed, Deadline::after(SCAN_WORK_TIME));
            archive::read(form, source, file, &mut budget, &mut taking)?;
        }
        None => taking.contents.is_whole = false,
    }
    Ok(taking.contents)
}

struct Taking {
    contents: Contents,
    unpacked: u64,
    is_wanted: fn(&str) -> bool,
}

impl Sink for Taking {
    fn entry(&mut self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        let Contents { files, texts, is_whole } = &mut self.contents;
        let is_too_much = files.len() >= CONTENTS_FILES || path.len() > CONTENTS_NAME_BYTES;
        if is_too_much || self.unpacked >= CONTENTS_UNPACKED_BYTES {
            *is_whole = false;
            return Ok(());
        }
        let (mut context, mut bytes, mut text) = (Context::new(&SHA256), 0_u64, Vec::new());
        let mut buffer = [0; 16 * 1024];
        loop {
            let count = content.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            context.update(&buffer[..count]);
            bytes += count as u64;
            if (self.is_wanted)(path) {
                let room = CONTENTS_TEXT_BYTES.saturating_sub(text.len());
                text.extend_from_slice(&buffer[..count.min(room)]);
            }
        }
        self.unpacked += bytes;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(context.finish().as_ref());
        // Of two files of one name the later stays, as with installers; the scan tells of it.
        files.insert(path.to_owned(), Entry { bytes, sha256 });
        if (self.is_wanted)(path) {
            // More than a handful are there to fill the memory.
            if texts.len() < CONTENTS_TEXTS {
                texts.insert(path.to_owned(), String::from_utf8_lossy(&text).into_owned());
            }
        }
        Ok(())
    }

    fn found(&mut self, finding: Finding) {
        let broken = [rules::BROKEN.id, rules::UNREADABLE.id, rules::BOMB.id];
        self.contents.is_whole &= !broken.contains(&&*finding.rule);
    }

    fn limit(&mut self, _: &'static str, _: u64, _: &str) {
        self.contents.is_whole = false;
    }
}
