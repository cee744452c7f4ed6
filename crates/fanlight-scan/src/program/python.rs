//! Python's syntax tree as a [`super::Program`].

use std::rc::Rc;

use tree_sitter::Node;

use super::{Argument, Expr, Reading, Start, Step, children, literal};

/// Methods and functions that installers call: commands of setuptools, hooks of build backends (PEP 517, 660).
const HOOKS: &[&str] = &[
    "run",
    "initialize_options",
    "finalize_options",
    "build_wheel",
    "build_sdist",
    "build_editable",
    "get_requires_for_build_wheel",
    "get_requires_for_build_sdist",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "build_extension",
    "build_extensions",
];

pub(super) fn file(reading: &mut Reading<'_>, root: Node<'_>, steps: &mut Vec<Step>) {
    block(reading, root, steps);
}

fn block(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    for child in children(node) {
        reading.down(|reading| statement(reading, child, steps));
    }
}

fn statement(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    match node.kind() {
        "import_statement" => import(reading, node, "", steps),
        "import_from_statement" => {
            let module = node.child_by_field_name("module_name").map_or("", |module| reading.text(module));
            import(reading, node, module, steps);
        }
        "function_definition" => define(reading, node, "", steps),
        "class_definition" => class(reading, node, steps),
        "if_statement" if is_main_guard(reading, node) => {
            let mut inside = Vec::new();
            if let Some(body) = node.child_by_field_name("consequence") {
                block(reading, body, &mut inside);
            }
            let function = reading.function(Vec::new(), inside, Start::Program);
            steps.push(Step::Define("__main__ guard".into(), function));
            // What else runs does so on import.
            for other in children(node).into_iter().filter(|child| child.kind().ends_with("_clause")) {
                reading.down(|reading| statement(reading, other, steps));
            }
        }
        "for_statement" => {
            let (left, right) = (node.child_by_field_name("left"), node.child_by_field_name("right"));
            if let (Some(left), Some(right)) = (left, right) {
                let value = expression(reading, right);
                steps.push(Step::Set(reading.names(left, &["identifier"]), value));
            }
            for child in children(node).into_iter().filter(|child| Some(*child) != left && Some(*child) != right) {
                reading.down(|reading| statement(reading, child, steps));
            }
        }
        "with_item" => {
            let value = node.child_by_field_name("value").unwrap_or(node);
            if value.kind() == "as_pattern" {
                let parts = children(value);
                if let [inner, target, ..] = parts.as_slice() {
                    let given = expression(reading, *inner);
                    steps.push(Step::Set(reading.names(*target, &["identifier"]), given));
                }
            } else {
                let value = expression(reading, value);
                steps.push(Step::Do(value));
            }
        }
        "return_statement" => {
            let values = children(node).into_iter().map(|child| expression(reading, child)).collect();
            steps.push(Step::Give(Expr::Group(values)));
        }
        "expression_statement" => {
            for child in children(node) {
                assignment(reading, child, steps);
            }
        }
        // Statements that hold others: all their parts may run.
        "module"
        | "block"
        | "if_statement"
        | "elif_clause"
        | "else_clause"
        | "while_statement"
        | "try_statement"
        | "except_clause"
        | "except_group_clause"
        | "finally_clause"
        | "with_statement"
        | "with_clause"
        | "decorated_definition"
        | "match_statement"
        | "case_clause" => block(reading, node, steps),
        "comment" | "pass_statement" | "global_statement" | "nonlocal_statement" | "case_pattern" => {}
        _ => {
            let value = expression(reading, node);
            steps.push(Step::Do(value));
        }
    }
}

fn assignment(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    if !matches!(node.kind(), "assignment" | "augmented_assignment") {
        let value = expression(reading, node);
        steps.push(Step::Do(value));
        return;
    }
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return;
    };
    if right.kind() == "assignment" {
        reading.down(|reading| assignment(reading, right, steps));
    }
    let inner = if right.kind() == "assignment" { right.child_by_field_name("left").unwrap_or(right) } else { right };
    let mut value = expression(reading, inner);
    if node.kind() == "augmented_assignment" {
        value = Expr::Join(vec![expression(reading, left), value]);
    }
    steps.push(match left.kind() {
        "attribute" | "subscript" => Step::Put(expression(reading, left), value),
        _ => Step::Set(reading.names(left, &["identifier"]), value),
    });
}

