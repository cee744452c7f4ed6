//! The file of roots: ours, and all that was trusted before.

use crate::clients::roots::bundle;
use crate::clients::{Client, Surroundings};

fn certificate(body: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

#[test]
fn what_was_trusted_before_stays_trusted_and_stands_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (ours, company, proxy) = (certificate("T3Vycw=="), certificate("Q29tcGFueQ=="), certificate("UHJveHk="));
    let both = file("both.pem", &format!("Company's root\n{company}{proxy}"));
    let one = file("one.pem", &proxy);
    let environment = [("REQUESTS_CA_BUNDLE".to_owned(), both), ("SSL_CERT_FILE".to_owned(), one.clone())];
    let around = Surroundings { environment: environment.into(), ..Surroundings::default() };
    let pip = bundle(Client::Pip, &around, &format!("[global]\ncert = {one}\n"), &ours);
    let certificates = pip.split_once('\n').unwrap().1;
    assert_eq!(certificates, format!("{ours}{company}{proxy}"), "{pip}");
    assert_eq!(bundle(Client::Uv, &around, "", &ours).split_once('\n').unwrap().1, format!("{ours}{proxy}"));
    // Told of nothing, or of nothing that can be read, a client trusts what the machine does.
    let nowhere = Surroundings { environment: [("PIP_CERT".to_owned(), "/no/such".to_owned())].into(), ..around };
    let system = bundle(Client::Pip, &nowhere, "", &ours);
    assert!(system.contains(&ours) && system.matches("BEGIN").count() > 1, "{system}");
}
