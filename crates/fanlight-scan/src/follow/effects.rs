//! What functions of languages and well-known libraries do, by their path.
//!
//! A path is how a value is reached from a module, with `()` for the result of a call: `socket.socket().connect`.

use std::rc::Rc;

use super::known;
use super::labels::Labels;
use crate::program::{Argument, Expr, Language};
use crate::report::Ability;

mod javascript;
mod python;
mod rust;

#[cfg(test)]
mod tests;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing of interest: the result carries what went in.
    Pass,
    /// The result carries nothing of what went in.
    Forget,
    /// The result is private data or tells about the machine.
    Take(Labels, Option<Ability>),
    /// One environment variable, by its name.
    Variable,
    /// The result is what the argument held in packed form.
    Decode,
    /// The argument in another form.
    Encode,
    /// Sends its arguments and brings an answer.
    Send,
    /// Looks up a name: what is in the name is sent to the owner of its domain.
    Lookup,
    /// Fetches into a file: address, place.
    Save,
    /// Starts a program.
    Run,
    /// Runs text as code.
    Evaluate,
    /// Compiles or wraps code without running it.
    Wrap,
    /// Loads a module by its name.
    Load,
    /// A member by its name: `getattr(a, "b")`.
    Member,
    /// Opens a file: place, mode.
    Open,
    /// Reads files or folders at a place.
    Read,
    /// Writes: place, data.
    Write,
    /// Writes to what it is called on.
    WriteInto,
    /// Copies from a place to another.
    Copy,
    /// What it is called on flows into the argument.
    Into,
    /// Opens a connection.
    Connect,
    /// Makes a connection that is not yet open.
    Socket,
    /// Turns input or output over.
    TurnOver,
    /// Loads machine code from a file.
    Native,
    /// Puts machine code into memory.
    Inject,
    /// Adds words to a command that is being put together.
    Words,
    /// Puts texts together with a text between them.
    JoinWith,
    /// A character by its number, or many.
    Characters,
    /// Applies its first argument to the others.
    Apply,
    /// Sets an entry of a registry: places in its texts count as written.
    Register,
    /// Makes a WebAssembly program out of bytes.
    Machine,
}

/// The effect of calling what is at a path.
pub(super) fn of_call(language: Language, path: &str) -> Effect {
    match language {
        Language::Python => python::of_call(path),
        Language::JavaScript => javascript::of_call(path),
        Language::Rust => rust::of_call(path),
    }
}

/// A path without the names that stand for the language itself.
pub(super) fn plain(language: Language, path: &Rc<str>) -> Rc<str> {
    let prefixes: &[&str] = match language {
        Language::Python => &["builtins.", "__builtins__.", "__builtin__.", "six.moves.", "lib2to3."],
        Language::JavaScript => &["globalThis.", "window.", "global.", "self.", "node:"],
        Language::Rust => &["crate.", "core."],
    };
    prefixes.iter().find_map(|prefix| path.strip_prefix(prefix)).map_or_else(|| Rc::clone(path), Rc::from)
}

/// Labels that a path carries by itself.
pub(super) fn of_name(language: Language, path: &str) -> Labels {
    match (language, path) {
        (Language::Python, "os.environ" | "os.environb") | (Language::JavaScript, "process.env") => Labels::ENVIRONMENT,
        (Language::JavaScript, "process.env.USER" | "process.env.USERNAME" | "process.env.HOSTNAME") => {
            Labels::IDENTITY
        }
        _ => match of_call(language, path) {
            Effect::Decode => Labels::DECODER,
            Effect::Evaluate => Labels::EVALUATOR,
            _ => Labels::default(),
        },
    }
}

/// The arguments of a call that starts a program, but for the environment that it gets; nothing where none is given.
pub(super) fn without_environment(language: Language, path: &str, arguments: &[Argument]) -> Option<Vec<Argument>> {
    if of_call(language, path) != Effect::Run {
        return None;
    }
    let is_environment = |part: &Expr| matches!(part, Expr::Part(name, _) if &**name == "env");
    let mut found = false;
    let rest = arguments.iter().filter_map(|argument| match &argument.value {
        _ if argument.name.as_deref() == Some("env") => {
            found = true;
            None
        }
        Expr::Group(parts) if parts.iter().any(is_environment) => {
            found = true;
            let parts = parts.iter().filter(|part| !is_environment(part)).cloned().collect();
            Some(Argument { name: argument.name.clone(), value: Expr::Group(parts) })
        }
        _ => Some(argument.clone()),
    });
    let rest = rest.collect();
    found.then_some(rest)
}

/// Labels that a part takes over from its whole.
pub(super) fn part(language: Language, whole: &str, name: &str, labels: Labels) -> Labels {
    let environment =
        matches!((language, whole), (Language::Python, "os.environ") | (Language::JavaScript, "process.env"));
    if !environment {
        // Methods of a text that is a place give places: `path.join`, `.replace`.
        return labels.without(Labels::DECODER | Labels::EVALUATOR);
    }
    if METHODS.contains(&name) {
        return labels;
    }
    if known::is_secret_variable(name) { Labels::SECRET } else { Labels::default() }
}

/// Methods of a mapping, as opposed to names of variables.
const METHODS: &[&str] =
    &["get", "copy", "items", "values", "keys", "pop", "setdefault", "update", "__getitem__", "hasOwnProperty"];

/// Whether calling this method of a text gives that text, or nearly.
pub(super) fn keeps_text(name: &str) -> bool {
    matches!(
        name,
        "encode"
            | "decode"
            | "strip"
            | "lower"
            | "upper"
            | "format"
            | "replace"
            | "join"
            | "toString"
            | "trim"
            | "concat"
            | "to_string"
            | "into"
            | "as_str"
            | "split"
            | "reverse"
            | "arg"
            | "args"
            | "fromhex"
            | "expanduser"
            | "spawn"
            | "status"
            | "output"
            | "exec"
    )
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
