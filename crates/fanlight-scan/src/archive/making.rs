//! Archives as tests need them: right ones, and ones with one thing wrong.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// One entry of a zip archive. What its list says can differ from its own header.
#[derive(Clone)]
pub(crate) struct Zipped {
    pub name: Vec<u8>,
    pub local_name: Option<Vec<u8>>,
    pub content: Vec<u8>,
    pub flags: u16,
    pub local_method: Option<u16>,
    pub mode: u32,
    pub crc: Option<u32>,
    pub size: Option<u32>,
    pub listed: bool,
    pub follows: bool,
    pub gap_before: usize,
}

impl Zipped {
    pub fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.into(),
            local_name: None,
            content: content.as_ref().to_vec(),
            flags: 0,
            local_method: None,
            mode: 0o100_644,
            crc: None,
            size: None,
            listed: true,
            follows: false,
            gap_before: 0,
        }
    }
}

fn put16(out: &mut Vec<u8>, values: &[u16]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|value| out.extend(value.to_le_bytes()));
}

fn small(length: usize) -> u16 {
    length.try_into().unwrap()
}

fn long(length: usize) -> u32 {
    length.try_into().unwrap()
}

/// A zip archive of entries.
pub(crate) fn zip(entries: &[Zipped]) -> Vec<u8> {
    let (mut out, mut list, mut count) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        out.resize(out.len() + entry.gap_before, 0xaa);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&entry.content).unwrap();
        let packed = encoder.finish().unwrap();
        let crc = entry.crc.unwrap_or_else(|| crc32fast::hash(&entry.content));
        let size = entry.size.unwrap_or(long(entry.content.len()));
        let flags = entry.flags | if entry.follows { 8 } else { 0 };
        let offset = long(out.len());
        let stated = [crc, long(packed.len()), size];
        let name = entry.local_name.as_ref().unwrap_or(&entry.name);
        out.extend(b"PK\x03\x04");
        put16(&mut out, &[20, flags, entry.local_method.unwrap_or(8), 0, 0]);
        put32(&mut out, if entry.follows { &[0, 0, 0] } else { &stated });
        put16(&mut out, &[small(name.len()), 0]);
        out.extend(name);
        out.extend(&packed);
        if entry.follows {
            out.extend(b"PK\x07\x08");
            put32(&mut out, &stated);
        }
        if entry.listed {
            count += 1;
            list.extend(b"PK\x01\x02");
            put16(&mut list, &[0x0314, 20, flags, 8, 0, 0]);
            put32(&mut list, &stated);
            put16(&mut list, &[small(entry.name.len()), 0, 0, 0, 0]);
            put32(&mut list, &[entry.mode << 16, offset]);
            list.extend(&entry.name);
        }
    }
    end(&mut out, &list, count);
    out
}

/// Appends a list of entries and the archive's end.
pub(crate) fn end(out: &mut Vec<u8>, list: &[u8], count: u16) {
    let start = long(out.len());
    out.extend(list);
    out.extend(b"PK\x05\x06");
    put16(out, &[0, 0, count, count]);
    put32(out, &[long(list.len()), start]);
    put16(out, &[0]);
}

/// A zip archive of files.
pub(crate) fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    zip(&files.iter().map(|(name, content)| Zipped::new(name, content)).collect::<Vec<_>>())
}

/// A wheel with a right RECORD, changed by `change` before it is packed.
pub(crate) fn wheel(files: &[(&str, &str)], change: impl FnOnce(&mut String)) -> Vec<u8> {
    let own = "a-1.0.dist-info/RECORD";
    let mut record: String = files
        .iter()
        .map(|(name, content)| {
            let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
            format!("{name},sha256={},{}\n", URL_SAFE_NO_PAD.encode(digest), content.len())
        })
        .collect();
    record.push_str(&format!("{own},,\n"));
    change(&mut record);
    let mut all: Vec<_> = files.iter().map(|(name, content)| Zipped::new(name, content)).collect();
    all.push(Zipped::new(own, record));
    zip(&all)
}

/// One entry of a tar archive.
pub(crate) struct Tarred<'t> {
    pub name: &'t str,
    pub kind: u8,
    pub content: &'t [u8],
    pub link: &'t str,
}

/// A header and its content, padded.
pub(crate) fn tarred(entry: &Tarred<'_>) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", entry.content.len()).as_bytes());
    header[156] = entry.kind;
    header[157..157 + entry.link.len()].copy_from_slice(entry.link.as_bytes());
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header.extend(entry.content);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

/// A tar archive of entries, ended as it should be.
pub(crate) fn tar(entries: &[Tarred<'_>]) -> Vec<u8> {
    let mut out: Vec<u8> = entries.iter().flat_map(tarred).collect();
    out.resize(out.len() + 1024, 0);
    out
}

/// A tar archive of files in gzip.
pub(crate) fn tgz_of(files: &[(&str, &str)]) -> Vec<u8> {
    let all: Vec<_> = files
        .iter()
        .map(|(name, content)| Tarred { name, kind: b'0', content: content.as_bytes(), link: "" })
        .collect();
    gz(&tar(&all))
}

/// Bytes in gzip.
pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Signs that no packer makes much smaller, others for each seed.
pub(crate) fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut sign = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from_digit(u32::try_from(state % 36).unwrap(), 36).unwrap()
    };
    (0..bytes).map(|_| sign()).collect()
}
