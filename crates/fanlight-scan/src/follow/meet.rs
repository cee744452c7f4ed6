//! Where labels meet effects: what a call does with the values it gets.

use std::ops::Range;
use std::rc::Rc;

use super::effects::{self, Effect};
use super::labels::Labels;
use super::{PATH_BYTES, Value, Walk, What, fold, known};
use crate::program::Expr;
use crate::report::Ability;

/// A call's arguments: names where they have one.
type Arguments = [(Option<Rc<str>>, Value)];

/// One call and what is known of it.
struct Call<'c> {
    path: &'c str,
    function: &'c Value,
    arguments: &'c Arguments,
    at: &'c Range<usize>,
    /// Labels of what it is called on and of all arguments.
    all: Labels,
}

impl Call<'_> {
    fn place(&self, at: usize) -> Value {
        self.arguments.get(at).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn named(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(own, _)| own.as_deref() == Some(name)).map(|(_, value)| value)
    }

    /// Whether it is about this very machine: one text, which says so.
    fn is_near(&self) -> bool {
        let mut texts = self.arguments.iter().filter_map(|(_, value)| value.text.as_deref());
        matches!((texts.next(), texts.next()), (Some("127.0.0.1" | "localhost" | "::1"), None))
    }

    /// All texts of the call, as one line.
    fn line(&self) -> String {
        let texts = self.function.text.iter().chain(self.arguments.iter().filter_map(|(_, value)| value.text.as_ref()));
        let mut out = String::new();
        for text in texts.filter(|text| text.len() < 8192) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(text);
        }
        out
    }
}

/// Calls something that is not a function of this file.
pub(super) fn called(walk: &mut Walk<'_>, function: &Value, arguments: &Arguments, at: &Range<usize>) -> Value {
    let path = function.path.clone().unwrap_or_else(|| "".into());
    let all = arguments.iter().fold(function.labels, |labels, (_, value)| labels | value.labels);
    let call = Call { path: &path, function, arguments, at, all };
    let effect = effects::of_call(walk.language, &path);
    let mut result = apply(walk, effect, &call);
    // `.then(eval)`: a function of the language's own is handed what the call brings.
    if arguments.iter().any(|(_, value)| value.labels.has(Labels::EVALUATOR)) && effect != Effect::Member {
        ran(walk, &call, all | result.labels);
    }
    let brings = match effect {
        Effect::Forget => Labels::default(),
        _ => result.labels.contents() | function.labels.contents(),
    };
    let values: Vec<_> = arguments.iter().map(|(_, value)| value.clone()).collect();
    walk.call_back(&values, brings);
    result.labels = result.labels.without(Labels::EVALUATOR | Labels::DECODER);
    result
}

