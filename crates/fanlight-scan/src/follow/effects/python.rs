//! Python's builtins, its library, and packages that are used for the network, the screen and the clipboard.

use super::{Effect, Labels, last};
use crate::report::Ability;

pub(super) fn of_call(path: &str) -> Effect {
    match path {
        "os.system"
        | "os.popen"
        | "os.startfile"
        | "os.posix_spawn"
        | "subprocess.run"
        | "subprocess.call"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "subprocess.Popen"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput"
        | "asyncio.create_subprocess_exec"
        | "asyncio.create_subprocess_shell"
        | "commands.getoutput"
        | "popen2.popen2" => Effect::Run,
        "pty.spawn" | "os.dup2" => Effect::TurnOver,
        "exec" | "eval" | "execfile" | "runpy.run_path" | "code.InteractiveInterpreter().runcode" => Effect::Evaluate,
        "compile" | "types.CodeType" | "types.FunctionType" | "io.BytesIO" | "io.StringIO" => Effect::Wrap,
        "__import__" | "importlib.import_module" | "importlib.__import__" => Effect::Load,
        "getattr" => Effect::Member,
        "map" | "filter" => Effect::Apply,
        "chr" | "bytes" | "bytearray" | "unichr" => Effect::Characters,
        "len" | "isinstance" | "hasattr" | "bool" | "type" | "id" | "hash" | "range" | "os.path.exists"
        | "os.path.isfile" | "os.path.isdir" | "print" => Effect::Forget,
        "os.getenv" | "os.environ.get" | "os.environ.pop" | "os.environ.setdefault" | "os.environ.__getitem__" => {
            Effect::Variable
        }
        "open" | "io.open" | "codecs.open" | "os.open" | "pathlib.Path().open" | "os.fdopen" => Effect::Open,
        "sqlite3.connect" | "os.listdir" | "os.walk" | "os.scandir" | "glob.glob" | "glob.iglob" => Effect::Read,
        "shutil.copy"
        | "shutil.copy2"
        | "shutil.copyfile"
        | "shutil.copytree"
        | "shutil.move"
        | "os.rename"
        | "os.replace"
        | "shutil.make_archive" => Effect::Copy,
        "socket.gethostbyname"
        | "socket.getaddrinfo"
        | "dns.resolver.resolve"
        | "dns.resolver.query"
        | "dns.resolver.Resolver().resolve" => Effect::Lookup,
        "socket.socket" => Effect::Socket,
        "socket.create_connection" | "socket.socket().connect" | "socket.socket().connect_ex" => Effect::Connect,
        "urllib.request.urlretrieve" | "urllib.urlretrieve" | "wget.download" => Effect::Save,
        "ctypes.CDLL" | "ctypes.cdll.LoadLibrary" | "ctypes.WinDLL" | "ctypes.windll.LoadLibrary" => Effect::Native,
        "winreg.SetValueEx" | "winreg.SetValue" | "winreg.CreateKey" | "winreg.OpenKey" | "_winreg.SetValueEx" => {
            Effect::Register
        }
        "pyperclip.paste" | "win32clipboard.GetClipboardData" | "tkinter.Tk().clipboard_get" | "clipboard.paste" => {
            Effect::Take(Labels::CLIPBOARD, Some(Ability::ReadClipboard))
        }
        "PIL.ImageGrab.grab"
        | "ImageGrab.grab"
        | "pyautogui.screenshot"
        | "pyscreenshot.grab"
        | "mss.mss().shot"
        | "mss.mss().grab" => Effect::Take(Labels::SCREEN, Some(Ability::ReadScreen)),
        "pynput.keyboard.Listener"
        | "keyboard.on_press"
        | "keyboard.on_release"
        | "keyboard.hook"
        | "keyboard.record" => Effect::Take(Labels::KEYS, Some(Ability::ReadKeys)),
        "browser_cookie3.load" | "browser_cookie3.chrome" | "browser_cookie3.firefox" | "browsercookie.chrome" => {
            Effect::Take(Labels::BROWSER, Some(Ability::ReadBrowser))
        }
        "socket.gethostname" | "socket.getfqdn" | "platform.node" | "platform.uname" | "getpass.getuser"
        | "os.getlogin" | "os.uname" | "uuid.getnode" => Effect::Take(Labels::IDENTITY, Some(Ability::ReadIdentity)),
        "keyring.get_password" | "keyring.get_credential" | "win32crypt.CryptUnprotectData" => {
            Effect::Take(Labels::CREDENTIALS, Some(Ability::ReadCredentials))
        }
        "smtplib.SMTP().sendmail"
        | "smtplib.SMTP().send_message"
        | "smtplib.SMTP_SSL().sendmail"
        | "ftplib.FTP().storbinary"
        | "ftplib.FTP().storlines"
        | "http.client.HTTPSConnection().request"
        | "http.client.HTTPConnection().request"
        | "discord_webhook.DiscordWebhook"
        | "telebot.TeleBot().send_message"
        | "telebot.TeleBot().send_document" => Effect::Send,
        "json.dumps"
        | "str"
        | "repr"
        | "urllib.parse.quote"
        | "urllib.parse.urlencode"
        | "pickle.dumps"
        | "json.dump" => Effect::Encode,
        _ => of_family(path),
    }
}

