//! The words that name links, by language. Long because it is three tables.

use super::Links;
use crate::follow::known;

/// What must stand around a word, or follow it, for it to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing.
    Any,
    /// No letter, digit or underscore right before.
    Begins,
    /// The same, and none right after.
    Whole,
    /// The same, and no dot before: not somebody's own method.
    Bare,
    /// One of these follows, however much space stands between the signs.
    Then(&'static [&'static str]),
    /// The same, of a name that stands alone and without a dot before.
    BareThen(&'static [&'static str]),
    /// A name that stands alone and without a dot before, and is called, handed over or given another name.
    Handed,
    /// A name that stands alone among those that are imported: `from a import b, (c, d)`.
    Imported,
    /// A place in a text, and not a member's name.
    Place,
    /// Not followed by the part that only takes addresses apart.
    Urllib,
    /// All environment variables, or one named as a secret or as the user.
    Environment,
    /// A member taken by something else than a plain name in quotes.
    Index,
    /// The same, of what calling it gives.
    CalledIndex,
    /// A module's name that is no plain text.
    Load,
    /// Called with something else than `"return this"`.
    Constructor,
    /// A module loaded by a name that is no plain text, or by that of one that reaches out.
    Module,
    /// A member taken by a name that is no plain text or variable, or by that of something that reaches out.
    Member,
    /// The name of an encoding that something is unpacked from, and not written in.
    Encoding,
    /// Two texts joined that each end or begin in the middle of a word.
    Pieces,
    /// A letter written as an escape.
    Escape,
}

/// One word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub text: &'static str,
    pub links: Links,
    pub check: Check,
    /// Whether capital letters must be as written.
    pub exact: bool,
}

fn exact(links: Links, check: Check, texts: &'static [&'static str]) -> impl Iterator<Item = Word> {
    texts.iter().map(move |text| Word { text, links, check, exact: true })
}

/// Places, addresses, commands: the same in every language, in any mixture of small and capital letters.
fn of_texts() -> impl Iterator<Item = Word> {
    let place = |links: Links| move |text: &&'static str| Word { text, links, check: Check::Place, exact: false };
    known::PLACES
        .iter()
        .flat_map(|words| words.iter())
        .map(place(Links::PLACE))
        .chain(known::START.iter().map(place(Links::ALONE)))
        .chain(known::DROPS.iter().map(place(Links::ALONE)))
        .chain(COMMANDS.iter().map(|text| Word { text, links: Links::COMMAND, check: Check::Any, exact: false }))
        .chain(exact(Links::RENAMED, Check::Any, RENAMED))
        .chain(PATTERNS.iter().chain(SCRIPT_PATTERNS).map(|text| Word {
            text,
            links: Links::PATTERN,
            check: Check::Any,
            exact: false,
        }))
}

/// Parts of commands; the last ones are programs in a list of words.
const COMMANDS: &[&str] = &[
    "curl ",
    "wget ",
    "iwr ",
    "invoke-webrequest",
    "downloadstring",
    "downloadfile",
    "certutil",
    "bitsadmin",
    "fetch http",
    "powershell",
    "pwsh",
    "base64 -d",
    "base64 --decode",
    "/dev/tcp/",
    "nc -e",
    "ncat -e",
    "socat exec:",
    "$(curl",
    "`curl",
    "nslookup",
    "mshta",
    "schtasks",
    "'curl'",
    "\"curl\"",
    "'wget'",
    "\"wget\"",
    "'nc'",
    "\"nc\"",
    "'dig'",
    "\"dig\"",
    "dig +short",
    "'nslookup'",
    "/bin/sh -i",
    "bash -i",
    "sh -i",
];

/// Words without which none of the built-in patterns over bytes matches, but for those of scripts.
pub(crate) const PATTERNS: &[&str] = &["/dev/tcp/", "mkfifo", "powershell", "UPX!", "stratum+"];