fn apply(walk: &mut Walk<'_>, effect: Effect, call: &Call<'_>) -> Value {
    let own_path =
        || (call.path.len() < PATH_BYTES && !call.path.is_empty()).then(|| format!("{}()", call.path).into());
    let with = |labels: Labels| Value { labels, path: own_path(), ..Value::default() };
    let first = call.place(0);
    match effect {
        Effect::Forget => Value::default(),
        Effect::Take(labels, ability) => {
            if let Some(ability) = ability {
                walk.note(What::Ability(ability), Labels::default(), call.at);
            }
            with(labels)
        }
        Effect::Variable => with(variable(walk, call, &first)),
        Effect::Decode => decode(walk, call, &first),
        Effect::Encode => {
            if call.all.has(Labels::ENVIRONMENT) {
                walk.note(What::Ability(Ability::ReadEnvironment), Labels::default(), call.at);
            }
            Value { keys: first.keys.clone(), ..with(call.all | Labels::ENCODED) }
        }
        Effect::Send => send(walk, call, own_path()),
        Effect::Lookup => {
            walk.note(What::Ability(Ability::Network), Labels::default(), call.at);
            let in_a_domain = first.keys.iter().any(|key| key.contains('.'));
            // A host's name out of the environment is looked up by every client of a service; what is put before a
            // domain of somebody's is sent there.
            let weak = Labels::ENVIRONMENT | Labels::SECRET | Labels::IDENTITY;
            let private = call.all.and(Labels::PRIVATE | Labels::IDENTITY);
            if private.has(Labels::PRIVATE) && !private.without(weak).is_empty() || !private.is_empty() && in_a_domain {
                walk.note(What::Sent, call.all.contents(), call.at);
            }
            with(Labels::default())
        }
        Effect::Save => {
            walk.note(What::Ability(Ability::Network), Labels::default(), call.at);
            let place = call.named("filename").cloned().unwrap_or_else(|| call.place(1));
            write(walk, &place, Labels::DOWNLOADED, call.at);
            Value { keys: place.keys, ..with(Labels::DOWNLOADED) }
        }
        Effect::Run => run(walk, call, own_path()),
        Effect::Evaluate => {
            let constant = first.text.is_some() && !call.all.has(Labels::DECODED | Labels::DOWNLOADED);
            if !constant && !call.arguments.is_empty() {
                walk.note(What::Ability(Ability::RunText), Labels::default(), call.at);
            }
            ran(walk, call, call.all);
            with(Labels::default())
        }
        Effect::Wrap => {
            let packed = call.place(1).text.is_some_and(|form| matches!(&*form, "base64" | "hex" | "base64url"));
            if packed && call.path.starts_with("Buffer") {
                decode(walk, call, &first)
            } else {
                Value { path: own_path(), ..first }
            }
        }
        Effect::Load => load(walk, call, &first),
        Effect::Member => match (&first.path, call.place(1).text) {
            (Some(path), Some(name)) if path.len() + name.len() < PATH_BYTES => {
                walk.at_path(&format!("{path}.{name}").into())
            }
            _ => with(first.labels),
        },
        Effect::Open => open(walk, call, &first, own_path()),
        Effect::Read => {
            let place = if first.keys.is_empty() { call.function.clone() } else { first };
            let labels = read(walk, call.all, &place, call.at);
            with(labels)
        }
        Effect::Write => {
            let data = call.place(1);
            write(walk, &first, data.labels.contents(), call.at);
            Value::default()
        }
        Effect::WriteInto => {
            write(walk, call.function, call.all.contents(), call.at);
            Value::default()
        }
        Effect::Copy => {
            let labels = read(walk, first.labels, &first, call.at);
            let place = call.place(1);
            write(walk, &place, labels, call.at);
            Value { keys: place.keys, ..with(labels) }
        }
        Effect::Into => {
            let end = |value: &Value| {
                value.path.as_deref().is_some_and(|path| path.ends_with(".stdin") || path.ends_with(".stdout"))
            };
            if call.all.has(Labels::SOCKET) && (end(&first) || call.path.contains(".stdout")) {
                walk.note(What::TurnedOver, Labels::SOCKET, call.at);
            }
            write(walk, &first, call.function.labels.contents(), call.at);
            Value { labels: first.labels | call.function.labels, ..first }
        }
        Effect::Socket => with(Labels::SOCKET),
        Effect::Connect => {
            walk.note(What::Ability(Ability::Network), Labels::default(), call.at);
            if !call.is_near() {
                walk.note(What::Connected, call.all.and(Labels::ADDRESS), call.at);
            }
            Value { path: own_path(), ..Value::labelled(Labels::SOCKET | Labels::DOWNLOADED) }
        }
        Effect::TurnOver => {
            if call.all.has(Labels::SOCKET | Labels::SHELL) {
                walk.note(What::TurnedOver, call.all.and(Labels::SOCKET | Labels::SHELL), call.at);
            }
            Value::default()
        }
        Effect::Native => {
            walk.note(What::Ability(Ability::LoadNative), Labels::default(), call.at);
            started(walk, call);
            with(Labels::default())
        }
        Effect::Inject => {
            walk.note(What::Injected, call.all.contents(), call.at);
            with(Labels::default())
        }
        Effect::Words => {
            let line: Rc<str> = call.line().into();
            let path = call.path.rsplit_once('.').map(|(command, _)| command.into());
            Value { labels: call.all | known::labels_of(&line), text: Some(line), path, ..call.function.clone() }
        }
        Effect::JoinWith => {
            let text = if call.function.text.as_deref() == Some("") { first.text.clone() } else { None };
            let labels = call.all | text.as_deref().map(known::labels_of).unwrap_or_default();
            let mut out = Value { labels, text, keys: first.keys, ..Value::default() };
            out.add_keys(&call.function.keys);
            out
        }
        Effect::Characters => characters(call, &first),
        Effect::Machine => with(call.all | Labels::MACHINE),
        Effect::Apply => {
            let given = if first.path.as_deref() == Some("chr") { call.place(1) } else { Value::default() };
            if !given.numbers.is_empty() {
                return characters(call, &given);
            }
            let decodes = call.arguments.iter().any(|(_, value)| value.labels.has(Labels::DECODER));
            with(if decodes { call.all | Labels::DECODED } else { call.all })
        }
        Effect::Register => {
            let line = call.line();
            if call.all.has(Labels::AT_START) || known::labels_of(&line).has(Labels::AT_START) {
                walk.note(What::Persisted, call.all.contents(), call.at);
            }
            Value { keys: first.keys.clone(), ..with(call.all) }
        }
        Effect::Pass => pass(call, &first, own_path()),
    }
}

