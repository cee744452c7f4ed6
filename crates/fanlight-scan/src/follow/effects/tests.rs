//! The search for links knows every function that reaches out, however its module is brought in: a file without a link is
//! never read as a program.

use super::*;
use crate::links::{Links, named};

/// The texts in quotes of a table.
fn texts(source: &str) -> Vec<&str> {
    let plain = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    source.lines().flat_map(|line| line.split('"').skip(1).step_by(2)).filter(plain).collect()
}

/// The paths of a table that reach out: those that it writes, and those of its families.
fn paths(language: Language, source: &str) -> Vec<String> {
    let (texts, is_part) = (texts(source), |text: &&&str| !text.contains(['.', '(', '?', '_']) || text.contains("b64"));
    let all = texts.iter().map(|text| (*text).to_owned());
    // What any object's method of this name would be says nothing of the module.
    let of_any = |name: &str| of_call(language, &format!("any_module.{name}")) != Effect::Pass;
    let more = ["execv", "execl", "execvpe", "spawnl", "spawnv", "spawnvpe"];
    let names: Vec<_> = texts.iter().filter(is_part).copied().chain(more).filter(|name| !of_any(name)).collect();
    let pairs =
        texts.iter().filter(is_part).flat_map(|module| names.iter().map(move |name| format!("{module}.{name}")));
    let reaches = |path: &String| {
        matches!(of_call(language, path), Effect::Run | Effect::Send | Effect::Evaluate | Effect::Decode | Effect::Load)
    };
    all.chain(pairs).filter(|path| !path.starts_with('?')).filter(reaches).collect()
}

fn has_link(language: Language, text: &str) -> bool {
    let wanted = Links::RUN | Links::NETWORK | Links::EVALUATE | Links::DECODE | Links::DYNAMIC | Links::HIDES;
    named(language, text, false).links.has(wanted)
}

/// Where a path can be parted into what is imported and what is taken of it.
fn parted(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let end = path.find('(').unwrap_or(path.len());
    path[..end].match_indices('.').map(|(at, _)| (&path[..at], &path[at + 1..]))
}

#[test]
fn every_function_of_python_that_reaches_out_is_a_link() {
    let source = include_str!("python.rs");
    let paths = paths(Language::Python, source);
    assert!(paths.len() > 100 && paths.iter().any(|path| path == "os.spawnv"), "{paths:?}");
    // A builtin has no module; what these modules do not have, the table takes in with others.
    let no_module = |path: &str| {
        let (module, name) = path.split_once('.').unwrap_or((path, ""));
        matches!(module, "bytes" | "bytearray")
            || matches!(module, "gzip" | "zstandard") && name != "decompress"
            || name == "loads" && module != "marshal"
            || name == "decode" && module != "codecs"
            || module == "os" && matches!(name, "exec" | "execfile" | "spawn")
    };
    let mut missed = Vec::new();
    for path in paths.iter().filter(|path| !no_module(path)) {
        if !path.contains('.') {
            assert!(has_link(Language::Python, &format!("{path} (x)\n")), "{path}");
        }
        for (module, rest) in parted(path) {
            let (name, more) = rest.split_at(rest.find(['.', '(']).unwrap_or(rest.len()));
            for text in [
                format!("import {module}\n{path}(x)\n"),
                format!("import {module} as z\nz.{rest}(x)\n"),
                format!("from {module} import {name}\n{rest}(x)\n"),
                format!("from {module} import {name} as z\nz{more} (x)\n"),
                format!("from {module} import (\n    other,\n    {name},\n)\n{rest} (x)\n"),
            ] {
                missed.extend(Some(text).filter(|text| !has_link(Language::Python, text)));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_function_of_javascript_that_reaches_out_is_a_link() {
    let paths = paths(Language::JavaScript, include_str!("javascript.rs"));
    assert!(paths.len() > 60 && paths.iter().any(|path| path == "https.request"), "{paths:?}");
    // What hangs on a value: there is no module of this name.
    let no_module = |path: &str| matches!(path.split(['.', '(']).next(), Some("socket" | "execa()"));
    for path in paths.iter().filter(|path| !no_module(path)) {
        if !path.contains('.') {
            assert!(
                has_link(Language::JavaScript, &format!("{path} (x);"))
                    || has_link(Language::JavaScript, &format!("require('{path}')(x);")),
                "{path}"
            );
        }
        for (module, rest) in parted(path).filter(|(module, _)| !module.is_empty() && !module.contains('.')) {
            let (name, more) = rest.split_at(rest.find(['.', '(']).unwrap_or(rest.len()));
            for text in [
                format!("const z = require('{module}'); z.{rest}(x);"),
                format!("const {{{name}: z}} = require (\"{module}\"); z{more} (x);"),
                format!("import z from '{module}';\nz.{rest}(x);"),
                format!("import {{ {name} as z }} from \"{module}\";\nz{more}(x);"),
                format!("{path}(x);\nrequire('{module}');"),
            ] {
                let is_own = matches!(module, "process" | "module" | "createRequire" | "navigator");
                assert!(is_own || has_link(Language::JavaScript, &text), "{text}");
            }
            let of_language = format!("{path} (x);");
            let is_own = matches!(module, "process" | "module" | "navigator" | "createRequire");
            assert!(!is_own || has_link(Language::JavaScript, &of_language), "{of_language}");
        }
    }
}
