//! Rust's syntax tree as a [`super::Program`]: enough for build scripts and procedural macros. `::` is written as `.`.

use std::rc::Rc;

use tree_sitter::Node;

use super::{Argument, Expr, Reading, Start, Step, children, literal};

pub(super) fn file(reading: &mut Reading<'_>, root: Node<'_>, steps: &mut Vec<Step>) {
    block(reading, root, steps);
}

fn block(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    let mut macro_follows = false;
    for child in children(node) {
        if child.kind() == "attribute_item" {
            macro_follows |= reading.text(child).contains("proc_macro");
            continue;
        }
        reading.down(|reading| statement(reading, child, macro_follows, steps));
        macro_follows = false;
    }
}

fn statement(reading: &mut Reading<'_>, node: Node<'_>, is_macro: bool, steps: &mut Vec<Step>) {
    match node.kind() {
        "use_declaration" => {
            if let Some(tree) = node.child_by_field_name("argument") {
                import(reading, tree, "", steps);
            }
        }
        "function_item" => {
            let name = node.child_by_field_name("name").map_or("", |name| reading.text(name));
            let mut inside = Vec::new();
            if let Some(body) = node.child_by_field_name("body") {
                block(reading, body, &mut inside);
            }
            let list = node.child_by_field_name("parameters").map(children).unwrap_or_default();
            let patterns = list.into_iter().filter_map(|one| one.child_by_field_name("pattern"));
            let parameters = patterns.map(|one| reading.names(one, &["identifier"]).into_iter().next());
            let parameters = parameters.map(|name| name.unwrap_or_else(|| "".into())).collect();
            let start = if name == "main" || is_macro { Start::Hook } else { Start::Called };
            let function = reading.function(parameters, inside, start);
            steps.push(Step::Define(name.into(), function));
        }
        "let_declaration" => {
            let value = field(reading, node, "value");
            let names = node.child_by_field_name("pattern").map(|pattern| reading.names(pattern, &["identifier"]));
            steps.push(Step::Set(names.unwrap_or_default(), value));
        }
        "const_item" | "static_item" => {
            let value = field(reading, node, "value");
            let name = node.child_by_field_name("name").map(|name| reading.name(name));
            steps.push(Step::Set(name.into_iter().collect(), value));
        }
        "source_file" | "mod_item" | "impl_item" | "trait_item" | "declaration_list" => block(reading, node, steps),
        "expression_statement" => {
            // With a semicolon: its value is dropped.
            let from = steps.len();
            block(reading, node, steps);
            for step in &mut steps[from..] {
                if let Step::Give(value) = step {
                    *step = Step::Do(std::mem::take(value));
                }
            }
        }
        "line_comment"
        | "block_comment"
        | "inner_attribute_item"
        | "struct_item"
        | "enum_item"
        | "type_item"
        | "macro_definition"
        | "identifier"
        | "type_identifier" => {}
        "block" | "if_expression" | "match_expression" | "match_block" | "match_arm" | "for_expression"
        | "while_expression" | "loop_expression" | "else_clause" | "unsafe_block" | "let_condition" | "let_chain" => {
            nested(reading, node, steps);
        }
        "return_expression" => {
            let values = all(reading, node);
            steps.push(Step::Give(Expr::Group(values)));
        }
        "assignment_expression" => {
            let value = field(reading, node, "right");
            let names = node.child_by_field_name("left").map(|left| reading.names(left, &["identifier"]));
            steps.push(Step::Set(names.unwrap_or_default(), value));
        }
        _ => {
            // The last expression of a block may be its result.
            let value = expression(reading, node);
            steps.push(Step::Give(value));
        }
    }
}

/// A branch or loop: what its pattern names gets the value it goes through.
fn nested(reading: &mut Reading<'_>, node: Node<'_>, steps: &mut Vec<Step>) {
    if let (Some(pattern), Some(value)) = (node.child_by_field_name("pattern"), node.child_by_field_name("value")) {
        let names = reading.names(pattern, &["identifier"]);
        if node.kind() != "match_arm" {
            let value = expression(reading, value);
            steps.push(Step::Set(names, value));
            if let Some(body) = node.child_by_field_name("body") {
                reading.down(|reading| block(reading, body, steps));
            }
            return;
        }
    }
    block(reading, node, steps);
}

