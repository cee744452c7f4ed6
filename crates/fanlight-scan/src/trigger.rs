//! Which files are worth a syntax tree: those that name something by which code reaches out of its own process.
//!
//! Every chain ends in running, sending, or writing where programs start; a file that names nothing of the kind has none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::program::Language;

static PYTHON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "exec(",
        "exec)",
        "exec,",
        "'exec'",
        "\"exec\"",
        "= exec",
        "=exec",
        ".exec",
        "execfile",
        "eval(",
        "eval)",
        "eval,",
        "'eval'",
        "\"eval\"",
        "= eval",
        "=eval",
        "subprocess",
        "os.system",
        "popen",
        "spawn",
        "startfile",
        "socket",
        "urlopen",
        "urllib",
        "requests",
        "httpx",
        "aiohttp",
        "http.client",
        "__import__",
        "import_module",
        "__builtins__",
        "builtins",
        "marshal",
        "ctypes",
        "pty",
        "smtplib",
        "ftplib",
        "winreg",
        "runpy",
        "websocket",
        "dns.",
        "telebot",
        "discord",
        "wget",
        ".bashrc",
        ".zshrc",
        ".profile",
        ".bash_profile",
        "systemd",
        "crontab",
        "autostart",
        "LaunchAgents",
        "authorized_keys",
        "pynput",
        "keyboard",
        "ImageGrab",
        "pyperclip",
        "compile(",
        "globals()",
    ])
    .ok()
});
static JAVASCRIPT: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "child_process",
        "child_",
        "eval(",
        "eval)",
        "eval,",
        "eval;",
        "eval`",
        "eval.",
        "'eval'",
        "\"eval\"",
        "Function(",
        "http'",
        "http\"",
        "https'",
        "https\"",
        "http2",
        "http.",
        "https.",
        "fetch",
        "axios",
        "'got'",
        "\"got\"",
        "'dns'",
        "\"dns\"",
        "node:dns",
        "'net'",
        "\"net\"",
        "node:net",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "atob",
        "fromCharCode",
        "_0x",
        "process[",
        "global[",
        "process.env",
        "vm'",
        "vm\"",
        "_compile",
        "dlopen",
        "execa",
        "shelljs",
        "constructor.constructor",
        ".bashrc",
        ".zshrc",
        ".profile",
        ".bash_profile",
        "systemd",
        "crontab",
    ])
    .ok()
});

/// What a file is worth.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// A syntax tree.
    Tree,
    /// What it imports: it reaches out of its process only through what it imports.
    Imports(BTreeSet<String>),
}

/// Tells what a file is worth.
pub(crate) fn worth(language: Language, path: &str, text: &str) -> Worth {
    let name = path.rsplit('/').next().unwrap_or(path);
    let tree = match language {
        // What an install script imports is followed, so its imports must be known.
        Language::Python => name == "setup.py" || found(&PYTHON, text),
        Language::JavaScript => {
            if found(&JAVASCRIPT, text) {
                return Worth::Tree;
            }
            return imports(text).map_or(Worth::Tree, Worth::Imports);
        }
        // Rust runs early only in build scripts and procedural macros.
        Language::Rust => {
            let shallow = path.matches('/').count() <= 1;
            name == "build.rs" || shallow || path.contains("/build/") || text.contains("proc_macro")
        }
    };
    if tree { Worth::Tree } else { Worth::Imports(BTreeSet::new()) }
}

fn found(words: &Option<AhoCorasick>, text: &str) -> bool {
    words.as_ref().is_none_or(|words| words.is_match(text))
}

/// Modules that are named plainly; nothing where one is put together while running.
fn imports(text: &str) -> Option<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    for word in ["require", "from", "import"] {
        for (at, _) in text.match_indices(word) {
            let rest = text[at + word.len()..].trim_start();
            let called = rest.strip_prefix('(').map(str::trim_start);
            let plain = called.unwrap_or(rest);
            match plain.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let end = plain[1..].find(quote)?;
                    // `'a' + b`: a part of a name.
                    if called.is_some() && !plain[end + 2..].trim_start().starts_with([')', ',']) {
                        return None;
                    }
                    out.insert(plain[1..=end].to_owned());
                }
                _ if called.is_some() && word != "from" => return None,
                _ => {}
            }
        }
    }
    // The loader by another name, or handed on: `const r = require;`.
    let calls = text.matches("require").count();
    let plain = text.matches("require(").count() + text.matches("required").count() + text.matches("requires").count();
    (calls <= plain).then_some(out)
}

#[cfg(test)]
mod tests;
