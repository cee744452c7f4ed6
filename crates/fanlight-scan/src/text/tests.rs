use super::*;

fn rules_of(language: Language, text: &str) -> Vec<String> {
    look("a", language, text).iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn the_line_and_the_statement_are_told() {
    let text = format!("a = 1\nb = 2;{}exec(c)\n", " ".repeat(200));
    let found = look("a.py", Language::Python, &text);
    assert_eq!((found[0].place.line, found[0].evidence.as_str()), (Some(2), "exec(c)"));
}

#[test]
fn tables_and_texts_are_ordinary() {
    let table = format!("WIDTHS = [{}]\n", "0x1f600, ".repeat(2000));
    assert_eq!(look("a.py", Language::Python, &table)[0].severity, Severity::Info);
    let aligned = format!("x = {{'a':{}1}}  # exec(\n", " ".repeat(40));
    assert!(rules_of(Language::Python, &aligned).is_empty());
    let hex = "var a = 0x3fa2, b = _0xab;\n".repeat(30);
    assert!(rules_of(Language::JavaScript, &hex).is_empty());
    let paired = "s = '\u{2067}\u{5e9}\u{2069}'\n";
    assert!(rules_of(Language::Python, paired).is_empty());
}

#[test]
fn one_file_says_a_thing_only_a_few_times() {
    let text = "x = '\u{202e}'\n".repeat(50);
    assert_eq!(rules_of(Language::Python, &text).len(), OF_A_FILE);
}
