//! The roots a client trusts once it is led to a node with an authority of its own: those it trusted before, and this one.
//!
//! A client's setting for roots takes the place of all others (the `cert` of older pips, the variables
//! that requests reads, uv's `SSL_CERT_FILE`), so a file with our root alone would end TLS with everybody else. Invariant:
//! what was trusted stays trusted; ours stands first.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ini::Ini;
use super::{Client, Surroundings};

/// Bytes of a bundle of certificates; the largest in use have a few hundred KB.
const BUNDLE_BYTES: u64 = 16 * 1024 * 1024;
/// The lines around a certificate (RFC 7468).
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The text of the file of roots: ours, then those of every file that the client was told of, or the system's where it
/// was told of none. `before` is the client's configuration without ours.
pub fn bundle(client: Client, around: &Surroundings, before: &str, root: &str) -> String {
    let mut all = blocks(root);
    let told: Vec<String> = named(client, around, before).iter().flat_map(|file| blocks(&read(file))).collect();
    if told.is_empty() {
        // A certificate that does not read is trusted by nobody; the others count.
        all.extend(rustls_native_certs::load_native_certs().certs.iter().map(|certificate| pem(certificate)));
    }
    all.extend(told);
    let mut out = format!(
        "# Written by `fanlight use {client}`: the root of its node's authority, then what was trusted before.\n"
    );
    let mut known = std::collections::HashSet::new();
    all.iter().filter(|block| known.insert(*block)).for_each(|block| out.push_str(block));
    out
}

/// The certificates of a PEM text, each as written, without what stands between them.
fn blocks(text: &str) -> Vec<String> {
    let parts = text.split(BEGIN).skip(1).filter_map(|part| Some(part.split_once(END)?.0));
    parts.map(|body| format!("{BEGIN}{body}{END}\n")).collect()
}

/// The files of roots that the client is told of, each once.
fn named(client: Client, around: &Surroundings, before: &str) -> Vec<PathBuf> {
    let (variables, stated) = match client {
        Client::Pip => {
            let ini = Ini::read(before).unwrap_or_default();
            let stated = ini.all("cert").map(|option| option.value.clone()).collect::<Vec<_>>();
            (&super::beside::ROOT_VARIABLES[..], stated)
        }
        Client::Uv => (&["SSL_CERT_FILE"][..], Vec::new()),
        Client::Npm | Client::Yarn => (&["NODE_EXTRA_CA_CERTS"][..], Vec::new()),
        Client::Cargo => (&["CARGO_HTTP_CAINFO", "SSL_CERT_FILE"][..], Vec::new()),
    };
    let mut files: Vec<PathBuf> = Vec::new();
    let variables = variables.iter().filter_map(|name| around.variable(name)).map(str::to_owned);
    for file in variables.chain(stated).map(PathBuf::from) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A file's text; nothing where there is none, or too much of it.
fn read(file: &Path) -> String {
    let readable = std::fs::metadata(file).is_ok_and(|there| there.is_file() && there.len() <= BUNDLE_BYTES);
    if readable { std::fs::read_to_string(file).unwrap_or_default() } else { String::new() }
}

/// One certificate as PEM.
fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines = body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("{BEGIN}\n{}{END}\n", lines.collect::<String>())
}
