//! Follows values through a [`Program`]: where they come from, what is done to them, where they end.
//!
//! One call says little: that a key is read and then sent says much. So every value carries labels of what it was made
//! from, calls of the file's own functions are followed into them, and an [`Event`] is noted where a label meets an
//! effect. Branches are not decided: all of them count. Refuses to weigh anything ([`crate::chains`]). Invariant: the
//! steps taken for one file are bounded by `SCAN_STEPS`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::rc::Rc;

use fanlight_base::limits::SCAN_STEPS;

use crate::program::{Argument, Expr, Language, Program, Start, Step};
use crate::report::Ability;

mod effects;
mod fold;
pub(crate) mod known;
mod labels;
mod meet;

pub(crate) use labels::Labels;

/// From where a piece of code was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Root {
    /// From nowhere in this file.
    Called,
    /// From the file's program part.
    Program,
    /// From a function that an installer calls.
    Hook,
    /// From the file itself: on import.
    Top,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum What {
    /// An ability is used.
    Ability(Ability),
    /// A value that carries these labels is sent away.
    Sent,
    /// Text or machine code that carries these labels is run.
    Ran,
    /// A file that was made of these labels is started or loaded.
    Started,
    /// A command fetches something and runs it.
    Pipe,
    /// A command or program that is hidden: an encoded command, a hidden window.
    Hidden,
    /// A connection is opened to a server.
    Connected,
    /// Input and output are turned over to a connection, or a shell is started on one.
    TurnedOver,
    /// Machine code is put into memory.
    Injected,
    /// Something is written where the system starts programs from.
    Persisted,
    /// An address of a service for anonymous receipt of data.
    DropHost,
}

/// Something that happened at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Event {
    pub what: What,
    pub labels: Labels,
    pub root: Root,
    pub at: Range<usize>,
}

/// All that was seen in one file.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub events: Vec<Event>,
    /// Modules that it imports, as it writes them.
    pub imports: BTreeSet<String>,
    /// Hosts named in texts.
    pub hosts: BTreeSet<String>,
    /// Whether steps ran out.
    pub cut: bool,
}

/// A value: what is known of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Value {
    pub labels: Labels,
    /// Its text, where it can be told.
    pub text: Option<Rc<str>>,
    /// Its number, or its numbers.
    pub numbers: Vec<u32>,
    /// What it is in the language's own library: `os.system`, `requests.get()`.
    pub path: Option<Rc<str>>,
    /// A function of this file.
    pub function: Option<usize>,
    /// Texts and names that it goes by as a file: what is written under one is known when it is started.
    pub keys: Vec<Rc<str>>,
}

impl Value {
    fn labelled(labels: Labels) -> Self {
        Self { labels, ..Self::default() }
    }

    fn add_keys(&mut self, keys: &[Rc<str>]) {
        for key in keys.iter().take(4) {
            if self.keys.len() < 8 && !self.keys.contains(key) {
                self.keys.push(Rc::clone(key));
            }
        }
    }
}

/// Functions that call one another are followed so deep.
const CALL_DEPTH: usize = 8;

/// Bytes of a path in a library that are followed.
const PATH_BYTES: usize = 160;

/// Follows a program from its top, its hooks, and then whatever was not reached.
pub(crate) fn follow(language: Language, program: &Program) -> Seen {
    let mut walk = Walk {
        language,
        program,
        seen: Seen::default(),
        noted: HashSet::new(),
        globals: HashMap::new(),
        written: HashMap::new(),
        stack: Vec::new(),
        reached: HashSet::new(),
        results: HashMap::new(),
        root: Root::Top,
        steps: 0,
    };
    walk.run(0, &[]);
    let starts = program.functions.iter().enumerate();
    let hooks: Vec<_> =
        starts.clone().filter(|(_, f)| f.start == Start::Hook).map(|(at, _)| (at, Root::Hook)).collect();
    let mains = starts.clone().filter(|(_, f)| f.start == Start::Program).map(|(at, _)| (at, Root::Program));
    let rest = starts.skip(1).map(|(at, _)| (at, Root::Called));
    for (function, root) in mains.chain(hooks).chain(rest) {
        if root != Root::Called || !walk.reached.contains(&function) {
            walk.root = root;
            walk.run(function, &[]);
        }
    }
    walk.seen
}