fn import(reading: &mut Reading<'_>, node: Node<'_>, prefix: &str, steps: &mut Vec<Step>) {
    let join = |path: &str| {
        let path = path.replace("::", ".").replace(' ', "");
        if prefix.is_empty() { path } else { format!("{prefix}.{path}") }
    };
    match node.kind() {
        "scoped_use_list" => {
            let path = node.child_by_field_name("path").map_or(String::new(), |path| join(reading.text(path)));
            if let Some(list) = node.child_by_field_name("list") {
                reading.down(|reading| import(reading, list, &path, steps));
            }
        }
        "use_list" => {
            for child in children(node) {
                reading.down(|reading| import(reading, child, prefix, steps));
            }
        }
        "use_as_clause" => {
            let (path, alias) = (node.child_by_field_name("path"), node.child_by_field_name("alias"));
            if let (Some(path), Some(alias)) = (path, alias) {
                steps.push(Step::Import { local: reading.name(alias), path: join(reading.text(path)).into() });
            }
        }
        "use_wildcard" => {}
        _ => {
            let path = join(reading.text(node));
            let path = path.strip_suffix(".self").unwrap_or(&path).to_owned();
            let local: Rc<str> = path.rsplit('.').next().unwrap_or_default().into();
            steps.push(Step::Import { local, path: path.into() });
        }
    }
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
        "identifier" | "self" | "crate" | "type_identifier" => Expr::Name(reading.name(node)),
        "integer_literal" => literal::number(reading.text(node)).map_or(Expr::Nothing, Expr::Number),
        "string_literal" | "raw_string_literal" => {
            let text = reading.text(node);
            let inner = text.trim_start_matches(['b', 'c', 'r', '#']).trim_end_matches('#').trim_matches('"');
            let raw = node.kind() == "raw_string_literal";
            Expr::Text(if raw || !inner.contains('\\') { inner.into() } else { literal::unescaped(inner).into() })
        }
        "scoped_identifier" | "scoped_type_identifier" => {
            let name = node.child_by_field_name("name").map_or_else(|| "".into(), |name| reading.name(name));
            match node.child_by_field_name("path") {
                Some(path) => Expr::Member(Box::new(expression(reading, path)), name),
                None => Expr::Name(name),
            }
        }
        "field_expression" => {
            let name = node.child_by_field_name("field").map_or_else(|| "".into(), |name| reading.name(name));
            Expr::Member(Box::new(field(reading, node, "value")), name)
        }
        "call_expression" => {
            let callee = Box::new(field(reading, node, "function"));
            let list = node.child_by_field_name("arguments").map(children).unwrap_or_default();
            let values = list.into_iter().map(|one| Argument { name: None, value: expression(reading, one) });
            Expr::Call { callee, arguments: values.collect(), at: node.byte_range() }
        }
        "macro_invocation" => {
            // A macro's tokens are no tree: texts and names in them are taken as a group.
            let name = node.child_by_field_name("macro").map_or("", |name| reading.text(name));
            let tokens = children(node).into_iter().filter(|child| child.kind() == "token_tree");
            let inside: Vec<_> = tokens.flat_map(|tokens| all(reading, tokens)).collect();
            let callee = Box::new(Expr::Name(format!("{name}!").into()));
            let arguments = inside.into_iter().map(|value| Argument { name: None, value }).collect();
            Expr::Call { callee, arguments, at: node.byte_range() }
        }
        "generic_function" => field(reading, node, "function"),
        "try_expression" | "await_expression" | "parenthesized_expression" | "reference_expression" => children(node)
            .into_iter()
            .rfind(|child| child.kind() != "mutable_specifier")
            .map_or(Expr::Nothing, |child| expression(reading, child)),
        "closure_expression" => {
            let parameters = node.child_by_field_name("parameters").map(|all| reading.names(all, &["identifier"]));
            let mut inside = Vec::new();
            if let Some(body) = node.child_by_field_name("body") {
                statement(reading, body, false, &mut inside);
            }
            Expr::Function(reading.function(parameters.unwrap_or_default(), inside, Start::Called))
        }
        "block" | "unsafe_block" | "if_expression" | "match_expression" => {
            // As a value: a function that is run at once.
            let mut inside = Vec::new();
            statement(reading, node, false, &mut inside);
            let function = reading.function(Vec::new(), inside, Start::Called);
            let callee = Box::new(Expr::Function(function));
            Expr::Call { callee, arguments: Vec::new(), at: node.byte_range() }
        }
        "line_comment" | "block_comment" | "boolean_literal" | "char_literal" | "float_literal" => Expr::Nothing,
        _ => Expr::Group(all(reading, node)),
    }
}
