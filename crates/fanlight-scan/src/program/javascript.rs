//! JavaScript's syntax tree as a [`super::Program`].

use std::rc::Rc;

use tree_sitter::Node;

use super::{Argument, Expr, Reading, Start, Step, children, literal};

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
        "import_statement" => import(reading, node, steps),
        "function_declaration" | "generator_function_declaration" => {
            let function = function(reading, node);
            if let Some(name) = node.child_by_field_name("name") {
                steps.push(Step::Define(reading.name(name), function));
            }
        }
        "class_declaration" => class(reading, node, steps),
        "variable_declarator" => {
            let value = field(reading, node, "value");
            if let Some(name) = node.child_by_field_name("name") {
                bind(reading, name, value, steps);
            }
        }
        "for_in_statement" => {
            let value = field(reading, node, "right");
            if let Some(left) = node.child_by_field_name("left") {
                bind(reading, left, value, steps);
            }
            if let Some(body) = node.child_by_field_name("body") {
                reading.down(|reading| statement(reading, body, steps));
            }
        }
        "if_statement" if is_main_guard(reading, node) => {
            let mut inside = Vec::new();
            if let Some(body) = node.child_by_field_name("consequence") {
                reading.down(|reading| statement(reading, body, &mut inside));
            }
            let function = reading.function(Vec::new(), inside, Start::Program);
            steps.push(Step::Define("main guard".into(), function));
            if let Some(other) = node.child_by_field_name("alternative") {
                reading.down(|reading| statement(reading, other, steps));
            }
        }
        "return_statement" => {
            let values = all(reading, node);
            steps.push(Step::Give(Expr::Group(values)));
        }
        "expression_statement" => {
            for child in children(node) {
                assignment(reading, child, steps);
            }
        }
        "program"
        | "statement_block"
        | "if_statement"
        | "else_clause"
        | "for_statement"
        | "while_statement"
        | "do_statement"
        | "try_statement"
        | "catch_clause"
        | "finally_clause"
        | "switch_statement"
        | "switch_body"
        | "switch_case"
        | "switch_default"
        | "labeled_statement"
        | "export_statement"
        | "lexical_declaration"
        | "variable_declaration"
        | "parenthesized_expression" => block(reading, node, steps),
        "comment" | "empty_statement" | "hash_bang_line" => {}
        _ => assignment(reading, node, steps),
    }
}

/// `if (require.main === module)`: what is in it runs where the file is started as a program, and not when it is loaded.
fn is_main_guard(reading: &Reading<'_>, node: Node<'_>) -> bool {
    let condition = node.child_by_field_name("condition").map_or("", |condition| reading.text(condition));
    let plain: String = condition.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect();
    let sides = plain.split_once("===").or_else(|| plain.split_once("=="));
    matches!(
        sides,
        Some(("require.main" | "process.mainModule", "module") | ("module", "require.main" | "process.mainModule"))
    )
}

fn assignment(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    if node.kind() == "sequence_expression" {
        for child in children(node) {
            reading.down(|reading| assignment(reading, child, steps));
        }
        return;
    }
    if !matches!(node.kind(), "assignment_expression" | "augmented_assignment_expression") {
        let value = expression(reading, node);
        steps.push(Step::Do(value));
        return;
    }
    let mut value = field(reading, node, "right");
    let Some(left) = node.child_by_field_name("left") else { return };
    if node.kind() == "augmented_assignment_expression" {
        value = Expr::Join(vec![expression(reading, left), value]);
    }
    bind(reading, left, value, steps);
}

/// A value goes to a name, to the names of a pattern, or to a member of something.
fn bind(reading: &mut Reading<'_>, target: Node<'_>, value: Expr, steps: &mut Vec<Step>) {
    match target.kind() {
        "identifier" => steps.push(Step::Set(vec![reading.name(target)], value)),
        "object_pattern" => {
            for child in children(target) {
                let (key, name) = match child.kind() {
                    "pair_pattern" => (child.child_by_field_name("key"), child.child_by_field_name("value")),
                    "object_assignment_pattern" => {
                        (child.child_by_field_name("left"), child.child_by_field_name("left"))
                    }
                    _ => (Some(child), Some(child)),
                };
                let (Some(key), Some(name)) = (key, name) else { continue };
                let part = match child.kind() {
                    "rest_pattern" => value.clone(),
                    _ => Expr::Member(Box::new(value.clone()), reading.text(key).trim_matches(['"', '\'']).into()),
                };
                steps.push(Step::Set(reading.names(name, NAMES), part));
            }
        }
        "array_pattern" | "lexical_declaration" | "variable_declaration" => {
            steps.push(Step::Set(reading.names(target, NAMES), value));
        }
        _ => {
            let target = expression(reading, target);
            steps.push(Step::Put(target, value));
        }
    }
}

const NAMES: &[&str] = &["identifier", "shorthand_property_identifier_pattern"];

fn import(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    let Some(source) = node.child_by_field_name("source") else { return };
    let module = reading.text(source).trim_matches(['"', '\'']);
    let module = module.strip_prefix("node:").unwrap_or(module);
    let mut bind = |local: Rc<str>, path: String| steps.push(Step::Import { local, path: path.into() });
    bind("".into(), module.to_owned());
    let mut open = children(node);
    while let Some(part) = open.pop() {
        match part.kind() {
            "import_specifier" => {
                let Some(name) = part.child_by_field_name("name") else { continue };
                let local = part.child_by_field_name("alias").unwrap_or(name);
                bind(reading.name(local), format!("{module}.{}", reading.text(name)));
            }
            "namespace_import" | "import_clause" | "named_imports" => open.extend(children(part)),
            "identifier" => bind(reading.name(part), module.to_owned()),
            _ => {}
        }
    }
}

