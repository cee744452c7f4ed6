//! tar archives: old, ustar, pax and GNU headers, read in one pass.
//!
//! Own reader, because the libraries settle what should be told: sizes stated twice, data after the end, entries of
//! devices. Sources: POSIX pax (IEEE 1003.1), GNU tar's manual "Basic Tar Format".

use std::io::{self, BufRead, BufReader, Read, SeekFrom};

use fanlight_base::limits::SCAN_TAR_HEADER_BYTES;
use flate2::bufread::GzDecoder;

use super::{After, Budget, Metered, Names, Sink, Source, broken, settled};
use crate::finding::{Finding, Place};
use crate::rules;

const BLOCK: usize = 512;

/// The size up to which a header states it by itself, in 11 octal digits; only beyond it is an extended size needed.
const OCTAL_MAXIMUM: u64 = 0o77_777_777_777;

/// Reads a gzip stream: the tar archive in it, or the one file in it.
pub(super) fn read_gzip(
    source: &mut dyn Source,
    name: &str,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let end = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let mut decoder = GzDecoder::new(BufReader::with_capacity(64 * 1024, &mut *source));
    let mut first = [0; BLOCK];
    let count = fill(&mut decoder, &mut first)?;
    let is_tar = first.get(257..262) == Some(b"ustar") || count == BLOCK && checksum_is_right(&first);
    let content = first[..count].chain(&mut decoder);
    if is_tar {
        read(content, budget, sink)?;
    } else {
        let inner = name.strip_suffix(".gz").unwrap_or("content").rsplit('/').next().unwrap_or_default().to_owned();
        if budget.entry(&inner, sink) {
            let result = sink.entry(&inner, &mut Metered { inner: content, budget: &mut *budget, read: 0 });
            if settled(result, budget, &inner, sink)? == After::Stop {
                return Ok(());
            }
        }
    }
    if budget.stopped {
        return Ok(());
    }
    // Whatever the tar archive left is counted too, so that the stream's own checksum is looked at.
    io::copy(&mut Metered { inner: &mut decoder, budget, read: 0 }, &mut io::sink())?;
    let mut rest = decoder.into_inner();
    let again = rest.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let only_zeros = rest.buffer().iter().all(|byte| *byte == 0);
    let left = u64::try_from(rest.buffer().len()).unwrap_or(u64::MAX);
    let left = left + end.saturating_sub(rest.into_inner().stream_position()?);
    if left > 0 && !only_zeros {
        let what = if again { "a second gzip stream" } else { "data" };
        sink.found(Finding::of(&rules::DATA_AFTER, Place::whole(), &format!("{left} bytes: {what} after the end")));
    }
    Ok(())
}

/// As much as there is, up to the buffer's length.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match from.read(&mut buffer[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

/// What extended headers say of the entry that follows them.
#[derive(Default)]
struct Extended {
    path: Option<String>,
    link: Option<String>,
    size: Option<u64>,
}

/// Reads a tar archive from a stream.
pub(super) fn read(mut from: impl Read, budget: &mut Budget, sink: &mut dyn Sink) -> io::Result<()> {
    let mut names = Names::default();
    let mut next = Extended::default();
    let mut zeros = 0;
    loop {
        let mut header = [0; BLOCK];
        match fill(&mut from, &mut header)? {
            0 => break,
            BLOCK => {}
            _ => return Err(broken("the archive ends inside a header")),
        }
        if header.iter().all(|byte| *byte == 0) {
            zeros += 1;
            if zeros == 2 {
                break;
            }
            continue;
        }
        if zeros > 0 {
            sink.found(Finding::of(&rules::DATA_AFTER, Place::whole(), "an entry after an empty block"));
            zeros = 0;
        }
        if !checksum_is_right(&header) {
            return Err(broken("a header's checksum is wrong"));
        }
        let own_size = number(&header[124..136]).ok_or_else(|| broken("a header's size is no number"))?;
        if let kind @ (b'x' | b'g' | b'L' | b'K') = header[156] {
            if own_size > SCAN_TAR_HEADER_BYTES {
                sink.limit("scan_tar_header_bytes", SCAN_TAR_HEADER_BYTES, "");
                return Err(broken(format!("an extended header of {own_size} bytes")));
            }
            let mut data = Vec::new();
            Metered { inner: (&mut from).take(own_size), budget, read: 0 }.read_to_end(&mut data)?;
            skip_padding(&mut from, own_size)?;
            match kind {
                b'x' => extend(&mut next, &data)?,
                b'L' => next.path = Some(text(&data)),
                b'K' => next.link = Some(text(&data)),
                _ => {}
            }
            continue;
        }
        let after = entry(&mut from, &header, own_size, &std::mem::take(&mut next), &mut names, budget, sink)?;
        if after == After::Stop {
            return Ok(());
        }
    }
    trailing(from, budget, sink)
}

