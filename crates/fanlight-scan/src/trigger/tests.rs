use super::*;

fn of(text: &str) -> Worth {
    worth(Language::JavaScript, "a/index.js", text)
}

#[test]
fn plain_imports_are_told_without_a_tree() {
    let names = |names: &[&str]| Worth::Imports(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(of("var a = require('./a'), b = require( \"b\" ); // required"), names(&["./a", "b"]));
    assert_eq!(of("import x from './x'; import './y'; export * from \"z\""), names(&["./x", "./y", "z"]));
    assert_eq!(worth(Language::Python, "a/b.py", "x = 1"), names(&[]));
}

#[test]
fn whatever_hides_a_module_gets_a_tree() {
    for text in [
        "require(x)",
        "require('chi' + 'ld')",
        "const r = require; r('x')",
        "import(x)",
        "eval(x)",
        "require('child_process')",
    ] {
        assert_eq!(of(text), Worth::Tree, "{text}");
    }
    assert_eq!(worth(Language::Python, "a-1/setup.py", "from x import y"), Worth::Tree);
}
