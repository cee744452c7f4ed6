//! Other people's validators of bills of materials, installed once for all tests: what a bill is held against is never
//! our own reading of its format.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::clients::python_tools;
use crate::process::Run;

/// Changing this installs anew. The first brings the published JSON schemas of CycloneDX with it.
const WANTED: &[&str] = &["cyclonedx-python-lib[json-validation]>=9", "spdx-tools>=0.8"];

const CYCLONEDX: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
print(found or 'valid')
sys.exit(1 if found else 0)
";

const SPDX: &str = "
import json, sys, tempfile
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
with tempfile.NamedTemporaryFile('w', suffix='.spdx.json') as file:
    file.write(sys.stdin.read())
    file.flush()
    found = validate_full_spdx_document(parse_file(file.name), 'SPDX-2.3')
print([message.validation_message for message in found] or 'valid')
sys.exit(1 if found else 0)
";

/// The validators.
#[derive(Debug)]
pub struct Validators {
    python: PathBuf,
}

impl Validators {
    /// Finds them, installing them once. Nothing where they cannot be installed, which is said in one line.
    ///
    /// # Panics
    /// When they are missing and `CI=true`.
    pub fn get() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Validators>> = OnceLock::new();
        let found = || Some(Self { python: python_tools("validators", WANTED)?.join("bin/python") });
        FOUND.get_or_init(found).as_ref()
    }

    /// Holds a document against the published schema of CycloneDX 1.6.
    ///
    /// # Panics
    /// When it does not hold.
    #[track_caller]
    pub fn cyclonedx(&self, document: &str) {
        self.judge(CYCLONEDX, document);
    }

    /// Holds a document against SPDX 2.3, as the SPDX project's own tools read it.
    ///
    /// # Panics
    /// When it does not hold.
    #[track_caller]
    pub fn spdx(&self, document: &str) {
        self.judge(SPDX, document);
    }

    #[track_caller]
    fn judge(&self, program: &str, document: &str) {
        Run::new(&self.python).args(["-c", program]).input(document).output().ok().says("valid");
    }
}