fn entry(
    from: &mut impl Read,
    header: &[u8; BLOCK],
    own_size: u64,
    extended: &Extended,
    names: &mut Names,
    budget: &mut Budget,
    sink: &mut dyn Sink,
) -> io::Result<After> {
    let path = extended.path.clone().unwrap_or_else(|| own_path(header));
    if !budget.entry(&path, sink) {
        return Ok(After::Stop);
    }
    let size = extended.size.unwrap_or(own_size);
    if size != own_size && (own_size != 0 || size <= OCTAL_MAXIMUM) {
        let said = format!("{own_size} bytes by the entry's header, {size} by its extended header");
        sink.found(Finding::of(&rules::MISMATCH, Place::entry(&path), &said));
    }
    let kind = header[156];
    let folder = kind == b'5' || (kind == 0 && path.ends_with('/'));
    names.check(&path, folder, sink);
    let target = || extended.link.clone().unwrap_or_else(|| text(&header[157..257]));
    let mut content = Metered { inner: from.take(size), budget, read: 0 };
    let result = match kind {
        _ if folder => Ok(()),
        0 | b'0' | b'7' => sink.entry(&path, &mut content),
        b'1' | b'2' => {
            names.link(&path, &target(), kind == b'1', sink);
            Ok(())
        }
        b'3' | b'4' | b'6' => {
            let what = ["a character device", "a block device", "", "a pipe"][usize::from(kind - b'3')];
            sink.found(Finding::of(&rules::DEVICE, Place::entry(&path), what));
            Ok(())
        }
        other => {
            let said = format!("an entry of the kind {:?}", char::from(other));
            sink.found(Finding::of(&rules::UNREADABLE, Place::entry(&path), &said));
            Ok(())
        }
    };
    let result = result.and_then(|()| io::copy(&mut content, &mut io::sink()).map(drop));
    let read = content.read;
    if settled(result, budget, &path, sink)? == After::Stop {
        return Ok(After::Stop);
    }
    if read < size {
        return Err(broken(format!("the archive ends inside {path}")));
    }
    skip_padding(from, size)?;
    Ok(After::Next)
}

/// What follows the end must be zeros.
fn trailing(mut from: impl Read, budget: &mut Budget, sink: &mut dyn Sink) -> io::Result<()> {
    let mut rest = Metered { inner: &mut from, budget, read: 0 };
    let mut buffer = [0; 8192];
    let mut data = 0;
    loop {
        let count = rest.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        data += buffer[..count].iter().filter(|byte| **byte != 0).count();
    }
    if data > 0 {
        sink.found(Finding::of(&rules::DATA_AFTER, Place::whole(), &format!("{data} bytes after the archive's end")));
    }
    Ok(())
}

fn skip_padding(from: &mut impl Read, size: u64) -> io::Result<()> {
    let block = u64::try_from(BLOCK).unwrap_or(u64::MAX);
    io::copy(&mut from.take((block - size % block) % block), &mut io::sink()).map(drop)
}

/// The sum of all bytes, the checksum's own field counted as spaces; signed in very old archives.
fn checksum_is_right(header: &[u8; BLOCK]) -> bool {
    let stated = number(&header[148..156]);
    let bytes = || header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let sum: u64 = bytes().map(u64::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    stated.is_some() && (stated == Some(sum) || stated.and_then(|stated| i64::try_from(stated).ok()) == Some(signed))
}

/// An octal number, or GNU's base-256 one.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let (first, rest) = field.split_first()?;
        return rest
            .iter()
            .try_fold(u64::from(first & 0x7f), |sum, byte| sum.checked_mul(256).map(|sum| sum + u64::from(*byte)));
    }
    let digits = field.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    let digits = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(digits, 8).ok()
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned()
}

fn own_path(header: &[u8; BLOCK]) -> String {
    let name = text(&header[..100]);
    let prefix = if &header[257..263] == b"ustar\0" { text(&header[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// pax records: `LENGTH KEY=VALUE\n`, the length counting itself.
fn extend(next: &mut Extended, mut data: &[u8]) -> io::Result<()> {
    let wrong = || broken("an extended header that cannot be read");
    while !data.is_empty() && data[0] != 0 {
        let space = data.iter().take(20).position(|byte| *byte == b' ').ok_or_else(wrong)?;
        let length = std::str::from_utf8(&data[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let length = length.filter(|length| *length > space + 1 && *length <= data.len()).ok_or_else(wrong)?;
        let record = data[space + 1..length].strip_suffix(b"\n").ok_or_else(wrong)?;
        data = &data[length..];
        let equals = record.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
        let value = &record[equals + 1..];
        match &record[..equals] {
            b"path" => next.path = Some(String::from_utf8_lossy(value).into_owned()),
            b"linkpath" => next.link = Some(String::from_utf8_lossy(value).into_owned()),
            b"size" => {
                let size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                next.size = Some(size.ok_or_else(wrong)?);
            }
            _ => {}
        }
    }
    Ok(())
}
