//! Archives in memory: zip (stored), tar (ustar) and gzip, as little of each as wheels and sdists need.
//!
//! Owns the bytes' layout and nothing of what is in them. The same entries give the same bytes.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};

/// A zip archive without compression (APPNOTE 6.3: local headers, central directory, end record).
pub fn zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let offset = word(out.len());
        let mut common = Vec::new();
        common.extend_from_slice(&20u16.to_le_bytes()); // version needed
        common.extend_from_slice(&[0, 0, 0, 0]); // flags, method: stored
        common.extend_from_slice(&[0, 0, 0x21, 0]); // time, date: 1980-01-01
        common.extend_from_slice(&crc32fast::hash(data).to_le_bytes());
        common.extend_from_slice(&word(data.len()));
        common.extend_from_slice(&word(data.len()));
        common.extend_from_slice(&half(name.len()));
        common.extend_from_slice(&[0, 0]); // extra field
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 6]); // comment, disk, internal attributes
        directory.extend_from_slice(&(0o100_644u32 << 16).to_le_bytes());
        directory.extend_from_slice(&offset);
        directory.extend_from_slice(name.as_bytes());
    }
    let start = word(out.len());
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&half(entries.len()));
    out.extend_from_slice(&half(entries.len()));
    out.extend_from_slice(&word(directory.len()));
    out.extend_from_slice(&start);
    out.extend_from_slice(&[0, 0]);
    out
}

/// A gzipped tar archive (POSIX ustar).
pub fn tar_gz(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, data) in entries {
        let mut head = [0u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..108].copy_from_slice(b"0000644\0");
        head[108..116].copy_from_slice(b"0000000\0");
        head[116..124].copy_from_slice(b"0000000\0");
        head[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
        head[136..148].copy_from_slice(b"00000000000\0");
        head[148..156].copy_from_slice(b"        ");
        head[156] = b'0';
        head[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend_from_slice(&head);
        tar.extend_from_slice(data);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    gzip(&tar)
}

/// Bytes under gzip (RFC 1952).
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// A small gzip file that unpacks to `head` followed by `megabytes` of spaces. One megabyte is compressed; its block,
/// ended at a byte's edge, is repeated.
pub fn gzip_bomb(head: &[u8], megabytes: usize) -> Vec<u8> {
    let spaces = vec![b' '; 1 << 20];
    let mut compress = Compress::new(Compression::default(), false);
    let mut block = |data: &[u8], flush| {
        let mut out = Vec::with_capacity(data.len() + 1024);
        compress.compress_vec(data, &mut out, flush).expect("spaces compress");
        out
    };
    let (first, warm) = (block(head, FlushCompress::Sync), block(&spaces, FlushCompress::Sync));
    let again = block(&spaces, FlushCompress::Sync);
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend_from_slice(&first);
    out.extend_from_slice(&warm);
    let (mut crc, mut spaces_crc) = (crc32fast::Hasher::new(), crc32fast::Hasher::new());
    crc.update(head);
    spaces_crc.update(&spaces);
    crc.combine(&spaces_crc);
    for _ in 1..megabytes {
        out.extend_from_slice(&again);
        crc.combine(&spaces_crc);
    }
    out.extend_from_slice(&[3, 0]); // an empty last block
    out.extend_from_slice(&crc.finalize().to_le_bytes());
    out.extend_from_slice(&word(head.len() + (megabytes << 20)));
    out
}

fn word(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("a fixture under 4 GiB").to_le_bytes()
}

fn half(n: usize) -> [u8; 2] {
    u16::try_from(n).expect("a fixture of few, short names").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_bomb_is_small_and_a_valid_gzip_file() {
        let bomb = gzip_bomb(b"{\"files\":[", 20);
        assert!(bomb.len() < 100_000, "{} bytes", bomb.len());
        let mut out = Vec::new();
        flate2::read::GzDecoder::new(&bomb[..]).read_to_end(&mut out).unwrap();
        assert_eq!(out.len(), 10 + (20 << 20));
    }

    #[test]
    fn python_reads_the_archives() {
        let folder = tempfile::tempdir().unwrap();
        let entries = [("a/b.txt".to_owned(), b"hello".to_vec()), ("c".to_owned(), vec![7; 1000])];
        std::fs::write(folder.path().join("x.zip"), zip(&entries)).unwrap();
        std::fs::write(folder.path().join("x.tar.gz"), tar_gz(&entries)).unwrap();
        let script = "import zipfile, tarfile\n\
            z = zipfile.ZipFile('x.zip'); assert z.testzip() is None; assert z.read('a/b.txt') == b'hello'\n\
            t = tarfile.open('x.tar.gz'); assert t.extractfile('c').read() == bytes([7]) * 1000";
        let out = crate::Run::new("python3").args(["-c", script]).folder(folder.path()).output();
        assert_eq!(out.code, Some(0), "{out}");
    }
}