fn class(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    let name = node.child_by_field_name("name").map(|name| reading.name(name));
    let Some(body) = node.child_by_field_name("body") else { return };
    for child in children(body) {
        if child.kind() != "method_definition" {
            reading.down(|reading| assignment(reading, child, steps));
            continue;
        }
        let function = function(reading, child);
        let method = child.child_by_field_name("name").map_or_else(|| "".into(), |name| reading.name(name));
        if let (Some(name), "constructor") = (&name, &*method) {
            steps.push(Step::Define(Rc::clone(name), function));
        }
        steps.push(Step::Define(method, function));
    }
}

fn function(reading: &mut Reading<'_>, node: Node<'_>) -> usize {
    let list = node.child_by_field_name("parameters").or_else(|| node.child_by_field_name("parameter"));
    let parameters = match list {
        Some(list) if list.kind() == "formal_parameters" => {
            let each = children(list).into_iter();
            each.map(|one| reading.names(one, NAMES).into_iter().next().unwrap_or_else(|| "".into())).collect()
        }
        Some(one) => vec![reading.name(one)],
        None => Vec::new(),
    };
    let mut inside = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        if body.kind() == "statement_block" {
            block(reading, body, &mut inside);
        } else {
            let given = expression(reading, body);
            inside.push(Step::Give(given));
        }
    }
    reading.function(parameters, inside, Start::Called)
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
        "identifier" | "this" | "import" | "super" | "shorthand_property_identifier" => Expr::Name(reading.name(node)),
        "number" => literal::number(reading.text(node)).map_or(Expr::Nothing, Expr::Number),
        "string" => {
            let text = reading.text(node);
            let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
            Expr::Text(if inner.contains('\\') { literal::unescaped(inner).into() } else { inner.into() })
        }
        "template_string" => template(reading, node),
        "member_expression" => {
            let name = node.child_by_field_name("property").map_or_else(|| "".into(), |name| reading.name(name));
            Expr::Member(Box::new(field(reading, node, "object")), name)
        }
        "subscript_expression" => {
            let whole = field(reading, node, "object");
            Expr::Index(Box::new(whole), Box::new(field(reading, node, "index")))
        }
        "call_expression" => call(reading, node, "function"),
        "new_expression" => call(reading, node, "constructor"),
        "binary_expression" => binary(reading, node),
        "arrow_function" | "function_expression" | "generator_function" | "method_definition" => {
            Expr::Function(function(reading, node))
        }
        "assignment_expression" | "augmented_assignment_expression" => {
            let mut given = field(reading, node, "right");
            if node.kind() == "augmented_assignment_expression" {
                given = Expr::Join(vec![field(reading, node, "left"), given]);
            }
            match node.child_by_field_name("left") {
                Some(left) if left.kind() == "identifier" => Expr::Set(reading.name(left), Box::new(given)),
                _ => given,
            }
        }
        "parenthesized_expression" | "await_expression" => {
            children(node).first().map_or(Expr::Nothing, |child| expression(reading, *child))
        }
        "ternary_expression" => {
            let condition = Expr::Check(vec![field(reading, node, "condition")]);
            Expr::Group(vec![field(reading, node, "consequence"), field(reading, node, "alternative"), condition])
        }
        "pair" => {
            let value = field(reading, node, "value");
            match node.child_by_field_name("key") {
                Some(key) if key.kind() == "computed_property_name" => {
                    Expr::Group(vec![expression(reading, key), value])
                }
                Some(key) if key.kind() == "property_identifier" => Expr::Part(reading.name(key), Box::new(value)),
                _ => Expr::Group(vec![Expr::Nothing, value]),
            }
        }
        "unary_expression" => Expr::Check(all(reading, node)),
        "class" => {
            let mut steps = Vec::new();
            class(reading, node, &mut steps);
            Expr::Function(reading.function(Vec::new(), steps, Start::Called))
        }
        "regex" | "comment" | "true" | "false" | "null" | "undefined" | "property_identifier" => Expr::Nothing,
        _ => Expr::Group(all(reading, node)),
    }
}

fn template(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let mut out = Vec::new();
    for child in children(node) {
        match child.kind() {
            "template_substitution" => out.extend(all(reading, child)),
            "string_fragment" => out.push(Expr::Text(reading.text(child).into())),
            "escape_sequence" => out.push(Expr::Text(literal::unescaped(reading.text(child)).into())),
            _ => {}
        }
    }
    if out.is_empty() { Expr::Text("".into()) } else { Expr::Join(out) }
}

fn call(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Expr {
    let callee = Box::new(field(reading, node, what));
    let mut arguments = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        let given = if list.kind() == "arguments" { children(list) } else { vec![list] };
        for argument in given {
            arguments.push(Argument { name: None, value: expression(reading, argument) });
        }
    }
    Expr::Call { callee, arguments, at: node.byte_range() }
}

/// `a + b + c` is taken apart in a loop; comparisons pass nothing on.
fn binary(reading: &mut Reading<'_>, node: Node<'_>) -> Expr {
    let operator = node.child_by_field_name("operator").map_or("", |operator| operator.kind());
    let mut parts = Vec::new();
    let mut here = node;
    loop {
        if let Some(right) = here.child_by_field_name("right") {
            parts.push(expression(reading, right));
        }
        match here.child_by_field_name("left") {
            Some(left) if left.kind() == "binary_expression" => here = left,
            Some(left) => {
                parts.push(expression(reading, left));
                break;
            }
            None => break,
        }
    }
    parts.reverse();
    match operator {
        "+" => Expr::Join(parts),
        "===" | "!==" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "in" | "instanceof" => Expr::Check(parts),
        _ => Expr::Group(parts),
    }
}
