use std::fs;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;

use super::*;

/// A zip as its writer would make it, so that each part of it can be made wrong.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Archive {
    pub fn with(self, name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        let packed = encoder.finish().unwrap();
        self.raw(name, 0, 8, &packed, content.len() as u32, crc32fast::hash(content))
    }

    fn raw(mut self, name: &str, flags: u16, method: u16, packed: &[u8], size: u32, checksum: u32) -> Self {
        let at = self.bytes.len() as u32;
        let mut common = Vec::new();
        for half in [20, flags, method, 0, 0] {
            common.extend(half.to_le_bytes());
        }
        for word in [checksum, packed.len() as u32, size] {
            common.extend(word.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        self.bytes.extend(0x0403_4b50_u32.to_le_bytes());
        self.bytes.extend(&common);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);
        self.directory.extend(0x0201_4b50_u32.to_le_bytes());
        self.directory.extend([20, 0]);
        self.directory.extend(&common);
        self.directory.extend([0; 10]);
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries += 1;
        self
    }

    /// The last entry as a writer of large archives has it: sizes and place stand in the ZIP64 field of the directory.
    fn widened(mut self, name: &str, keep: usize) -> Self {
        let start = self.directory.len() - 46 - name.len();
        let word = |at: usize| u64::from(u32::from_le_bytes(self.directory[start + at..][..4].try_into().unwrap()));
        let values = [word(24), word(20), word(42)].map(u64::to_le_bytes).concat();
        let mut extra = vec![0x99, 0x99, 2, 0, 7, 7, 1, 0, keep as u8, 0];
        extra.extend(&values[..keep]);
        for at in [20, 24, 42] {
            self.directory[start + at..][..4].fill(0xff);
        }
        self.directory[start + 30..][..2].copy_from_slice(&(extra.len() as u16).to_le_bytes());
        self.directory.extend(extra);
        self
    }

    pub fn finish(mut self) -> Vec<u8> {
        let at = self.bytes.len() as u32;
        self.bytes.extend(&self.directory);
        self.bytes.extend(0x0605_4b50_u32.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes.extend(self.entries.to_le_bytes());
        self.bytes.extend((self.directory.len() as u32).to_le_bytes());
        self.bytes.extend(at.to_le_bytes());
        self.bytes.extend([0; 2]);
        self.bytes
    }

    /// The same with ZIP64 records, which say what the narrow ones have no room for.
    fn finish_64(mut self) -> Vec<u8> {
        let at = self.bytes.len() as u64;
        let entries = u64::from(self.entries);
        self.bytes.extend(&self.directory);
        let end_64 = self.bytes.len() as u64;
        self.bytes.extend(0x0606_4b50_u32.to_le_bytes());
        self.bytes.extend(44_u64.to_le_bytes());
        self.bytes.extend([45, 0, 45, 0]);
        self.bytes.extend([0; 8]);
        for value in [entries, entries, self.directory.len() as u64, at] {
            self.bytes.extend(value.to_le_bytes());
        }
        self.bytes.extend(0x0706_4b50_u32.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend(end_64.to_le_bytes());
        self.bytes.extend(1_u32.to_le_bytes());
        self.bytes.extend(0x0605_4b50_u32.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend([0xff; 12]);
        self.bytes.extend([0; 2]);
        self.bytes
    }
}

/// What a zip gives: names and sizes of records, and faults as one line each.
fn contents(bytes: Vec<u8>) -> Vec<String> {
    match zip(Cursor::new(bytes)) {
        Ok(entries) => entries.map(shown).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn shown(entry: Result<Entry, EntryFault>) -> String {
    match entry {
        Ok(entry) => format!("{} {}", entry.name, entry.bytes.len()),
        Err(fault) => format!("{fault}: {}", fault.error),
    }
}

#[test]
fn a_zip_gives_its_records_in_order() {
    let archive = || {
        Archive::default()
            .with("b/one.json", b"{}")
            .with("readme.md", b"passed over")
            .raw("empty/", 0, 0, b"", 0, 0)
            .raw("a.JSON", 0, 0, b"[1]", 3, crc32fast::hash(b"[1]"))
    };
    assert_eq!(contents(archive().finish()), ["b/one.json 2", "a.JSON 3"]);
    assert_eq!(contents(archive().finish_64()), ["b/one.json 2", "a.JSON 3"]);
    assert_eq!(contents(Archive::default().finish()), Vec::<String>::new());
}

#[test]
fn wide_sizes_of_an_entry_are_read() {
    let archive = |keep| Archive::default().with("a.json", b"{}").with("b.json", b"[1]").widened("b.json", keep);
    assert_eq!(contents(archive(24).with("c.json", b"").finish()), ["a.json 2", "b.json 3", "c.json 0"]);
    let cut = ["a.json 2", "b.json: damaged: a ZIP64 size is missing", "c.json 0"];
    assert_eq!(contents(archive(16).with("c.json", b"").finish()), cut);
}

#[test]
fn a_broken_entry_is_named_and_the_rest_goes_on() {
    let big = vec![b' '; limits::ADVISORY_BYTES + 1];
    let packed = |content: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let archive = Archive::default()
        .raw("sum.json", 0, 0, b"{}", 2, 1)
        .raw("short.json", 0, 0, b"{}", 3, 1)
        .raw("bomb.json", 0, 8, &packed(&big), 10, 1)
        .with("big.json", &big)
        .raw("nothing.json", 0, 8, &[0, 0, 0, 255, 255].repeat(limits::ADVISORY_BYTES / 5 + 1), 0, 0)
        .raw("garbage.json", 0, 8, b"\xff\xff\xff", 3, 1)
        .raw("secret.json", 1, 0, b"{}", 2, 1)
        .raw("lzma.json", 0, 14, b"{}", 2, 1)
        .with("../../etc/cron.d/x.json", b"{}")
        .with("/etc/x.json", b"{}")
        .with("C:\\x.json", b"{}")
        .with("a\u{202e}b.json", b"{}")
        .with("good.json", b"{}");
    assert_eq!(
        contents(archive.finish()),
        [
            "sum.json: damaged: its checksum is wrong",
            "short.json: damaged: its size is not the one the directory has",
            "bomb.json: damaged: its size is not the one the directory has",
            "big.json: a record has at most 4194304 bytes",
            "nothing.json: a record has at most 4194304 bytes",
            "garbage.json: it could not be read",
            "secret.json: encrypted",
            "lzma.json: packed in a way that is not read here (method 14)",
            "../../etc/cron.d/x.json: the name is not one of an entry in a feed",
            "/etc/x.json: the name is not one of an entry in a feed",
            "C:\\x.json: the name is not one of an entry in a feed",
            "ab.json: the name is not one of an entry in a feed",
            "good.json 2",
        ]
    );
}

#[test]
fn what_is_no_whole_zip_says_so() {
    let whole = Archive::default().with("a.json", b"{}").with("b.json", b"{}").finish();
    assert_eq!(contents(Vec::new()), ["not a whole zip archive: its end is missing"]);
    assert_eq!(contents(whole[..whole.len() - 1].to_vec()), ["not a whole zip archive: its end is missing"]);
    let front = [b"#!/bin/sh\n".as_slice(), &whole].concat();
    assert_eq!(contents(front), ["not a whole zip archive: its directory is not where its end says"]);
    let mut parts = whole.clone();
    let end = parts.len() - 22;
    parts[end + 4] = 1;
    assert_eq!(contents(parts), ["not a whole zip archive: it is one of several parts"]);
    let mut more = whole;
    more[end + 8] = 9;
    more[end + 10] = 9;
    assert_eq!(
        contents(more),
        ["a.json 2", "b.json 2", "what follows (7 entries): damaged: the directory ends too early"]
    );
}

#[test]
fn a_folder_gives_its_records_in_the_order_of_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("b/2.json", b"{}");
    put("b/1.json", b"[]");
    put("a.json", b"");
    put("notes.txt", b"passed over");
    put("z.json", &vec![b' '; limits::ADVISORY_BYTES + 1]);
    put(&format!("{}x.json", "d/".repeat(limits::ADVISORY_FEED_DEPTH + 1)), b"{}");
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop.json")).unwrap();
    let found: Vec<_> = folder(dir.path()).unwrap().map(shown).collect();
    let deep = ["d"; limits::ADVISORY_FEED_DEPTH + 1].join("/");
    assert_eq!(
        found,
        [
            "a.json 0".to_owned(),
            "b/1.json 2".to_owned(),
            "b/2.json 2".to_owned(),
            format!("{deep}: folders lie at most 8 deep in a feed"),
            "z.json: a record has at most 4194304 bytes".to_owned(),
        ]
    );
    assert!(folder(&dir.path().join("absent")).is_err());
}

#[test]
fn a_feed_has_an_end() {
    let mut budget = Budget::full();
    budget.bytes(limits::ADVISORY_FEED_BYTES).unwrap();
    assert!(budget.bytes(1).unwrap_err().ends());
    budget.entries = 1;
    budget.entry().unwrap();
    assert!(budget.entry().unwrap_err().ends());
}

proptest! {
    #[test]
    fn any_damage_to_a_zip_is_survived(
        at in 0.0..1.0_f64, value: u8, cut in 0.0..1.2_f64, wide: bool,
    ) {
        let archive = Archive::default().with("a.json", b"{\"a\": 1}").with("b/c.json", b"{}");
        let mut bytes = if wide { archive.finish_64() } else { archive.finish() };
        let index = (at * bytes.len() as f64) as usize;
        bytes[index] = value;
        bytes.truncate((cut * bytes.len() as f64) as usize);
        prop_assert!(contents(bytes).len() <= 3);
    }
}