/// Words without which none of the built-in patterns matches a script of a shell, which says at its beginning that it is
/// one.
pub(crate) const SCRIPT_PATTERNS: &[&str] = &["curl ", "wget "];

/// Three letters in a row that stand in names made to look alike.
const RENAMED: &[&str] = &[
    "_0x", "IlI", "lIl", "IIl", "lII", "llI", "Ill", "III", "I1l", "l1I", "I1I", "l1l", "O0O", "0O0", "OO0", "0OO",
    "O00", "00O",
];

pub(super) fn python() -> Vec<Word> {
    use Check::{
        Any, Bare, BareThen, Begins, CalledIndex, Environment, Escape, Handed, Imported, Index, Member, Module, Pieces,
        Then, Urllib, Whole,
    };
    of_texts()
        .chain(exact(Links::EVALUATE, Handed, &["exec", "eval"]))
        .chain(exact(Links::EVALUATE, Bare, &["execfile"]))
        .chain(exact(
            Links::EVALUATE,
            Any,
            &[
                "'exec'",
                "\"exec\"",
                "'eval'",
                "\"eval\"",
                "builtins.exec",
                "builtins.eval",
                "__builtin__.e",
                "runpy",
                "runcode",
            ],
        ))
        .chain(exact(Links::EVALUATE, Then(&["("]), &["FunctionType", "CodeType"]))
        .chain(exact(
            Links::RUN,
            Any,
            &[
                "subprocess",
                "os.system",
                "popen",
                "Popen",
                "os.spawn",
                "os.exec",
                "posix_spawn",
                "startfile",
                "getoutput",
                "create_subprocess",
                "os.dup2",
            ],
        ))
        .chain(exact(Links::RUN, Then(&["("]), &[".system"]))
        .chain(exact(Links::RUN, Imported, &["system"]))
        .chain(exact(Links::RUN, Begins, &["execv", "execl", "spawnv", "spawnl"]))
        .chain(exact(Links::RUN, Whole, &["pty", "dup2"]))
        .chain(exact(Links::NETWORK, Whole, &["requests", "urlopen", "urlretrieve", "wget", "treq", "socket"]))
        .chain(exact(
            Links::NETWORK,
            Begins,
            &[
                "httpx",
                "aiohttp",
                "httplib",
                "HTTPConnection",
                "HTTPSConnection",
                "websocket",
                "smtplib",
                "ftplib",
                "telebot",
                "discord",
                "pycurl",
                "cloudscraper",
                "niquests",
            ],
        ))
        .chain(exact(Links::NETWORK, BareThen(&[".client", "importclient"]), &["http"]))
        .chain(exact(Links::NETWORK, BareThen(&[".", "import"]), &["dns"]))
        .chain(exact(Links::NETWORK, Urllib, &["urllib"]))
        .chain(exact(Links::ENVIRONMENT, Environment, &["environ", "getenv"]))
        .chain(exact(
            Links::IDENTITY,
            Whole,
            &["gethostname", "getfqdn", "platform.node", "getuser", "getlogin", "uname", "getnode", "whoami"],
        ))
        .chain(exact(
            Links::DEVICE,
            Any,
            &[
                "pyperclip",
                "lipboard",
                "ImageGrab",
                "screenshot",
                "browser_cookie",
                "browsercookie",
                "CryptUnprotectData",
            ],
        ))
        .chain(exact(Links::DEVICE, Whole, &["mss", "keyring"]))
        .chain(exact(
            Links::DECODE,
            Any,
            &[
                "base64",
                "b64decode",
                "b32decode",
                "b16decode",
                "b85decode",
                "a85decode",
                "decodebytes",
                "decodestring",
                "unhexlify",
                "a2b_",
                "fromhex",
                "decompress",
                "marshal",
                "rot13",
                "rot_13",
                "decrypt",
                "codecs.decode",
                "zlib",
                "lzma",
                "bz2",
            ],
        ))
        .chain(exact(Links::DECODE, Whole, &["codecs"]))
        .chain(exact(Links::DECODE, BareThen(&["(", ","]), &["chr"]))
        .chain(exact(Links::DECODE, Bare, &["unichr"]))
        .chain(exact(Links::DECODE, BareThen(&["(["]), &["bytes", "bytearray"]))
        .chain(exact(Links::NATIVE, Any, &["ctypes", "CDLL", "LoadLibrary", "WinDLL"]))
        .chain(exact(
            Links::ALONE,
            Any,
            &[
                "VirtualAlloc",
                "VirtualProtect",
                "RtlMoveMemory",
                "CreateThread",
                "CreateRemoteThread",
                "WriteProcessMemory",
                "memfd_create",
                "winreg",
                "pynput",
                "import keyboard",
                "keyboard.on_",
                "keyboard.hook",
                "keyboard.record",
            ],
        ))
        .chain(exact(Links::HIDES, Module, &["__import__"]))
        .chain(exact(Links::HIDES, Index, &["__builtins__"]))
        .chain(exact(Links::DYNAMIC, CalledIndex, &["globals", "locals", "vars"]))
        .chain(exact(Links::HIDES, Member, &["getattr"]))
        .chain(exact(Links::HIDES, Then(&["(__import__", "(__builtins__", "(builtins"]), &["getattr"]))
        .chain(exact(Links::HIDES, Then(&["."]), &["__builtins__"]))
        .chain(exact(Links::DYNAMIC, Any, &["import_module", "builtins", "= __import__"]))
        .chain(exact(Links::PIECES, Pieces, PIECES))
        .chain(exact(Links::PIECES, Escape, ESCAPES))
        .chain(exact(Links::JOINS, Then(&[".join", ").join"]), &["''", "\"\""]))
        .chain(exact(Links::JOINS, Any, &["[::-1]"]))
        .collect()
}

