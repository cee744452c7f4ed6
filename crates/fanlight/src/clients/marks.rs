//! The marks around what Fanlight writes into somebody else's file, and in front of the lines it switches off.
//!
//! pip's and uv's files both begin a comment with `#`, so both bear the same marks. With them, what is ours can be taken
//! out again even after the person went on editing, and what was there before is still to be read in its place.

use fanlight_api::run::DEVICE_TOKEN_PREFIX;

/// The line before what is ours.
pub const START: &str = "# >>> fanlight: written by `fanlight use`, taken out by `fanlight use --undo`";
/// The line after it.
pub const END: &str = "# <<< fanlight";
/// What stands before a line that is switched off.
pub const OFF: &str = "# (off while Fanlight is in use) ";

/// Why a client's configuration could not be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The file is not what the client could read.
    #[error("line {line}: {what}")]
    Unreadable {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// Only a part of what was written is still there.
    #[error("line {line}: a mark that Fanlight set was changed, so it is not certain which lines are Fanlight's own")]
    MarksChanged {
        /// The line, from 1.
        line: usize,
        /// Every line that bears a mark or a token, from 1.
        ours: Vec<usize>,
    },
}

/// The line ending that a text uses throughout; of mixed ones, the plain.
pub fn line_ending(text: &str) -> &'static str {
    let (all, carried) = (text.matches('\n').count(), text.matches("\r\n").count());
    if all > 0 && all == carried { "\r\n" } else { "\n" }
}

/// A line without its ending.
pub fn bare(line: &str) -> &str {
    line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
}

/// The line from 1 at a byte of the text.
pub fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1
}

/// The text without our block and with the lines on again that were switched off. `None` where no mark is in it.
///
/// `ini` says that the file has sections which go on after our block: a header inside it stays where options of the
/// person follow.
pub fn taken_out(text: &str, ini: bool) -> Result<Option<String>, EditError> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::with_capacity(text.len());
    let (mut ours, mut at) = (false, 0);
    while at < lines.len() {
        let line = bare(lines[at]);
        if line == START {
            let end = lines[at..].iter().position(|l| bare(l) == END).ok_or_else(|| changed(&lines, at))?;
            ours = true;
            let header = lines[at..at + end].iter().find(|l| bare(l).starts_with('['));
            if let Some(header) = header.filter(|_| ini && options_follow(&lines[at + end + 1..])) {
                out.push_str(header);
            } else if header.is_some() && out.ends_with(&["\n", line_ending(text)].concat()) {
                out.truncate(out.len() - line_ending(text).len());
            }
            at += end + 1;
            continue;
        }
        if line == END || bears_token(line) {
            return Err(changed(&lines, at));
        }
        if let Some(on) = lines[at].strip_prefix(OFF) {
            ours = true;
            out.push_str(on);
        } else {
            out.push_str(lines[at]);
        }
        at += 1;
    }
    Ok(ours.then_some(out))
}

fn bears_token(line: &str) -> bool {
    !line.starts_with(OFF) && line.contains(&format!(":{DEVICE_TOKEN_PREFIX}"))
}

fn changed(lines: &[&str], at: usize) -> EditError {
    let is_ours =
        |line: &str| line == START || line == END || line.starts_with(OFF) || line.contains(DEVICE_TOKEN_PREFIX);
    let ours = (1..).zip(lines).filter(|(_, line)| is_ours(bare(line))).map(|(number, _)| number);
    EditError::MarksChanged { line: at + 1, ours: ours.collect() }
}

/// Whether an option stands before the next section.
fn options_follow(lines: &[&str]) -> bool {
    lines
        .iter()
        .map(|line| bare(line).trim())
        .take_while(|line| !line.starts_with('['))
        .any(|line| !line.is_empty() && !line.starts_with(['#', ';']))
}