/// A function that is not known: what went in comes out.
fn pass(call: &Call<'_>, first: &Value, path: Option<Rc<str>>) -> Value {
    let name = call.path.rsplit('.').next().unwrap_or(call.path);
    // By its name, an environment for what the function starts.
    let given = call.arguments.iter().filter(|(name, _)| name.as_deref() != Some("env"));
    // A reader of modules has its WebAssembly program tell where in somebody's text a name stands: from where to where a piece is cut
    // says nothing of what is cut, however that program was packed. Letters picked one by one are another matter.
    let is_piece = matches!(name, "slice" | "substring" | "substr" | "subarray");
    let goes_in = |value: &Value| match is_piece && value.labels.has(Labels::MACHINE) {
        true => value.labels.without(Labels::DECODED | Labels::DOWNLOADED | Labels::PACKED | Labels::MACHINE),
        false => value.labels,
    };
    let labels = given.fold(call.function.labels, |labels, (_, value)| labels | goes_in(value));
    let mut out = Value { labels, path, ..Value::default() };
    out.add_keys(&call.function.keys);
    call.arguments.iter().for_each(|(_, value)| out.add_keys(&value.keys));
    if matches!(name, "join" | "resolve" | "joinpath" | "push") {
        // Parts of a place spell it together.
        let parts: Vec<_> =
            call.arguments.iter().map(|(_, value)| value.text.as_deref().unwrap_or("\u{fffc}")).collect();
        let line = parts.join("/");
        out.labels |= known::labels_of(&line);
        out.keys.insert(0, line.into());
    } else if effects::keeps_text(name) || matches!(name, "new" | "Path" | "PurePath") {
        out.text = call.function.text.clone().or_else(|| first.text.clone());
    }
    out
}

fn variable(walk: &mut Walk<'_>, call: &Call<'_>, name: &Value) -> Labels {
    let Some(name) = &name.text else { return Labels::default() };
    if known::is_secret_variable(name) {
        walk.note(What::Ability(Ability::ReadEnvironment), Labels::default(), call.at);
        return Labels::SECRET;
    }
    if known::is_name_of_user(name) { Labels::IDENTITY } else { Labels::default() }
}

fn decode(walk: &mut Walk<'_>, call: &Call<'_>, first: &Value) -> Value {
    // `codecs.decode(x, "utf-8")` unpacks nothing.
    let form = call.place(1).text;
    if call.path.starts_with("codecs.")
        && form.as_deref().is_none_or(|form| form.to_ascii_lowercase().starts_with("utf"))
    {
        return Value { path: None, ..first.clone() };
    }
    walk.note(What::Ability(Ability::Decode), Labels::default(), call.at);
    let how =
        form.filter(|form| matches!(&**form, "base64" | "hex" | "rot13" | "rot_13")).map(|form| form.replace('_', ""));
    let text = first.text.as_deref().and_then(|text| fold::decoded(how.as_deref().unwrap_or(call.path), text));
    let known = text.map(|text| walk.text(&text.into())).unwrap_or_default();
    Value { labels: call.all | known.labels | Labels::DECODED, text: known.text, keys: known.keys, ..Value::default() }
}