/// Between two texts.
const PIECES: &[&str] = &["'+'", "' + '", "\"+\"", "\" + \"", "'+\"", "\"+'"];
/// How an escaped letter begins.
const ESCAPES: &[&str] = &["\\x6", "\\x7", "\\u006", "\\u007", "\\u{6", "\\u{7"];

pub(super) fn javascript() -> Vec<Word> {
    use Check::{Any, BareThen, Begins, Constructor, Encoding, Environment, Escape, Index, Load, Pieces, Then, Whole};
    of_texts()
        .chain(exact(Links::EVALUATE, Whole, &["eval"]))
        .chain(exact(Links::EVALUATE, Constructor, &["Function"]))
        .chain(exact(
            Links::EVALUATE,
            Any,
            &[
                "vm'",
                "vm\"",
                "vm`",
                "_compile",
                "runInThisContext",
                "runInNewContext",
                "runInContext",
                "compileFunction",
            ],
        ))
        .chain(exact(
            Links::RUN,
            Any,
            &[
                "child_process",
                "child_",
                "execa",
                "shelljs",
                "cross-spawn",
                "execSync",
                "spawnSync",
                "spawn_sync",
                "process.binding",
            ],
        ))
        .chain(exact(
            Links::NETWORK,
            Any,
            &[
                "http'",
                "http\"",
                "http`",
                "https'",
                "https\"",
                "https`",
                "http2",
                "dns'",
                "dns\"",
                "dns/",
                "'net'",
                "\"net\"",
                "node:net",
                "'tls'",
                "\"tls\"",
                "node:tls",
                "XMLHttpRequest",
                "WebSocket",
                "sendBeacon",
                "axios",
                "'got'",
                "\"got\"",
                "'request'",
                "\"request\"",
                "superagent",
                "'needle'",
                "\"needle\"",
                "undici",
                "'ky'",
                "\"ky\"",
                "'phin'",
                "\"phin\"",
                "'bent'",
                "\"bent\"",
                "'ws'",
                "\"ws\"",
                "dgram",
                "nodemailer",
                "node-fetch",
                "cross-fetch",
            ],
        ))
        .chain(exact(Links::NETWORK, BareThen(&["(", ",", ";", ")", "."]), &["fetch"]))
        .chain(exact(Links::NETWORK, BareThen(&["."]), &["http", "https"]))
        .chain(exact(Links::NETWORK, Any, &["window.fetch", "globalThis.fetch", "global.fetch", "self.fetch"]))
        .chain(exact(Links::ENVIRONMENT, Environment, &["process.env"]))
        .chain(exact(
            Links::ENVIRONMENT,
            Any,
            &["}=process;", "} = process;", "'process'", "\"process\"", "node:process"],
        ))
        .chain(exact(Links::IDENTITY, Then(&["()", ")()"]), &["hostname", "userInfo"]))
        .chain(exact(Links::IDENTITY, Any, &["networkInterfaces", "whoami"]))
        .chain(exact(
            Links::DEVICE,
            Any,
            &["clipboardy", "clipboard.readText", "screenshot-desktop", "desktopCapturer"],
        ))
        .chain(exact(Links::DECODE, Whole, &["atob", "unescape"]))
        .chain(exact(
            Links::DECODE,
            Any,
            &[
                "fromCharCode",
                "fromCodePoint",
                "inflate",
                "gunzip",
                "unzipSync",
                "brotliDecompress",
                "LZString",
                "'pako'",
                "\"pako\"",
                "decrypt",
                "createDecipher",
            ],
        ))
        .chain(exact(Links::DECODE, Then(&["().join"]), &["reverse"]))
        .chain(exact(Links::DECODE, Encoding, &["'base64", "\"base64", "`base64", "'hex'", "\"hex\"", "`hex`"]))
        .chain(exact(Links::NATIVE, Any, &["dlopen"]))
        .chain(exact(Links::ALONE, Any, &["iohook", "node-global-key-listener"]))
        .chain(exact(Links::HIDES, Index, &["process", "global", "globalThis", "require"]))
        .chain(exact(
            Links::HIDES,
            Any,
            &["constructor.constructor", "mainModule", "[\"constructor\"]", "['constructor']"],
        ))
        .chain(exact(Links::HIDES, Begins, &["_0x"]))
        .chain(exact(Links::DYNAMIC, Load, &["require", "import"]))
        .chain(exact(Links::DYNAMIC, Any, &["createRequire", "Reflect.get"]))
        .chain(exact(Links::DYNAMIC, Index, &["window"]))
        .chain(exact(Links::PIECES, Pieces, PIECES))
        .chain(exact(Links::PIECES, Escape, ESCAPES))
        .chain(exact(Links::JOINS, Then(&["('')", "(\"\")", "(``)"]), &["join"]))
        .collect()
}

