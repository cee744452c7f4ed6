//! An authority for certificates as a company has one, kept by openssl: not by our own reading of X.509.

use std::path::PathBuf;

use fanlight_testkit::Run;

/// An authority as a company has one, kept by openssl.
#[derive(Debug)]
pub struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    /// A new one, that has revoked nothing.
    #[expect(clippy::new_without_default, reason = "it is made by running a program")]
    pub fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().expect("a folder") };
        let folder = authority.folder.path().display().to_string();
        let config = format!(
            "[ca]\ndefault_ca = here\n[here]\ndatabase = {folder}/index\nserial = {folder}/serial\nnew_certs_dir = {folder}\n\
             crlnumber = {folder}/crlnumber\ndefault_md = sha256\npolicy = any\ncopy_extensions = copy\nunique_subject = no\n\
             certificate = {folder}/ca.pem\nprivate_key = {folder}/ca.key\n[any]\ncommonName = supplied\n"
        );
        for (name, text) in [("config", config.as_str()), ("index", ""), ("serial", "01"), ("crlnumber", "01")] {
            std::fs::write(authority.path(name), text).expect("a file");
        }
        authority.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=Acme clients",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout",
            &authority.text("ca.key"),
            "-out",
            &authority.text("ca.pem"),
        ]);
        authority.lists_revoked();
        authority
    }

    /// The place of a file of its.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Runs openssl among its files.
    pub fn openssl(&self, args: &[&str]) {
        Run::new("openssl").args(args.iter().copied()).at_home(self.folder.path()).output().ok();
    }

    /// A client's certificate with these names, good from and until then (`YYYYMMDDHHMMSSZ`).
    pub fn issue(&self, name: &str, alternatives: &str, from: &str, until: &str) {
        self.issue_for("clientAuth", name, alternatives, (from, until));
    }

    fn issue_for(&self, usage: &str, name: &str, alternatives: &str, (from, until): (&str, &str)) {
        let (key, asked, made) =
            (self.text(&format!("{name}.key")), self.text(&format!("{name}.csr")), self.text(&format!("{name}.pem")));
        let names = format!("subjectAltName={alternatives}");
        self.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            &format!("/CN={name}"),
            "-addext",
            &names,
            "-addext",
            &format!("extendedKeyUsage={usage}"),
            "-keyout",
            &key,
            "-out",
            &asked,
        ]);
        self.openssl(&[
            "ca",
            "-config",
            &self.text("config"),
            "-batch",
            "-notext",
            "-startdate",
            from,
            "-enddate",
            until,
            "-in",
            &asked,
            "-out",
            &made,
        ]);
    }

    /// A client's that is good now.
    pub fn issue_good(&self, name: &str, alternatives: &str) {
        self.issue(name, alternatives, "20200101000000Z", "20990101000000Z");
    }

    /// A server's that is good now.
    pub fn issue_server(&self, name: &str, alternatives: &str) {
        // Not longer than every client of ours takes.
        self.issue_for("serverAuth", name, alternatives, ("20250101000000Z", "20990101000000Z"));
    }

    /// Revokes one, in its list of those.
    pub fn revoke(&self, name: &str) {
        self.openssl(&["ca", "-config", &self.text("config"), "-revoke", &self.text(&format!("{name}.pem"))]);
        self.lists_revoked();
    }

    /// Makes its list of revoked ones anew.
    pub fn lists_revoked(&self) {
        let aside = self.text("crl.new");
        self.openssl(&["ca", "-config", &self.text("config"), "-gencrl", "-crldays", "20", "-out", &aside]);
        std::fs::rename(aside, self.path("crl.pem")).expect("the list");
    }
}