fn characters(call: &Call<'_>, given: &Value) -> Value {
    let mut numbers = given.numbers.clone();
    if call.arguments.len() > 1 && call.path.starts_with("String") {
        numbers = call.arguments.iter().flat_map(|(_, value)| value.numbers.clone()).collect();
    }
    let text: Option<Rc<str>> = fold::characters(&numbers).map(Into::into);
    let known = text.as_deref().map(known::labels_of).unwrap_or_default();
    Value { labels: call.all | known | Labels::DECODED, text: text.or_else(|| given.text.clone()), ..Value::default() }
}

/// Arguments of functions that send, by which nothing of what they hold leaves.
const SETTINGS: &[&str] =
    &["context", "ssl_context", "timeout", "verify", "cafile", "capath", "allow_redirects", "stream"];

fn send(walk: &mut Walk<'_>, call: &Call<'_>, path: Option<Rc<str>>) -> Value {
    walk.note(What::Ability(Ability::Network), Labels::default(), call.at);
    // How it is sent is not what is sent.
    let is_setting = |name: &Option<Rc<str>>| name.as_deref().is_some_and(|name| SETTINGS.contains(&name));
    let given = call.arguments.iter().filter(|(name, _)| !is_setting(name));
    let mut carried = given.fold(call.function.labels, |labels, (_, value)| labels | value.labels).contents();
    for key in call.arguments.iter().flat_map(|(_, value)| &value.keys) {
        carried |= walk.written.get(key).copied().unwrap_or_default().and(Labels::PRIVATE);
    }
    if carried.has(Labels::PRIVATE | Labels::IDENTITY) {
        walk.note(What::Sent, carried | call.all.and(Labels::DROP | Labels::ADDRESS), call.at);
    }
    if call.all.has(Labels::DROP) {
        walk.note(What::DropHost, Labels::DROP, call.at);
    }
    Value { path, ..Value::labelled(Labels::DOWNLOADED | call.function.labels.and(Labels::SOCKET)) }
}

fn load(walk: &mut Walk<'_>, call: &Call<'_>, first: &Value) -> Value {
    if started(walk, call) {
        return Value::default();
    }
    let Some(text) = first.text.as_ref().filter(|text| text.len() < PATH_BYTES) else { return Value::default() };
    walk.seen.imports.insert(text.to_string());
    walk.at_path(text)
}

fn open(walk: &mut Walk<'_>, call: &Call<'_>, first: &Value, path: Option<Rc<str>>) -> Value {
    let place = if first.keys.is_empty() { call.function.clone() } else { first.clone() };
    let method = call.path.ends_with("().open");
    let mode = call.named("mode").cloned().unwrap_or_else(|| call.place(usize::from(!method))).text;
    let always = call.path.ends_with("createWriteStream") || call.path.ends_with("create");
    let writes = always || mode.is_some_and(|mode| mode.len() < 5 && mode.contains(['w', 'a', 'x', '+']));
    let labels = if writes { place.labels.and(Labels::AT_START) } else { read(walk, place.labels, &place, call.at) };
    Value { labels, path, keys: place.keys, ..Value::default() }
}

/// What reading from a place brings.
fn read(walk: &mut Walk<'_>, labels: Labels, place: &Value, at: &Range<usize>) -> Labels {
    let mut out = labels.read();
    for (label, ability) in [
        (Labels::CREDENTIALS, Ability::ReadCredentials),
        (Labels::BROWSER, Ability::ReadBrowser),
        (Labels::WALLET, Ability::ReadWallet),
    ] {
        if out.has(label) {
            walk.note(What::Ability(ability), Labels::default(), at);
        }
    }
    for key in &place.keys {
        out |= walk.written.get(key).copied().unwrap_or_default();
    }
    out | labels.contents()
}

/// Remembers what a file was made of.
fn write(walk: &mut Walk<'_>, place: &Value, data: Labels, at: &Range<usize>) {
    if place.labels.has(Labels::AT_START) {
        walk.note(What::Persisted, data, at);
        walk.note(What::Ability(Ability::Persist), Labels::default(), at);
    }
    let data = data.contents();
    if data.is_empty() {
        return;
    }
    for key in place.keys.iter().filter(|key| key.len() > 1) {
        if walk.written.len() < 1000 {
            *walk.written.entry(Rc::clone(key)).or_default() |= data;
        }
    }
}

