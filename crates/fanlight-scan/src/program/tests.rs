use super::*;

fn top(language: Language, text: &str) -> Vec<Step> {
    read(language, text).unwrap().functions[0].steps.clone()
}

#[test]
fn escapes_and_parts_of_texts_are_resolved() {
    let text = |expected: &str| Expr::Text(expected.into());
    for (language, source, expected) in [
        (Language::Python, r"'\x65\x78\145\u0063'", text("exec")),
        (Language::Python, r"r'\x65'", text(r"\x65")),
        (Language::Python, "'a' + 'b' + 'c'", Expr::Join(vec![text("a"), text("b"), text("c")])),
        (Language::JavaScript, r"'\u{65}v\x61l'", text("eval")),
        (Language::JavaScript, "`a${b}`", Expr::Join(vec![text("a"), Expr::Name("b".into())])),
    ] {
        assert_eq!(top(language, source), [Step::Do(expected)], "{source}");
    }
}

#[test]
fn imports_give_names_their_paths() {
    let import = |local: &str, path: &str| Step::Import { local: local.into(), path: path.into() };
    assert_eq!(
        top(Language::Python, "from os import system as s, path"),
        [import("s", "os.system"), import("path", "os.path")]
    );
    assert!(
        top(Language::JavaScript, "import {exec as e} from 'node:child_process'")
            .contains(&import("e", "child_process.exec"))
    );
    let rust = top(Language::Rust, "use std::{env, process::{self, Command as C}};");
    assert_eq!(rust, [import("env", "std.env"), import("process", "std.process"), import("C", "std.process.Command")]);
}

/// The parser gets a text in pieces; characters of several bytes lie across their edges.
#[test]
fn a_text_in_pieces_gives_the_same_tree_as_in_one() {
    for (language, line) in [
        (Language::Python, "näme = 'é\u{1f980}é' + f(x)\n"),
        (Language::JavaScript, "nämé = 'é\u{1f980}é' + f(`a${x}`);\n"),
        (Language::Rust, "fn f() { let näme = \"é\u{1f980}é\"; }\n"),
    ] {
        for shift in 0..5 {
            let text = format!("{}{}", " ".repeat(shift).replace(' ', "\n"), line.repeat(200));
            let mut parser = Parser::new();
            parser.set_language(&language.grammar()).unwrap();
            let whole = parser.parse(&text, None).unwrap();
            let pieces = tree(language, &text, SCAN_TREE_STEPS).unwrap();
            assert_eq!(pieces.root_node().to_sexp(), whole.root_node().to_sexp(), "{language:?}");
        }
    }
}

#[test]
fn what_takes_too_many_steps_takes_them_each_time() {
    let text = "def f(a):\n    return [b for b in a if b]\n".repeat(500);
    let enough = |steps: usize| tree(Language::Python, &text, steps).is_ok();
    let needed = (0..).map(|n| n * 100).find(|steps| enough(*steps)).unwrap();
    assert!((2_000..200_000).contains(&needed), "{needed} for {} bytes", text.len());
    for _ in 0..5 {
        assert!(enough(needed) && !enough(needed - 100));
    }
}

#[test]
fn functions_know_how_they_are_started() {
    let program =
        read(Language::Python, "class I:\n    def run(self):\n        pass\nif __name__ == '__main__':\n    go()\n")
            .unwrap();
    let starts: Vec<_> = program.functions.iter().map(|function| function.start).collect();
    assert_eq!(starts, [Start::Called, Start::Hook, Start::Program]);
}
