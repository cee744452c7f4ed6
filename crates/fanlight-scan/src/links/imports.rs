//! Modules that a file names plainly, told without a tree: what an install script brings along is followed.

use std::collections::BTreeSet;

use crate::program::Language;

/// Bytes of a file that are searched for the modules it names; who imports does so at its beginning.
const SEARCHED: usize = 256 * 1024;

/// The modules that a file names plainly.
pub(crate) fn imports(language: Language, text: &str) -> BTreeSet<String> {
    let text = crate::redact::head(text, SEARCHED);
    match language {
        Language::Python => python(text),
        Language::JavaScript => javascript(text),
        Language::Rust => BTreeSet::new(),
    }
}

/// `import a.b`, `from a import b`, as paths.
fn python(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let name = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
    for line in text.lines().map(str::trim_start) {
        if let Some(rest) = line.strip_prefix("import ") {
            let modules = rest.split(',').filter_map(|one| one.split_whitespace().next());
            out.extend(modules.filter(|module| name(module)).map(str::to_owned));
        } else if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            let module = module.trim();
            let names = names.trim_matches(['(', ')']).split(',').filter_map(|one| one.split_whitespace().next());
            out.extend(names.filter(|one| name(one) && name(module)).map(|one| format!("{module}.{one}")));
        }
    }
    out
}

/// `require("a")`, `from "a"`, `import "a"`.
fn javascript(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for word in ["require", "from", "import"] {
        for (at, _) in text.match_indices(word) {
            let rest = text[at + word.len()..].trim_start();
            let plain = rest.strip_prefix('(').map_or(rest, str::trim_start);
            if let Some(quote @ ('"' | '\'')) = plain.chars().next()
                && let Some(end) = plain[1..].find(quote).filter(|end| *end < 200)
            {
                out.insert(plain[1..=end].to_owned());
            }
        }
    }
    out
}
