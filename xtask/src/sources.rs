//! Length of source files, and words that say that something is not finished.
//!
//! A file over [`LINES`] lines either falls apart into several, or says in its header why not. Stubs, skipped tests and
//! code kept dead are never right on the main branch.

use crate::repository::{Repository, TextFile};

#[cfg(test)]
mod tests;

/// Lines a source file may have without giving a reason.
const LINES: usize = 600;

/// How a header begins the reason for a longer file.
const REASON: &str = "//! Long because ";

/// Words of things left undone, in pieces so that this file does not hold them.
fn stubs() -> Vec<String> {
    let parts: &[[&str; 2]] = &[
        ["to", "do!("],
        ["unimple", "mented!("],
        ["#[ig", "nore"],
        ["FIX", "ME"],
        ["allow(dead", "_code)"],
        ["expect(dead", "_code"],
    ];
    parts.iter().map(|pieces| pieces.concat()).collect()
}

/// Every file that is too long without a reason, and every line with a stub.
pub fn check(repository: &Repository) -> Vec<String> {
    repository.ending(".rs").flat_map(judge).collect()
}

fn judge(file: &TextFile) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = file.text.lines().count();
    if lines > LINES && !file.text.lines().take(10).any(|line| line.starts_with(REASON)) {
        wrong.push(format!(
            "{}: {lines} lines; split it where it falls apart by itself, or say why not in its header: `{REASON}...`",
            file.path
        ));
    }
    let stubs = stubs();
    for (number, line) in file.text.lines().enumerate() {
        if let Some(stub) = stubs.iter().find(|stub| line.contains(stub.as_str())) {
            wrong.push(format!("{}:{}: `{stub}`: finish it", file.path, number + 1));
        }
    }
    wrong
}
