//! TLS: the local authority end to end, files reloaded, and who speaks the wrong language.

use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use url::Url;

use super::*;
use crate::upstream::{Options, PageAnswer, PageRequest, Upstream, UpstreamErrorKind, Validators};

/// A connection to a listener with its own authority in `folder`, speaking `protocol`.
pub(super) async fn connect(
    address: SocketAddr,
    folder: &Path,
    protocol: &[u8],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let pem = std::fs::read(folder.join("ca.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let mut config = client_config(roots);
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

/// Sends bytes over TLS and reads to the end.
pub(super) async fn exchange(running: &Running, folder: &Path, bytes: &[u8]) -> String {
    let mut stream = connect(running.address, folder, b"http/1.1").await;
    stream.write_all(bytes).await.unwrap();
    let mut all = Vec::new();
    let _ = tokio::time::timeout(AGES, stream.read_to_end(&mut all)).await.expect("the connection stayed open");
    String::from_utf8_lossy(&all).into_owned()
}

fn client_config(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(crate::tls::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub(super) fn auto(folder: &Path) -> Tls {
    Tls::Auto { folder: folder.into(), names: Vec::new() }
}

fn page(url: &str) -> PageRequest {
    let url = Url::parse(url).unwrap();
    PageRequest { url, accept: "*/*", at_hand: Validators::default(), limit: 1000 }
}

fn trusting(root: PathBuf) -> Upstream {
    Upstream::new(Options { extra_root: Some(root), ..Options::default() }).unwrap()
}

#[tokio::test]
async fn a_client_that_trusts_the_local_authority_is_served_over_http2() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let upstream = trusting(folder.path().join("ca.pem"));
    for host in ["localhost", "127.0.0.1"] {
        let answer = upstream.page(page(&format!("https://{host}:{}/peer", running.address.port()))).await.unwrap();
        let PageAnswer::Page(page) = answer else { panic!("no page") };
        assert_eq!(page.body, "true HTTP/2.0", "{host}");
    }
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap(), Drained { cut: 0 });
}

#[tokio::test]
async fn a_client_that_does_not_trust_it_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let upstream = Upstream::new(Options::default()).unwrap();
    let error = upstream.page(page(&format!("https://localhost:{}/", running.address.port()))).await.unwrap_err();
    assert!(matches!(error.kind, UpstreamErrorKind::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn an_upstream_may_not_lead_from_https_down_to_http() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let upstream = trusting(folder.path().join("ca.pem"));
    let address = format!("localhost:{}/to-http", running.address.port());
    let error = upstream.page(page(&format!("https://{address}"))).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{address}: the upstream redirects, but it leads from https down to http"));
}

#[tokio::test]
async fn plain_http_on_a_tls_address_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let text = super::exchange(running.address, &get("/")).await;
    super::unread::refusal(&text, 400, "Plain");
}

/// Python's strict checks (RFC 5280), as pip and uv's users have them: another implementation than ours.
#[tokio::test]
async fn python_accepts_the_local_authority_strictly() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let script = "import ssl, sys, urllib.request\n\
        context = ssl.create_default_context(cafile=sys.argv[1])\n\
        context.verify_flags |= ssl.VERIFY_X509_STRICT\n\
        for host in ('localhost', '127.0.0.1'):\n\
        \x20   opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))\n\
        \x20   print(opener.open(f'https://{host}:{sys.argv[2]}/peer', timeout=20).read().decode())\n";
    let output = tokio::process::Command::new("python3")
        .args(["-c", script])
        .arg(folder.path().join("ca.pem"))
        .arg(running.address.port().to_string())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "true HTTP/1.1\ntrue HTTP/1.1\n", "{told}");
}

/// A self-signed pair in files; gives the certificate.
fn write_pair(folder: &Path) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
    certificate.into()
}

/// Whether the listener shows a certificate that this client, trusting `certificate` alone, accepts.
async fn shows(address: SocketAddr, certificate: &CertificateDer<'static>) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = client_config(roots);
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.is_ok()
}

async fn comes_to_show(address: SocketAddr, certificate: &CertificateDer<'static>) {
    let waiting = async {
        while !shows(address, certificate).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(AGES, waiting).await.expect("the new certificate is not shown");
}

#[tokio::test]
async fn changed_files_are_shown_and_broken_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_pair(folder.path());
    let tls = Tls::Files {
        certificate: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
        shown: folder.path().join("shown.der"),
    };
    let running = start(tls, Limits::default()).await;
    assert!(shows(running.address, &first).await);
    let second = write_pair(folder.path());
    comes_to_show(running.address, &second).await;
    for broken in ["", "nonsense", &KeyPair::generate().unwrap().serialize_pem()] {
        std::fs::write(folder.path().join("key.pem"), broken).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(shows(running.address, &second).await, "{broken:?} replaced a working certificate");
    }
    std::fs::remove_file(folder.path().join("cert.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(shows(running.address, &second).await);
    let third = write_pair(folder.path());
    comes_to_show(running.address, &third).await;
}

#[tokio::test]
async fn a_client_that_never_shakes_hands_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = Limits { head: Duration::from_millis(200), ..Limits::default() };
    let running = start(auto(folder.path()), bounds).await;
    assert_eq!(super::exchange(running.address, b"").await, "");
    assert_eq!(super::exchange(running.address, b"\x16\x03\x01").await, "");
}

#[tokio::test]
async fn a_handshake_that_never_ends_does_not_hold_up_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(auto(folder.path()), Limits::default()).await;
    let stuck = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), running.ended).await;
    assert_eq!(ended.expect("the stop waits for a handshake").unwrap(), Drained { cut: 0 });
    drop(stuck);
}
