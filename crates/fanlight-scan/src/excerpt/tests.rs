use super::*;

const LIMIT: usize = 96 * 1024;

#[test]
fn parts_are_put_together_and_lead_back() {
    let line = "const filler = 1;\n";
    let mut text = line.repeat(1000);
    let first = text.len();
    text.push_str("first();\n");
    text.push_str(&line.repeat(1000));
    let second = text.len();
    text.push_str("second();\n");
    text.push_str(&line.repeat(1000));
    let excerpt = Excerpt::around(Language::JavaScript, &text, &[first, second], LIMIT);
    assert!(excerpt.text.len() < 5 * AROUND && !excerpt.cut);
    for (word, whole) in [("first()", first), ("second()", second)] {
        let at = excerpt.text.find(word).unwrap();
        assert_eq!(excerpt.place(at), whole);
    }
    assert!(excerpt.text.lines().all(|part| part.is_empty() || part.ends_with(';')), "parts begin and end with lines");
}

#[test]
fn text_without_lines_is_cut_at_characters() {
    let text = "\u{e9}".repeat(20_000);
    let excerpt = Excerpt::around(Language::JavaScript, &text, &[10_001, 10_003, 30_000], LIMIT);
    assert!(excerpt.text.chars().all(|c| c == '\u{e9}' || c == '\n'));
    assert_eq!(excerpt.place(0) % 2, 0);
}

#[test]
fn too_many_parts_are_told() {
    let text = "x;\n".repeat(100_000);
    let places: Vec<_> = (0..30).map(|part| part * 10_000).collect();
    let excerpt = Excerpt::around(Language::JavaScript, &text, &places, 20_000);
    assert!(excerpt.cut && excerpt.text.len() <= 20_000 && excerpt.text.starts_with("x;\n"));
    assert!(excerpt.read > 19_000 && excerpt.read <= excerpt.text.len(), "{} bytes are read", excerpt.read);
}

#[test]
fn a_part_larger_than_the_limit_is_read_up_to_it() {
    let text = "\u{e9};\n".repeat(100_000);
    let places: Vec<_> = (0..=100).map(|part| part * 4000).collect();
    let excerpt = Excerpt::around(Language::JavaScript, &text, &places, LIMIT);
    assert!(excerpt.cut && excerpt.text.len() <= LIMIT && excerpt.read > LIMIT - 8, "{} bytes are read", excerpt.read);
    assert!(text.starts_with(excerpt.text.trim_end_matches('\n')));
    let whole = Excerpt::around(Language::JavaScript, &text, &places, text.len() + 1);
    assert!(!whole.cut && whole.read == text.len());
    let indented = "    x = 1\n".repeat(1000);
    for limit in 0..200 {
        let excerpt = Excerpt::around(Language::Python, &indented, &[5000], limit);
        assert!(excerpt.cut && excerpt.text.len() <= limit.max(1), "{limit}: {}", excerpt.text.len());
    }
}

#[test]
fn a_part_of_a_function_can_be_read() {
    let line = "    filler = 1\n";
    let text = format!("def f():\n{}    exec(x)\n{}", line.repeat(1000), line.repeat(1000));
    let at = text.find("exec").unwrap();
    let excerpt = Excerpt::around(Language::Python, &text, &[at], LIMIT);
    assert!(excerpt.text.starts_with("def f():\n    filler"), "{}", &excerpt.text[..40]);
    assert_eq!(excerpt.place(excerpt.text.find("exec").unwrap()), at);
}

#[test]
fn the_statements_around_a_line_are_told() {
    let text = "class A(B):\n    def f(\n        self,\n    ):\n        # a\n        with x:\n            y()\n            z()\n";
    let heads = |place: &str| {
        let mut out = String::new();
        python::open_blocks(text, text.find(place).unwrap(), &mut out);
        out
    };
    assert_eq!(heads("            z()"), "class A:\n    def f():\n        if 1:\n");
    assert_eq!(heads("        with x"), "class A:\n    def f():\n");
    assert_eq!(heads("class A"), "");
}
