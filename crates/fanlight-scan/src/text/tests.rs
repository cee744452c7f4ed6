use super::*;

fn rules_of(language: Language, text: &str) -> Vec<String> {
    look("a", language, text, true).iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn the_line_and_the_statement_are_told() {
    let text = format!("a = 1\nb = 2;{}exec(c)\n", " ".repeat(200));
    let found = look("a.py", Language::Python, &text, true);
    assert_eq!((found[0].place.line, found[0].evidence.as_str()), (Some(2), "exec(c)"));
}

#[test]
fn tables_and_texts_are_ordinary() {
    let table = format!("WIDTHS = [{}]\n", "0x1f600, ".repeat(2000));
    assert_eq!(look("a.py", Language::Python, &table, true)[0].severity, Severity::Info);
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

#[test]
fn long_lines_are_told_without_reading_all() {
    let short = "a\n".repeat(1000);
    assert!(!has_line_over(160, short.as_bytes()));
    assert!(!has_line_over(160, "b".repeat(160).as_bytes()));
    for before in [0, 1, 159, 160, 161, 400] {
        let text = format!("{}{}\n{short}", "a\n".repeat(before), "b".repeat(161));
        assert!(has_line_over(160, text.as_bytes()), "{before} lines before");
    }
}

#[test]
fn a_wall_is_seen_wherever_it_stands() {
    for before in [0, 1, 100, 159, 160, 161, 319, 320, 1000] {
        let line = format!("{}{}exec(c)", "b;".repeat(before), " ".repeat(ASIDE));
        assert_eq!(pushed_aside(&line), Some(2 * before + ASIDE), "{before}");
        let narrow = format!("{}{}exec(c)", "b;".repeat(before), " ".repeat(ASIDE - 1));
        assert_eq!(pushed_aside(&narrow), None, "{before}");
    }
}