fn of_family(path: &str) -> Effect {
    let name = last(path);
    let module = path.split(['.', '(']).next().unwrap_or(path);
    match (module, name) {
        (
            "base64" | "binascii" | "bz2" | "gzip" | "lzma" | "zlib" | "marshal" | "codecs" | "bytes" | "bytearray"
            | "zstandard",
            "b64decode" | "b32decode" | "b16decode" | "b85decode" | "a85decode" | "decodebytes" | "decodestring"
            | "urlsafe_b64decode" | "standard_b64decode" | "unhexlify" | "a2b_hex" | "a2b_base64" | "decompress"
            | "loads" | "fromhex" | "decode",
        ) => Effect::Decode,
        (_, "b64decode" | "unhexlify" | "fromhex") => Effect::Decode,
        (_, "decrypt") => Effect::Decode,
        ("base64" | "binascii", _) => Effect::Encode,
        (
            "requests" | "httpx" | "urllib3" | "aiohttp" | "urllib2" | "treq" | "pycurl" | "cloudscraper" | "niquests",
            "get" | "post" | "put" | "patch" | "request" | "urlopen" | "send" | "options" | "delete" | "head"
            | "stream" | "perform",
        ) => Effect::Send,
        ("urllib", "urlopen" | "open") => Effect::Send,
        ("socket" | "websocket" | "websockets", "send" | "sendall" | "sendto" | "sendfile") => Effect::Send,
        ("socket", "recv" | "recvfrom" | "makefile") => Effect::Take(Labels::DOWNLOADED, None),
        ("os", name) if name.starts_with("exec") || name.starts_with("spawn") => Effect::Run,
        (
            "ctypes",
            "VirtualAlloc" | "VirtualProtect" | "RtlMoveMemory" | "CreateThread" | "CreateRemoteThread"
            | "WriteProcessMemory" | "VirtualAllocEx" | "memfd_create",
        ) => Effect::Inject,
        ("winreg" | "_winreg", _) => Effect::Register,
        (_, "write_text" | "write_bytes") => Effect::WriteInto,
        ("open" | "io" | "codecs" | "tempfile" | "pathlib" | "os" | "?", "write" | "writelines") => Effect::WriteInto,
        (_, "read_text" | "read_bytes" | "iterdir" | "rglob" | "glob") => Effect::Read,
        (_, "join") if path == "?.join" => Effect::JoinWith,
        ("pty", _) => Effect::TurnOver,
        _ => Effect::Pass,
    }
}
