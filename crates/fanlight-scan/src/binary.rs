//! Files that are not text: compiled programs, and files that are not what their names say.

use crate::finding::{Confidence, Finding, Place, Severity};
use crate::rules;

/// Extensions of files that hold machine code.
const PROGRAMS: &[&str] = &[
    "so", "pyd", "dll", "dylib", "exe", "node", "a", "lib", "o", "bin", "com", "sys", "jnilib", "elf", "abi3", "wasm",
];

/// Extensions of files that nobody expects to be programs.
const HARMLESS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "ico", "svg", "webp", "woff", "woff2", "ttf", "otf", "txt", "md", "rst",
    "json", "csv", "css", "html", "xml", "yml", "yaml", "toml", "cfg", "ini", "mp3", "mp4", "wav", "pdf", "py", "js",
    "ts", "rs", "log", "dat", "lock",
];

/// The form of machine code, by a file's first bytes.
pub(crate) fn machine_code(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [0x7f, b'E', b'L', b'F', ..] => "an ELF program (Linux)",
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => "a Mach-O program (macOS)",
        // Java classes begin with the same four bytes, and a version over 40 where Mach-O counts architectures.
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, count, ..] if *count < 20 => "a Mach-O program (macOS)",
        [b'M', b'Z', ..] if is_windows(head) => "a Windows program",
        _ => return None,
    })
}

/// `MZ` alone begins many a text; the header it points at must be there.
fn is_windows(head: &[u8]) -> bool {
    let at = head.get(60..64).and_then(<[u8]>::first_chunk::<4>).map(|field| u32::from_le_bytes(*field));
    at.and_then(|at| usize::try_from(at).ok())
        .is_some_and(|at| head.get(at..).is_some_and(|rest| rest.starts_with(b"PE\0\0")))
}

/// Looks at a file's first bytes and name.
pub(crate) fn look(path: &str, head: &[u8]) -> Option<Finding> {
    let what = machine_code(head)?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    if HARMLESS.contains(&extension.as_str()) {
        return Some(Finding::of(&rules::BINARY_HIDDEN, Place::entry(path), &format!("{what} named .{extension}")));
    }
    let finding = Finding::of(&rules::BINARY, Place::entry(path), what);
    // `lib.so.6`, `tool` and `tool-linux-x64` are usual; a folder whose name begins with a dot is not.
    let usual = PROGRAMS.contains(&extension.as_str()) || name.contains(".so.") || !name.starts_with('.');
    let hidden =
        path.split('/').any(|part| part.starts_with('.') && part.len() > 2 && part != ".libs" && part != ".dylibs");
    Some(if usual && !hidden { finding } else { finding.rated(Severity::Medium, Confidence::Medium) })
}
