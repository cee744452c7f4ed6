//! JavaScript's and Node's own functions, and packages that are used for the network, the screen and the clipboard.

use super::{Effect, Labels, last};
use crate::report::Ability;

pub(super) fn of_call(path: &str) -> Effect {
    match path {
        "eval"
        | "Function"
        | "vm.runInThisContext"
        | "vm.runInNewContext"
        | "vm.runInContext"
        | "vm.Script"
        | "vm.Script().runInThisContext"
        | "vm.compileFunction" => Effect::Evaluate,
        "setTimeout" | "setInterval" | "Promise" | "process.nextTick" | "setImmediate" => Effect::Pass,
        "require"
        | "import"
        | "process.mainModule.require"
        | "module.require"
        | "createRequire()"
        | "module.createRequire()" => Effect::Load,
        "WebAssembly.compile"
        | "WebAssembly.instantiate"
        | "WebAssembly.compileStreaming"
        | "WebAssembly.instantiateStreaming"
        | "WebAssembly.Module"
        | "WebAssembly.Instance" => Effect::Machine,
        "atob"
        | "zlib.inflateSync"
        | "zlib.gunzipSync"
        | "zlib.unzipSync"
        | "zlib.brotliDecompressSync"
        | "zlib.inflateRawSync"
        | "LZString.decompress"
        | "LZString.decompressFromBase64"
        | "pako.inflate"
        | "unescape" => Effect::Decode,
        "Buffer.from" | "Buffer" => Effect::Wrap,
        "String.fromCharCode" | "String.fromCodePoint" => Effect::Characters,
        "btoa" | "JSON.stringify" | "encodeURIComponent" | "querystring.stringify" | "URLSearchParams" | "String" => {
            Effect::Encode
        }
        "Object.keys" | "console.log" | "console.error" | "Boolean" | "Array.isArray" | "fs.existsSync"
        | "parseInt" | "Number" => Effect::Forget,
        "Reflect.get" => Effect::Member,
        "os.hostname" | "os.userInfo" | "os.networkInterfaces" | "os.homedir()" => {
            Effect::Take(Labels::IDENTITY, Some(Ability::ReadIdentity))
        }
        "clipboardy.read" | "clipboardy.readSync" | "navigator.clipboard.readText" => {
            Effect::Take(Labels::CLIPBOARD, Some(Ability::ReadClipboard))
        }
        "screenshot-desktop" | "desktopCapturer.getSources" => Effect::Take(Labels::SCREEN, Some(Ability::ReadScreen)),
        "iohook.on" | "node-global-key-listener.GlobalKeyboardListener" => {
            Effect::Take(Labels::KEYS, Some(Ability::ReadKeys))
        }
        "process.dlopen" => Effect::Native,
        "dns.lookup"
        | "dns.resolve"
        | "dns.resolve4"
        | "dns.resolveTxt"
        | "dns.promises.lookup"
        | "dns.promises.resolve"
        | "dns/promises.lookup" => Effect::Lookup,
        "net.Socket" => Effect::Socket,
        "net.connect" | "net.createConnection" | "tls.connect" | "net.Socket().connect" => Effect::Connect,
        "fetch"
        | "node-fetch"
        | "node-fetch.default"
        | "got"
        | "request"
        | "axios"
        | "needle"
        | "undici.request"
        | "undici.fetch"
        | "navigator.sendBeacon"
        | "phin"
        | "bent"
        | "cross-fetch" => Effect::Send,
        _ => of_family(path),
    }
}

fn of_family(path: &str) -> Effect {
    let name = last(path);
    let module = path.split(['.', '(']).next().unwrap_or(path);
    match (module, name) {
        (
            "child_process" | "shelljs" | "execa" | "cross-spawn" | "execa()",
            "exec" | "execSync" | "execFile" | "execFileSync" | "spawn" | "spawnSync" | "fork" | "execa"
            | "cross-spawn" | "command" | "$" | "promisify()",
        ) => Effect::Run,
        ("http" | "https" | "http2", "get" | "request" | "write" | "end" | "connect") => Effect::Send,
        (
            "axios" | "got" | "request" | "superagent" | "needle" | "undici" | "ky" | "phin" | "cross-fetch",
            "get" | "post" | "put" | "patch" | "request" | "create" | "send" | "delete",
        ) => Effect::Send,
        ("XMLHttpRequest" | "WebSocket" | "ws" | "dgram" | "socket" | "nodemailer", "send" | "sendMail" | "emit") => {
            Effect::Send
        }
        ("net" | "tls", "write" | "end") => Effect::Send,
        ("net" | "tls" | "?", "pipe") => Effect::Into,
        (_, "pipe") => Effect::Into,
        ("fs" | "fs-extra" | "fs/promises" | "graceful-fs", name) => match name {
            "writeFile" | "writeFileSync" | "appendFile" | "appendFileSync" | "outputFile" => Effect::Write,
            "createWriteStream" => Effect::Open,
            "write" | "end" => Effect::WriteInto,
            "readFile" | "readFileSync" | "createReadStream" | "readdir" | "readdirSync" | "opendirSync" => {
                Effect::Read
            }
            "copyFile" | "copyFileSync" | "cp" | "cpSync" | "rename" | "renameSync" | "copy" | "copySync" => {
                Effect::Copy
            }
            "existsSync" | "statSync" | "accessSync" | "exists" | "access" => Effect::Forget,
            _ => Effect::Pass,
        },
        ("crypto" | "CryptoJS" | "crypto-js", "update" | "final") if path.contains("createDecipher") => Effect::Decode,
        ("CryptoJS" | "crypto-js", "decrypt") => Effect::Decode,
        (_, "_compile") => Effect::Evaluate,
        (_, "constructor") if path.ends_with(".constructor.constructor") => Effect::Evaluate,
        (_, "join") if path == "?.join" => Effect::JoinWith,
        (_, "map" | "forEach" | "reduce") => Effect::Apply,
        _ => Effect::Pass,
    }
}
