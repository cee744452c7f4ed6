//! Source text as a small program that is the same for every language: assignments, calls, functions.
//!
//! It keeps what is needed to see which value flows where, and forgets the rest: branches are taken as a sequence, since
//! all of them may run. Refuses to know what any function does ([`crate::follow`]). Invariant: depth and steps of
//! reading are bounded by counts, so that the same text gives the same program anywhere; where depth cuts something off, [`Program::cut`]
//! says so.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::rc::Rc;

use fanlight_base::limits::{SCAN_EXPRESSION_DEPTH, SCAN_TREE_STEPS};
use tree_sitter::{Language as Grammar, Node, ParseOptions, Parser, Tree};

mod javascript;
mod literal;
mod python;
mod rust;

#[cfg(test)]
mod tests;

/// A language that is read as a syntax tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    Python,
    JavaScript,
    Rust,
}

/// A value, as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Expr {
    /// A text that is known.
    Text(Rc<str>),
    /// A whole number.
    Number(u32),
    /// A name.
    Name(Rc<str>),
    /// `a.b`, `a::b`.
    Member(Box<Expr>, Rc<str>),
    /// `a[b]`.
    Index(Box<Expr>, Box<Expr>),
    /// A call, with the bytes of the source it stands at.
    Call { callee: Box<Expr>, arguments: Vec<Argument>, at: Range<usize> },
    /// Texts put together.
    Join(Vec<Expr>),
    /// A text turned round: `a[::-1]`.
    Reversed(Box<Expr>),
    /// A list, an object, a condition: a value made of others.
    Group(Vec<Expr>),
    /// A part of an object, by its name.
    Part(Rc<str>, Box<Expr>),
    /// A comparison: looks at values and passes none of them on.
    Check(Vec<Expr>),
    /// `name = value` as a value.
    Set(Rc<str>, Box<Expr>),
    /// A function without a name, by its index.
    Function(usize),
    /// Nothing that matters.
    #[default]
    Nothing,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Argument {
    pub name: Option<Rc<str>>,
    pub value: Expr,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Names get a value, or each a part of it.
    Set(Vec<Rc<str>>, Expr),
    /// Something that is not a name gets a value.
    Put(Expr, Expr),
    /// A value is made and dropped.
    Do(Expr),
    /// A name stands for something of another module.
    Import { local: Rc<str>, path: Rc<str> },
    /// A name stands for a function.
    Define(Rc<str>, usize),
    /// The function's result.
    Give(Expr),
}

/// How a function comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Start {
    /// When it is called.
    #[default]
    Called,
    /// When the file is the program that was started, and not when it is imported.
    Program,
    /// By an installer: a command of setup.py, a build backend's hook, `main` of build.rs.
    Hook,
}

/// A function's parameters and statements.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Function {
    pub parameters: Vec<Rc<str>>,
    pub steps: Vec<Step>,
    pub start: Start,
}

/// A file's program.
#[derive(Debug, Default)]
pub(crate) struct Program {
    /// The first is the file itself.
    pub functions: Vec<Function>,
    /// Whether something was too deep to be read.
    pub cut: bool,
}

/// Why a text has no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It takes more steps than `SCAN_TREE_STEPS`.
    Long,
    /// No parser of its language is there.
    Unknown,
}

impl Language {
    /// Its grammar.
    pub(crate) fn grammar(self) -> Grammar {
        match self {
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
        }
    }
}

/// After so many of its steps the parser asks whether it may go on.
const ASKED_AFTER: usize = 100;

/// Bytes of the text that the parser is given at once.
const PIECE: usize = 1024;

/// What going through a piece counts for. Parsers of some languages look far ahead in one step, which counts here.
const PIECE_STEPS: usize = 50;

/// A text's syntax tree, unless that takes over `steps`.
pub(crate) fn tree(language: Language, text: &str, steps: usize) -> Result<Tree, Unread> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar()).map_err(|_| Unread::Unknown)?;
    let (bytes, done) = (text.as_bytes(), Cell::new(0_usize));
    let mut patience = |_: &tree_sitter::ParseState| {
        done.set(done.get() + ASKED_AFTER);
        if done.get() > steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut input = |at: usize, _| {
        done.set(done.get() + PIECE_STEPS);
        let rest = bytes.get(at..).unwrap_or_default();
        &rest[..rest.len().min(PIECE)]
    };
    let options = ParseOptions::new().progress_callback(&mut patience);
    parser.parse_with_options(&mut input, None, Some(options)).ok_or(Unread::Long)
}

/// Reads source text. Faults in it are passed over: what can be read is read.
pub(crate) fn read(language: Language, text: &str) -> Result<Program, Unread> {
    let tree = tree(language, text, SCAN_TREE_STEPS)?;
    let mut reading = Reading { text, program: Program::default(), depth: 0 };
    reading.program.functions.push(Function::default());
    let mut steps = Vec::new();
    match language {
        Language::Python => python::file(&mut reading, tree.root_node(), &mut steps),
        Language::JavaScript => javascript::file(&mut reading, tree.root_node(), &mut steps),
        Language::Rust => rust::file(&mut reading, tree.root_node(), &mut steps),
    }
    reading.program.functions[0].steps = steps;
    Ok(reading.program)
}

/// What the readers of all languages share.
struct Reading<'a> {
    text: &'a str,
    program: Program,
    depth: usize,
}

impl<'a> Reading<'a> {
    fn text(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn name(&self, node: Node<'_>) -> Rc<str> {
        self.text(node).into()
    }

    /// Goes one level down, unless that is too deep.
    fn down<T: Default>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= SCAN_EXPRESSION_DEPTH {
            self.program.cut = true;
            return T::default();
        }
        self.depth += 1;
        let out = inside(self);
        self.depth -= 1;
        out
    }

    /// A function's index, once its steps are read.
    fn function(&mut self, parameters: Vec<Rc<str>>, steps: Vec<Step>, start: Start) -> usize {
        self.program.functions.push(Function { parameters, steps, start });
        self.program.functions.len() - 1
    }

    /// All names in a pattern.
    fn names(&self, node: Node<'_>, kinds: &[&str]) -> Vec<Rc<str>> {
        let mut out = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if kinds.contains(&node.kind()) {
                out.push(self.name(node));
            } else {
                open.extend(children(node).into_iter().rev());
            }
            if out.len() > 64 {
                break;
            }
        }
        out
    }
}

/// A node's children that have a name in the grammar, comments left out.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}