/// `import a.b as c`, `from a import b as c`; `module` is empty for the first.
fn import(reading: &mut Reading<'_>, node: Node<'_>, module: &str, steps: &mut Vec<Step>) {
    let own = node.child_by_field_name("module_name");
    for child in children(node).into_iter().filter(|child| Some(*child) != own) {
        let (name, alias) = if child.kind() == "aliased_import" {
            (child.child_by_field_name("name"), child.child_by_field_name("alias"))
        } else {
            (Some(child), None)
        };
        let Some(name) = name.map(|name| reading.text(name)) else { continue };
        let path: Rc<str> = if module.is_empty() { name.into() } else { format!("{module}.{name}").into() };
        let (local, path) = match alias {
            Some(alias) => (reading.name(alias), path),
            // `import a.b` gives the name `a`, which stands for itself.
            None if module.is_empty() => {
                let first: Rc<str> = name.split('.').next().unwrap_or(name).into();
                steps.push(Step::Import { local: Rc::clone(&path), path });
                (Rc::clone(&first), first)
            }
            None => (name.into(), path),
        };
        steps.push(Step::Import { local, path });
    }
}

fn define(reading: &mut Reading<'_>, node: Node<'_>, class: &str, steps: &mut Vec<Step>) {
    let Some(name) = node.child_by_field_name("name") else { return };
    let name = reading.text(name);
    let parameters = node.child_by_field_name("parameters").map(|all| parameters(reading, all)).unwrap_or_default();
    let mut inside = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        block(reading, body, &mut inside);
    }
    let start = if HOOKS.contains(&name) { Start::Hook } else { Start::Called };
    let function = reading.function(parameters, inside, start);
    steps.push(Step::Define(name.into(), function));
    // Making an object runs its `__init__`.
    if name == "__init__" && !class.is_empty() {
        steps.push(Step::Define(class.into(), function));
    }
}

fn parameters(reading: &Reading<'_>, node: Node<'_>) -> Vec<Rc<str>> {
    let names = children(node).into_iter().map(|parameter| {
        let name = parameter.child_by_field_name("name").unwrap_or(parameter);
        reading.names(name, &["identifier"]).into_iter().next().unwrap_or_else(|| "".into())
    });
    // A method's own object is not an argument of its calls.
    names.filter(|name| &**name != "self" && &**name != "cls").collect()
}

/// A class's body runs where the class stands; its methods are functions by their own names.
fn class(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    let name = node.child_by_field_name("name").map_or("", |name| reading.text(name));
    let Some(body) = node.child_by_field_name("body") else { return };
    for child in children(body) {
        let inner = if child.kind() == "decorated_definition" {
            child.child_by_field_name("definition").unwrap_or(child)
        } else {
            child
        };
        reading.down(|reading| match inner.kind() {
            "function_definition" => define(reading, inner, name, steps),
            _ => statement(reading, inner, steps),
        });
    }
}

fn is_main_guard(reading: &Reading<'_>, node: Node<'_>) -> bool {
    let condition = node.child_by_field_name("condition").map_or("", |condition| reading.text(condition));
    // Nothing else will do: `!=` and `or True` run on import.
    let plain: String =
        condition.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'')).collect();
    matches!(plain.as_str(), "__name__==__main__" | "__main__==__name__")
}

fn expression(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    reading.down(|reading| value(reading, node))
}

fn all(reading: &mut Reading<'_>, node: Node<'_>) -> Vec<Expr> {
    children(node).into_iter().map(|child| expression(reading, child)).collect()
}

fn field(reading: &mut Reading<'_>, node: Node<'_>, name: &str) -> Expr {
    node.child_by_field_name(name).map_or(Expr::Nothing, |child| expression(reading, child))
}