pub(super) fn rust() -> Vec<Word> {
    use Check::{Any, Begins, Then, Whole};
    of_texts()
        .chain(exact(Links::RUN, Whole, &["Command"]))
        .chain(exact(
            Links::NETWORK,
            Begins,
            &[
                "TcpStream",
                "to_socket_addrs",
                "ToSocketAddrs",
                "ureq",
                "reqwest",
                "minreq",
                "attohttpc",
                "isahc",
                "curl::",
                "hyper::",
            ],
        ))
        .chain(exact(Links::ENVIRONMENT, Any, &["env::var"]))
        .chain(exact(Links::ENVIRONMENT, Then(&["(", "[", "{"]), &["env!"]))
        .chain(exact(Links::ENVIRONMENT, Then(&["()"]), &["vars", "vars_os"]))
        .chain(exact(Links::IDENTITY, Any, &["whoami", "hostname"]))
        .chain(exact(Links::DECODE, Any, &["base64", "hex::decode", "data_encoding"]))
        .chain(exact(Links::DECODE, Then(&["("]), &[".decode"]))
        .chain(exact(Links::NATIVE, Any, &["libloading"]))
        .chain(exact(Links::MACROS, Any, &["proc_macro"]))
        .chain(exact(Links::WRITES, Any, &["fs::write", "File::create", "OpenOptions", "fs::copy", "fs::rename"]))
        .collect()
}
