//! The bill as CycloneDX 1.6 (ECMA-424), JSON.

use fanlight_base::clock::rfc3339_millis;
use serde_json::{Value, json};

use super::{Bill, Delivered, word};

/// The reference of whose software it is.
const SUBJECT: &str = "subject";

/// The document. A release is a library, with its files in it: only they have hashes and times.
pub(super) fn document(bill: &Bill) -> Value {
    let components: Vec<Value> = bill
        .purls()
        .map(|(purl, files)| {
            let files: Vec<Value> = files.iter().map(|(name, file)| of_file(purl.as_str(), name, file)).collect();
            let mut component = json!({
                "type": "library",
                "bom-ref": purl.as_str(),
                "name": purl.name(),
                "version": purl.version().unwrap_or_default(),
                "purl": purl.as_str(),
                "components": files,
            });
            if let Some(namespace) = purl.namespace() {
                component["group"] = namespace.into();
            }
            component
        })
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": bill.urn(),
        "version": 1,
        "metadata": {
            "timestamp": rfc3339_millis(bill.at),
            "tools": { "components": [
                { "type": "application", "name": "fanlight", "version": env!("CARGO_PKG_VERSION") },
            ] },
            "component": {
                "type": if bill.is_machine { "device" } else { "application" },
                "bom-ref": SUBJECT,
                "name": format!("software of {}", bill.subject),
            },
            "properties": [
                { "name": "fanlight:node", "value": bill.node },
                { "name": "fanlight:records-not-yet-counted", "value": bill.behind.to_string() },
            ],
        },
        "components": components,
        // What depends on what is not known here, nor what came by another way.
        "compositions": [{ "aggregate": "incomplete", "assemblies": [SUBJECT] }],
    })
}

fn of_file(purl: &str, name: &str, file: &Delivered) -> Value {
    let mut component = json!({
        "type": "file",
        "bom-ref": format!("{purl}#{name}"),
        "name": name,
        "properties": [
            { "name": "fanlight:first-received", "value": rfc3339_millis(file.first) },
            { "name": "fanlight:last-received", "value": rfc3339_millis(file.last) },
            { "name": "fanlight:times-received", "value": file.times.to_string() },
            { "name": "fanlight:received", "value": word(file.received) },
        ],
    });
    if let Some((algorithm, content)) = &file.digest {
        let algorithm = algorithm.to_ascii_uppercase().replacen("SHA", "SHA-", 1);
        component["hashes"] = json!([{ "alg": algorithm, "content": content }]);
    }
    component
}