fn value(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    match node.kind() {
        "identifier" => Expr::Name(reading.name(node)),
        "integer" => literal::number(reading.text(node)).map_or(Expr::Nothing, Expr::Number),
        "string" => string(reading, node),
        "concatenated_string" => Expr::Join(all(reading, node)),
        "attribute" => {
            let name = node.child_by_field_name("attribute").map_or_else(|| "".into(), |name| reading.name(name));
            Expr::Member(Box::new(field(reading, node, "object")), name)
        }
        "subscript" => subscript(reading, node),
        "call" => call(reading, node),
        "binary_operator" => join(reading, node),
        "comparison_operator" | "not_operator" => Expr::Check(all(reading, node)),
        "lambda" => {
            let names = node.child_by_field_name("parameters").map(|all| parameters(reading, all)).unwrap_or_default();
            let given = field(reading, node, "body");
            Expr::Function(reading.function(names, vec![Step::Give(given)], Start::Called))
        }
        "named_expression" => {
            let name = node.child_by_field_name("name").map_or_else(|| "".into(), |name| reading.name(name));
            Expr::Set(name, Box::new(field(reading, node, "value")))
        }
        "keyword_argument" => field(reading, node, "value"),
        "parenthesized_expression" | "await" | "type" => {
            children(node).first().map_or(Expr::Nothing, |child| expression(reading, *child))
        }
        "conditional_expression" => {
            // `a if condition else b`: the condition's value is not the result's.
            let mut parts = all(reading, node);
            if parts.len() == 3 {
                let condition = parts.remove(1);
                parts.push(Expr::Check(vec![condition]));
            }
            Expr::Group(parts)
        }
        "comment" | "float" | "true" | "false" | "none" | "ellipsis" => Expr::Nothing,
        _ => Expr::Group(all(reading, node)),
    }
}

fn string(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let mut cursor = node.walk();
    let parts: Vec<_> = node.children(&mut cursor).collect();
    let prefix = parts.first().map_or("", |start| reading.text(*start));
    let raw = prefix.contains(['r', 'R']);
    let mut out = Vec::new();
    for part in parts {
        match part.kind() {
            "string_content" => {
                let text = reading.text(part);
                let text = if raw || !text.contains('\\') { text.to_owned() } else { literal::unescaped(text) };
                out.push(Expr::Text(text.into()));
            }
            "interpolation" => out.push(field(reading, part, "expression")),
            _ => {}
        }
    }
    match out.len() {
        0 => Expr::Text("".into()),
        1 => out.remove(0),
        _ => Expr::Join(out),
    }
}

fn subscript(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let whole = Box::new(field(reading, node, "value"));
    let Some(index) = node.child_by_field_name("subscript") else { return *whole };
    if index.kind() == "slice" {
        let backwards = reading.text(index).replace(' ', "") == "::-1";
        return if backwards { Expr::Reversed(whole) } else { Expr::Group(vec![*whole]) };
    }
    Expr::Index(whole, Box::new(expression(reading, index)))
}

fn call(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let callee = Box::new(field(reading, node, "function"));
    let mut arguments = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        let given = if list.kind() == "argument_list" { children(list) } else { vec![list] };
        for argument in given {
            let name = (argument.kind() == "keyword_argument").then(|| argument.child_by_field_name("name")).flatten();
            let name = name.map(|name| reading.name(name));
            arguments.push(Argument { name, value: expression(reading, argument) });
        }
    }
    Expr::Call { callee, arguments, at: node.byte_range() }
}

/// `a + b + c`: taken apart in a loop, as people chain hundreds of them.
fn join(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let mut parts = Vec::new();
    let mut here = node;
    loop {
        if let Some(right) = here.child_by_field_name("right") {
            parts.push(expression(reading, right));
        }
        match here.child_by_field_name("left") {
            Some(left) if left.kind() == "binary_operator" => here = left,
            Some(left) => {
                parts.push(expression(reading, left));
                break;
            }
            None => break,
        }
    }
    parts.reverse();
    match node.child_by_field_name("operator").map_or("", |operator| operator.kind()) {
        "+" => Expr::Join(parts),
        // `Path.home() / ".ssh"`.
        "/" => {
            let slash = Expr::Text("/".into());
            Expr::Join(parts.into_iter().flat_map(|part| [part, slash.clone()]).collect())
        }
        _ => Expr::Group(parts),
    }
}