struct Walk<'a> {
    language: Language,
    program: &'a Program,
    seen: Seen,
    noted: HashSet<(What, Labels, usize, Root)>,
    globals: HashMap<Rc<str>, Value>,
    /// What files are made of, by their keys.
    written: HashMap<Rc<str>, Labels>,
    /// The functions being run, with their names' values.
    stack: Vec<(usize, HashMap<Rc<str>, Value>)>,
    reached: HashSet<usize>,
    /// Results of calls, by a hash of function, root and arguments: the same call says nothing new.
    results: HashMap<u64, Value>,
    root: Root,
    steps: usize,
}

impl Walk<'_> {
    /// Runs a function with values for its parameters; gives its result.
    fn run(&mut self, function: usize, arguments: &[Value]) -> Value {
        let Some(body) = self.program.functions.get(function) else { return Value::default() };
        if self.stack.len() > CALL_DEPTH || self.stack.iter().any(|(running, _)| *running == function) {
            return Value::default();
        }
        self.reached.insert(function);
        let mut hasher = DefaultHasher::new();
        (function, self.root).hash(&mut hasher);
        for argument in arguments {
            (argument.labels, &argument.text, &argument.path, argument.function).hash(&mut hasher);
        }
        let call = hasher.finish();
        if let Some(known) = self.results.get(&call) {
            return known.clone();
        }
        let names = body.parameters.iter().cloned().zip(arguments.iter().cloned()).collect();
        self.stack.push((function, names));
        // Functions are known by their names before anything runs, as in JavaScript.
        for step in &body.steps {
            if let Step::Define(name, function) = step {
                self.set(name, Value { function: Some(*function), ..Value::default() });
            }
        }
        let mut given = Value::default();
        for step in &body.steps {
            self.steps += 1;
            if self.steps > SCAN_STEPS {
                self.seen.cut = true;
                break;
            }
            self.step(step, &mut given);
        }
        self.stack.pop();
        self.results.insert(call, given.clone());
        given
    }

    fn step(&mut self, step: &Step, given: &mut Value) {
        match step {
            Step::Set(names, value) => {
                let value = self.value(value);
                for name in names {
                    let mut own = value.clone();
                    if names.len() > 1 {
                        (own.text, own.numbers) = (None, Vec::new());
                    }
                    own.add_keys(&[Rc::clone(name)]);
                    self.set(name, own);
                }
            }
            Step::Put(target, value) => {
                let mut value = self.value(value);
                if let Expr::Member(whole, _) | Expr::Index(whole, _) = target {
                    let own = self.value(whole);
                    // A part of something: the whole carries what its parts carry.
                    if let Expr::Name(name) = &**whole {
                        let mut whole = own.clone();
                        whole.labels |= value.labels.contents();
                        self.set(name, whole);
                    }
                    self.assigned(target, &own, &value);
                }
                if let Expr::Member(whole, name) = target
                    && matches!(&**whole, Expr::Name(this) if matches!(&**this, "self" | "this"))
                {
                    value.add_keys(&[Rc::clone(name)]);
                    self.globals.insert(format!("self.{name}").into(), value);
                }
            }
            Step::Do(value) => drop(self.value(value)),
            Step::Give(value) => {
                let value = self.value(value);
                if given.labels.is_empty() && given.path.is_none() && given.text.is_none() {
                    *given = value;
                } else {
                    given.labels |= value.labels;
                }
            }
            Step::Import { local, path } => {
                self.seen.imports.insert(path.to_string());
                self.set(local, Value { path: Some(Rc::clone(path)), ..Value::default() });
            }
            Step::Define(..) => {}
        }
    }

    /// A function within another may set the names of the other.
    fn set(&mut self, name: &Rc<str>, value: Value) {
        let outer = self.stack.iter_mut().skip(1).rev().find(|(_, names)| names.contains_key(name));
        let names = match outer {
            Some((_, names)) => names,
            None if self.language == Language::JavaScript && self.globals.contains_key(name) => &mut self.globals,
            None => match self.stack.as_mut_slice() {
                [] | [_] => &mut self.globals,
                [.., (_, names)] => names,
            },
        };
        names.insert(Rc::clone(name), value);
    }

    fn get(&self, name: &Rc<str>) -> Value {
        let inner = self.stack.iter().rev().find_map(|(_, names)| names.get(name));
        if let Some(value) = inner.or_else(|| self.globals.get(name)) {
            return value.clone();
        }
        // A name that the file does not set is the language's own, or comes from a wildcard import.
        self.at_path(name)
    }

    /// A value known by its path in a library.
    fn at_path(&self, path: &Rc<str>) -> Value {
        let path = effects::plain(self.language, path);
        Value { labels: effects::of_name(self.language, &path), path: Some(path), ..Value::default() }
    }

    fn value(&mut self, expression: &Expr) -> Value {
        self.steps += 1;
        if self.steps > SCAN_STEPS {
            self.seen.cut = true;
            return Value::default();
        }
        match expression {
            Expr::Text(text) => self.text(text),
            Expr::Number(number) => Value { numbers: vec![*number], ..Value::default() },
            Expr::Name(name) => self.get(name),
            Expr::Member(whole, name) => self.member(whole, name),
            Expr::Index(whole, index) => {
                let index = self.value(index);
                match index.text {
                    Some(text) => self.member(whole, &text),
                    None => {
                        let mut value = self.value(whole);
                        (value.text, value.path, value.function) = (None, None, None);
                        value
                    }
                }
            }
            Expr::Call { callee, arguments, at } => self.call(callee, arguments, at),
            Expr::Join(parts) => self.join(parts),
            Expr::Reversed(inner) => {
                let mut value = self.value(inner);
                if let Some(text) = value.text.take() {
                    let reversed: String = text.chars().rev().collect();
                    let known = self.text(&reversed.into());
                    (value.labels, value.text) = (value.labels | known.labels, known.text);
                }
                value
            }
            Expr::Group(parts) => self.group(parts),
            Expr::Part(_, value) => {
                // Not the text of the whole: that would be one of many.
                let value = self.value(value);
                Value { text: None, ..value }
            }
            Expr::Check(parts) => {
                parts.iter().for_each(|part| drop(self.value(part)));
                Value::default()
            }
            Expr::Set(name, value) => {
                let mut value = self.value(value);
                value.add_keys(&[Rc::clone(name)]);
                self.set(name, value.clone());
                value
            }
            Expr::Function(function) => Value { function: Some(*function), ..Value::default() },
            Expr::Nothing => Value::default(),
        }
    }

    fn text(&mut self, text: &Rc<str>) -> Value {
        for host in known::hosts(text) {
            if self.seen.hosts.len() < 500 {
                self.seen.hosts.insert(host);
            }
        }
        Value {
            labels: known::labels_of(text),
            text: Some(Rc::clone(text)),
            keys: vec![Rc::clone(text)],
            ..Value::default()
        }
    }

    fn group(&mut self, parts: &[Expr]) -> Value {
        if let [one] = parts {
            return self.value(one);
        }
        let mut out = Value::default();
        for part in parts {
            let value = self.value(part);
            out.labels |= value.labels;
            out.add_keys(&value.keys);
            if out.numbers.len() < 4096 {
                out.numbers.extend(value.numbers);
            }
            // A choice between a function and nothing, `x || y`: the first that is known.
            out.path = out.path.or(value.path);
            out.function = out.function.or(value.function);
        }
        // A command given as a list is its words.
        let words: Vec<_> =
            parts.iter().filter_map(|part| if let Expr::Text(text) = part { Some(&**text) } else { None }).collect();
        if !words.is_empty() && words.iter().map(|word| word.len()).sum::<usize>() < 4096 {
            let line: Rc<str> = words.join(" ").into();
            out.labels |= known::labels_of(&line);
            out.text = Some(line);
            out.path = None;
        }
        out
    }

    fn join(&mut self, parts: &[Expr]) -> Value {
        let mut out = Value::default();
        let mut whole = Some(String::new());
        let mut shown = String::new();
        for part in parts {
            let value = self.value(part);
            out.labels |= value.labels;
            out.add_keys(&value.keys);
            match (&value.text, &mut whole) {
                (Some(text), Some(whole)) if whole.len() + text.len() < 1 << 16 => whole.push_str(text),
                _ => whole = None,
            }
            shown.push_str(value.text.as_deref().unwrap_or("\u{fffc}"));
            if shown.len() > 1 << 16 {
                shown.clear();
            }
        }
        // What the parts spell together counts even where a part is not known: `"curl " + address + " | sh"`.
        let known = self.text(&shown.into());
        out.labels |= known.labels;
        if let Some(text) = whole {
            out.text = Some(text.into());
            out.add_keys(&known.keys);
        }
        out
    }

    fn member(&mut self, whole: &Expr, name: &Rc<str>) -> Value {
        if let Expr::Name(this) = whole
            && matches!(&**this, "self" | "this")
        {
            let own: Rc<str> = format!("self.{name}").into();
            if let Some(value) = self.globals.get(&own).or_else(|| self.globals.get(name)) {
                return value.clone();
            }
        }
        let value = self.value(whole);
        if value.labels.is_empty()
            && value.path.is_none()
            && let Some(function) = self.globals.get(name).and_then(|known| known.function)
        {
            // A method of an object of this file's own classes.
            return Value { function: Some(function), ..Value::default() };
        }
        let Some(path) = &value.path else {
            let path = (!name.is_empty()).then(|| format!("?.{name}").into());
            return Value { path, function: None, numbers: Vec::new(), ..value };
        };
        if path.len() + name.len() > PATH_BYTES {
            return Value { path: None, ..value };
        }
        let mut known = self.at_path(&format!("{path}.{name}").into());
        known.labels |= effects::part(self.language, path, name, value.labels);
        known.keys = value.keys;
        known.text = effects::keeps_text(name).then_some(value.text).flatten();
        known
    }

    fn call(&mut self, callee: &Expr, arguments: &[Argument], at: &Range<usize>) -> Value {
        let function = self.value(callee);
        let values = self.arguments(&function, arguments);
        if let Some(own) = function.function {
            let positional: Vec<_> = values.iter().map(|(_, value)| value.clone()).collect();
            let mut given = self.run(own, &positional);
            self.call_back(&positional, given.labels);
            if given.keys.is_empty() {
                given.keys = positional.iter().flat_map(|value| value.keys.clone()).take(4).collect();
            }
            return given;
        }
        meet::called(self, &function, &values, at)
    }

    fn arguments(&mut self, function: &Value, arguments: &[Argument]) -> Vec<(Option<Rc<str>>, Value)> {
        let language = self.language;
        let mut values = |arguments: &[Argument]| -> Vec<_> {
            arguments.iter().map(|argument| (argument.name.clone(), self.value(&argument.value))).collect()
        };
        // The environment that a program is started with is no word of its command, unless the command takes it from there.
        let path = function.path.as_deref().unwrap_or_default();
        if let Some(rest) = effects::without_environment(language, path, arguments) {
            let rest = values(&rest);
            let takes = |text: &str| text.contains(['$', '%']) || text.contains("environ");
            if !rest.iter().any(|(_, value)| value.text.as_deref().is_some_and(takes)) {
                return rest;
            }
        }
        values(arguments)
    }

    /// Functions given as arguments run with what the call brings.
    fn call_back(&mut self, arguments: &[Value], brings: Labels) {
        for argument in arguments {
            if let Some(function) = argument.function {
                let mut others: Labels = brings;
                for other in arguments.iter().filter(|other| other.function.is_none()) {
                    others |= other.labels.contents();
                }
                let count = self.program.functions.get(function).map_or(0, |f| f.parameters.len());
                let values = vec![Value::labelled(others); count];
                self.run(function, &values);
            }
        }
    }

    fn assigned(&mut self, target: &Expr, whole: &Value, value: &Value) {
        meet::assigned(self, target, whole, value);
    }

    fn note(&mut self, what: What, labels: Labels, at: &Range<usize>) {
        if self.seen.events.len() < 2000 && self.noted.insert((what, labels, at.start, self.root)) {
            self.seen.events.push(Event { what, labels, root: self.root, at: at.clone() });
        }
    }
}
