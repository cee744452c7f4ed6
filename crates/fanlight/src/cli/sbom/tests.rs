//! Bills of what several received; the black-box tests hold the documents against other people's validators.

use super::*;

fn holding(file: &str, digest: Option<&str>, received: Received, day: u8) -> Holding {
    let at = format!("2026-11-{day:02}T10:00:00Z").parse().unwrap();
    Holding {
        person: None,
        machine: None,
        release: "pkg:npm/%40acme/tool@1.0".to_owned(),
        file: file.to_owned(),
        digest: digest.map(str::to_owned),
        received,
        times: 2,
        first: at,
        last: at,
    }
}

fn bill() -> Bill {
    let at = "2026-11-22T10:00:00.123Z".parse().unwrap();
    let (subject, node) = ("asha".to_owned(), "fanlight/0123456789abcdef".to_owned());
    let mut bill = Bill { subject, is_machine: false, node, at, behind: 3, releases: BTreeMap::new() };
    bill.take(holding("tool.tgz", None, Received::Part, 20));
    bill.take(holding("tool.tgz", Some("sha512:abcd"), Received::Whole, 19));
    bill.take(holding("other.tgz", None, Received::Already, 21));
    bill
}

#[test]
fn what_several_received_is_told_once_with_the_most_of_it() {
    let document = cyclonedx::document(&bill());
    let release = &document["components"][0];
    assert_eq!((&release["group"], &release["name"]), (&"@acme".into(), &"tool".into()));
    let file = &release["components"][1];
    assert_eq!(file["hashes"], serde_json::json!([{ "alg": "SHA-512", "content": "abcd" }]));
    let values: Vec<_> = file["properties"].as_array().unwrap().iter().map(|property| &property["value"]).collect();
    assert_eq!(values, ["2026-11-19T10:00:00.000Z", "2026-11-20T10:00:00.000Z", "4", "whole"]);
    assert!(release["components"][0].get("hashes").is_none(), "no hash where the records say none");
}

#[test]
fn a_package_of_spdx_is_one_file_with_its_checksum() {
    let document = spdx::document(&bill());
    let packages = document["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 3);
    assert_eq!(packages[2]["checksums"][0]["algorithm"], "SHA512");
    assert_eq!(packages[2]["name"], "@acme/tool");
    assert_eq!(document["creationInfo"]["created"], "2026-11-22T10:00:00Z");
    assert_eq!(document["relationships"].as_array().unwrap().len(), 3);
}

#[test]
fn a_bill_has_a_name_of_its_own() {
    let urn = bill().urn();
    assert_eq!((urn.len(), &urn[..9], &urn[23..24]), (45, "urn:uuid:", "8"), "{urn}");
    let mut more = bill();
    more.take(holding("third.tgz", None, Received::Whole, 22));
    assert_ne!(more.urn(), urn);
}
