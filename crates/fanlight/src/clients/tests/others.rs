//! npm's, yarn's and cargo's files.

use super::super::*;
use super::setting;

fn given_back(client: Client, before: &str) -> String {
    let text = written(client, before, &setting()).unwrap();
    assert_eq!(taken_out(client, &text).unwrap().unwrap(), before, "{client}");
    text
}

#[test]
fn empty_files_get_what_leads_to_the_door() {
    let all = [Client::Npm, Client::Yarn, Client::Cargo].map(|client| given_back(client, ""));
    insta::assert_snapshot!(all.join("----\n"));
}

#[test]
fn npms_other_registry_is_switched_off_and_scopes_are_told() {
    let before = "; mine\nregistry = https://a.example/\n@acme:registry=https://acme.example/\nfund=false\n";
    let text = given_back(Client::Npm, before);
    assert!(text.contains("# (off while Fanlight is in use) registry = https://a.example/\n"), "{text}");
    assert!(text.contains("\n@acme:registry=https://acme.example/\nfund=false\n"), "{text}");
    assert_eq!(npm::scoped(&text).collect::<Vec<_>>(), ["@acme:registry"]);
}

#[test]
fn yarns_keys_are_switched_off_with_the_lines_that_belong_to_them() {
    let before = "nodeLinker: node-modules\nunsafeHttpWhitelist:\n  - a.example\n  - b.example\n\nnpmRegistryServer: \
                  \"https://a.example\"\nplugins:\n  - path: x\n";
    let text = given_back(Client::Yarn, before);
    let on: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(on[..3], ["nodeLinker: node-modules", "plugins:", "  - path: x"], "{text}");
    assert!(on[3..].iter().any(|line| line.starts_with("npmAuthToken")), "{text}");
}

#[test]
fn cargos_other_replacement_is_switched_off_and_the_rest_stays_readable() {
    let before = "[build]\njobs = 2\n\n[source.crates-io]\nreplace-with = \"mirror\"\n\n[source.mirror]\nregistry = \
                  \"sparse+https://mirror.example/\"\n";
    let text = given_back(Client::Cargo, before);
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    assert_eq!(document["source"]["crates-io"]["replace-with"].as_str(), Some("fanlight"));
    assert_eq!(document["registries"]["fanlight"]["token"].as_str(), Some("Bearer flk_1_s_2"));
    assert_eq!(document["build"]["jobs"].as_integer(), Some(2));
    assert!(document["source"].get("mirror").is_some());
    assert!(written(Client::Cargo, "not toml", &setting()).is_err());
}
