use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

#[test]
fn the_addresses_that_clients_use_are_read() {
    for (path, asked) in [
        ("tool", Asked::Packument(name("tool"))),
        ("@acme/tool", Asked::Packument(name("@acme/tool"))),
        ("tool/latest", Asked::Release(name("tool"), "latest")),
        ("@acme/tool/1.0.0", Asked::Release(name("@acme/tool"), "1.0.0")),
        ("tool/-/tool-1.0.0.tgz", Asked::Archive(name("tool"), "tool-1.0.0.tgz")),
        ("@acme/tool/-/tool-1.0.0.tgz", Asked::Archive(name("@acme/tool"), "tool-1.0.0.tgz")),
        ("-/npm/v1/attestations/tool@1.0.0", Asked::Attestations(name("tool"), "1.0.0")),
        ("-/npm/v1/attestations/@acme/tool@1.0.0", Asked::Attestations(name("@acme/tool"), "1.0.0")),
        ("-/package/tool/dist-tags", Asked::Tags(name("tool"))),
        ("-/package/@acme/tool/dist-tags", Asked::Tags(name("@acme/tool"))),
        ("-/npm/v1/keys", Asked::Keys),
        ("-/ping", Asked::Ping),
        ("-/whoami", Asked::Whoami),
    ] {
        assert_eq!(read(path), Ok(asked), "{path}");
    }
}

#[test]
fn other_addresses_ask_for_nothing() {
    for path in [
        "tool/a/b",
        "tool/-/a/b",
        "@acme/tool/-/a/b",
        "-/v1/search",
        "-/package/tool",
        "-/npm/v1/attestations/tool",
        "-/npm/v1/attestations/tool@",
        "-/npm/v1/attestations/tool@1/../../../../../other/-/other-1.0.0.tgz",
        "-/npm/v1/attestations/tool@1?x",
        "-/npm/v1/attestations/tool@1#x",
        "-/npm/v1/attestations/tool@%2e%2e",
        "-/",
    ] {
        assert_eq!(read(path), Err(NotAsked::Unknown), "{path}");
    }
    for (path, why) in
        [("", NotAName::Empty), ("@acme", NotAName::Empty), ("../x", NotAName::Leading), ("a b", NotAName::Sign)]
    {
        assert_eq!(read(path), Err(NotAsked::Name(why)), "{path}");
    }
}

proptest! {
    #[test]
    fn any_path_is_judged_without_panic(path in "[-@/a-z0-9.%é]{0,40}") {
        let _ = read(&path);
    }
}