fn run(walk: &mut Walk<'_>, call: &Call<'_>, path: Option<Rc<str>>) -> Value {
    walk.note(What::Ability(Ability::RunPrograms), Labels::default(), call.at);
    let line = call.line();
    let labels = call.all | known::labels_of(&line);
    let lower = line.to_ascii_lowercase();
    let word = |words: &[&str]| {
        words.iter().any(|word| lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|own| own == *word))
    };
    for (label, what) in
        [(Labels::PIPE, What::Pipe), (Labels::HIDDEN, What::Hidden), (Labels::AT_START, What::Persisted)]
    {
        if labels.has(label) {
            walk.note(what, labels.contents(), call.at);
        }
    }
    if labels.has(Labels::SOCKET) && (labels.has(Labels::SHELL) || line.contains("/dev/tcp")) {
        if line.contains("/dev/tcp") || lower.contains("nc -e") || lower.contains("ncat -e") {
            walk.note(What::Connected, Labels::default(), call.at);
        }
        walk.note(What::TurnedOver, Labels::SOCKET, call.at);
    }
    let fetches = word(&["curl", "wget", "nslookup", "dig", "nc", "iwr", "invoke-webrequest"]);
    if fetches {
        walk.note(What::Ability(Ability::Network), Labels::default(), call.at);
    }
    if fetches
        && (labels.has(Labels::PRIVATE | Labels::IDENTITY)
            || lower.contains("$(env")
            || lower.contains("`env`")
            || lower.contains("$(whoami"))
    {
        let shell = if lower.contains("env") { Labels::ENVIRONMENT } else { Labels::IDENTITY };
        walk.note(What::Sent, labels.contents() | shell | labels.and(Labels::DROP), call.at);
    }
    if labels.has(Labels::DROP) {
        walk.note(What::DropHost, Labels::DROP, call.at);
    }
    if labels.has(Labels::DECODED | Labels::DOWNLOADED) {
        ran(walk, call, labels);
    }
    started(walk, call);
    let mut brings = labels.read() | labels.contents().without(Labels::DECODED | Labels::DOWNLOADED);
    for (words, label) in [
        (&["whoami", "hostname", "ipconfig", "ifconfig", "uname"][..], Labels::IDENTITY),
        (&["printenv", "env"][..], Labels::ENVIRONMENT),
        (&["pbpaste", "xclip", "xsel", "get-clipboard"][..], Labels::CLIPBOARD),
        (&["screencapture", "scrot"][..], Labels::SCREEN),
    ] {
        if word(words) && lower.len() < 120 {
            brings |= label;
        }
    }
    Value { labels: brings, path, ..Value::default() }
}

/// Text or code from elsewhere is run.
fn ran(walk: &mut Walk<'_>, call: &Call<'_>, labels: Labels) {
    if labels.has(Labels::DECODED | Labels::DOWNLOADED) {
        walk.note(What::Ran, labels.and(Labels::DECODED | Labels::DOWNLOADED | Labels::PACKED), call.at);
    }
}

/// A file that was written before is started or loaded.
fn started(walk: &mut Walk<'_>, call: &Call<'_>) -> bool {
    let mut made = Labels::default();
    for key in call.function.keys.iter().chain(call.arguments.iter().flat_map(|(_, value)| &value.keys)) {
        made |= walk.written.get(key).copied().unwrap_or_default();
    }
    let line = call.line();
    if line.len() > 3 {
        for (key, labels) in walk.written.iter().filter(|(key, _)| key.len() > 3 && key.contains(['/', '.', '\\'])) {
            if line.contains(&**key) {
                made |= *labels;
            }
        }
    }
    let made = made.and(Labels::DOWNLOADED | Labels::DECODED | Labels::PACKED);
    let elsewhere = made.has(Labels::DOWNLOADED | Labels::DECODED);
    if elsewhere {
        walk.note(What::Started, made, call.at);
    }
    elsewhere
}

/// Something that is not a name gets a value: a function that is hung on a connection runs with what that brings.
pub(super) fn assigned(walk: &mut Walk<'_>, target: &Expr, whole: &Value, value: &Value) {
    if matches!(target, Expr::Member(..)) && whole.labels.has(Labels::DOWNLOADED | Labels::SOCKET) {
        walk.call_back(std::slice::from_ref(value), whole.labels.contents());
    }
}
