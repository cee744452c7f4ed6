//! The bill as SPDX 2.3 (ISO/IEC 5962), JSON.

use fanlight_base::Timestamp;
use fanlight_base::clock::rfc3339_millis;
use serde_json::{Value, json};

use super::{Bill, Delivered, word};

/// Nothing is claimed of what this node has not looked at.
const UNKNOWN: &str = "NOASSERTION";
/// The id of whose software it is.
const SUBJECT: &str = "SPDXRef-Subject";

/// The document. Each file of a release is a package, because a package has one set of checksums.
pub(super) fn document(bill: &Bill) -> Value {
    let mut packages = vec![json!({
        "SPDXID": SUBJECT,
        "name": format!("software of {}", bill.subject),
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "comment": "What a Fanlight node delivered. What came by another way, and what depends on what, is not in it.",
    })];
    let mut relationships = vec![related("SPDXRef-DOCUMENT", "DESCRIBES", SUBJECT)];
    for (purl, files) in bill.purls() {
        for (name, file) in files {
            let id = format!("SPDXRef-Package-{}", packages.len());
            relationships.push(related(SUBJECT, "CONTAINS", &id));
            let mut package = json!({
                "SPDXID": id,
                "name": purl.namespace().map_or_else(|| purl.name().to_owned(), |n| format!("{n}/{}", purl.name())),
                "versionInfo": purl.version().unwrap_or_default(),
                "packageFileName": name,
                "downloadLocation": UNKNOWN,
                "filesAnalyzed": false,
                "licenseConcluded": UNKNOWN,
                "licenseDeclared": UNKNOWN,
                "copyrightText": UNKNOWN,
                "externalRefs": [{
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": purl.as_str(),
                }],
                "comment": received(file),
            });
            if let Some((algorithm, value)) = &file.digest {
                let algorithm = algorithm.to_ascii_uppercase();
                package["checksums"] = json!([{ "algorithm": algorithm, "checksumValue": value }]);
            }
            packages.push(package);
        }
    }
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("software of {}", bill.subject),
        "documentNamespace": bill.urn(),
        "creationInfo": {
            "created": to_the_second(bill.at),
            "creators": [format!("Tool: fanlight-{}", env!("CARGO_PKG_VERSION"))],
            "comment": format!("node {}; {} records not yet counted", bill.node, bill.behind),
        },
        "packages": packages,
        "relationships": relationships,
    })
}

fn related(from: &str, how: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": how, "relatedSpdxElement": to })
}

fn received(file: &Delivered) -> String {
    let (first, last) = (rfc3339_millis(file.first), rfc3339_millis(file.last));
    format!("received ({}) {} times, first {first}, last {last}", word(file.received), file.times)
}

/// SPDX writes times without fractions (section 6.9).
fn to_the_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
