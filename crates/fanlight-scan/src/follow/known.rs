//! Texts that tell something by themselves: places of keys and wallets, addresses, commands.
//!
//! A text is never a finding; it is a label that counts when the text is used.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::labels::Labels;

#[cfg(test)]
mod tests;

/// All words at once, and what each tells: texts are many, and most tell nothing.
static WORDS: LazyLock<(Option<AhoCorasick>, Vec<Labels>)> = LazyLock::new(|| {
    let groups = [
        (CREDENTIALS, Labels::AT_CREDENTIALS),
        (BROWSER, Labels::AT_BROWSER),
        (WALLET, Labels::AT_WALLET),
        (START, Labels::AT_START),
        (DROPS, Labels::DROP),
        (COMMANDS, Labels::COMMAND),
    ];
    let all = || groups.iter().flat_map(|(words, label)| words.iter().map(|word| (*word, *label)));
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(all().map(|(word, _)| word));
    (automaton.ok(), all().map(|(_, label)| label).collect())
});

/// Places of keys, browsers' data and wallets.
pub(crate) const PLACES: &[&[&str]] = &[CREDENTIALS, BROWSER, WALLET];

/// Texts over this are data and not places or commands.
const TEXT_BYTES: usize = 16 * 1024;

const CREDENTIALS: &[&str] = &[
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    ".aws/credentials",
    ".aws/config",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".docker/config.json",
    ".kube/config",
    ".config/gcloud",
    "gcloud/credentials",
    ".azure/",
    ".cargo/credentials",
    ".vault-token",
    "/etc/shadow",
    ".gnupg/",
    "hub.yml",
    ".config/gh/hosts",
    "filezilla",
    "keychain-db",
    ".terraform.d/credentials",
    ".pgpass",
    "169.254.169.254",
    ".bash_history",
    ".zsh_history",
];
const BROWSER: &[&str] = &[
    "login data",
    "user data\\default",
    "user data/default",
    "cookies.sqlite",
    "logins.json",
    "key4.db",
    "google/chrome",
    "google\\chrome",
    "bravesoftware",
    "microsoft\\edge\\user",
    "mozilla/firefox",
    "mozilla\\firefox",
    "local storage/leveldb",
    "local storage\\leveldb",
    "opera software",
    "web data",
    "user data\\local state",
];
const WALLET: &[&str] = &[
    "wallet.dat",
    "exodus.wallet",
    "exodus\\exodus",
    "electrum/wallets",
    "electrum\\wallets",
    "atomic\\local storage",
    "metamask",
    "nkbihfbeogaeaoehlefnkodbefgpgknn",
    "bfnaelmomeimhlpmgjnjophhpkkoljpa",
    ".config/solana/id.json",
    "ethereum/keystore",
    "ethereum\\keystore",
    ".bitcoin/",
    "phantom wallet",
    "coinomi",
    "ledger live",
];
/// Where the system starts programs from.
pub(crate) const START: &[&str] = &[
    ".bashrc",
    ".zshrc",
    ".bash_profile",
    ".profile",
    "/etc/cron",
    "crontab ",
    "launchagents",
    "launchdaemons",
    ".config/autostart",
    "systemd/user",
    "/etc/systemd/system",
    "currentversion\\run",
    "start menu\\programs\\startup",
    "authorized_keys",
    "schtasks /create",
    "schtasks",
    "/etc/rc.local",
    "/etc/ld.so.preload",
    ".git/hooks/",
    "sitecustomize.py",
    "usercustomize.py",
    "systemctl enable",
    "systemctl --user enable",
    "launchctl load",
    "/etc/profile.d",
];
/// Services where anybody can receive data without a name.
pub(crate) const DROPS: &[&str] = &[
    "discord.com/api/webhooks",
    "discordapp.com/api/webhooks",
    "api.telegram.org/bot",
    "hooks.slack.com/services",
    "webhook.site",
    "pipedream.net",
    "requestbin",
    "requestcatcher.com",
    "beeceptor.com",
    "ngrok.io",
    "ngrok-free.app",
    "ngrok.app",
    "burpcollaborator.net",
    "oastify.com",
    "oast.fun",
    "oast.pro",
    "oast.live",
    "oast.me",
    "oast.site",
    "oast.online",
    "interact.sh",
    "interactsh.com",
    "canarytokens.com",
    "pastebin.com/raw",
    "pastebin.com/api",
    "paste.ee/r",
    "hastebin.com/raw",
    "rentry.co",
    "transfer.sh",
    "file.io",
    "anonfiles.com",
    "gofile.io",
    "0x0.st",
    "trycloudflare.com",
    "serveo.net",
    "localhost.run",
    "dnslog.cn",
    "ceye.io",
    "m.pipedream",
    "webhook.invalid",
    "paste.invalid",
];
/// Words without which a text is no command worth a closer look.
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
    "base64",
    "/dev/tcp/",
    "nc -e",
    "ncat -e",
    "socat exec:",
    "://",
    "$(curl",
    "`curl",
];
const SECRET_PARTS: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
    "CREDENTIAL",
    "MNEMONIC",
    "PASSPHRASE",
];
const SHELLS: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "sh",
    "bash",
    "cmd.exe",
    "cmd",
    "powershell",
    "powershell.exe",
    "/bin/zsh",
    "sh -i",
    "bash -i",
    "/bin/sh -i",
    "/bin/bash -i",
];

/// What a text tells.
pub(crate) fn labels_of(text: &str) -> Labels {
    let mut out = Labels::default();
    if text.len() < 2 {
        return out;
    }
    if is_packed(text) {
        out |= Labels::PACKED;
    }
    if text.len() > TEXT_BYTES {
        return out;
    }
    if let (Some(automaton), labels) = &*WORDS {
        for found in automaton.find_overlapping_iter(text) {
            let label = labels[found.pattern().as_usize()];
            // A place is a short text; a page of prose that names one is not.
            if text.len() < 400 || label == Labels::AT_START || label == Labels::COMMAND {
                out |= label;
            }
        }
    }
    if text.len() < 20 && SHELLS.iter().any(|shell| shell.eq_ignore_ascii_case(text.trim())) {
        out |= Labels::SHELL;
    }
    if !out.has(Labels::COMMAND) {
        return out;
    }
    out = out.without(Labels::COMMAND);
    let lower = text.to_ascii_lowercase();
    if is_pipe(&lower) {
        out |= Labels::PIPE;
    }
    if is_hidden(&lower) {
        out |= Labels::HIDDEN;
    }
    if lower.contains("/dev/tcp/")
        || lower.contains("nc -e")
        || lower.contains("ncat -e")
        || lower.contains("socat exec:")
    {
        out |= Labels::SOCKET | Labels::SHELL;
    }
    if hosts(text).iter().any(|host| is_public_address(host)) {
        out |= Labels::ADDRESS;
    }
    out
}

/// Whether an environment variable's name says that its value is a secret.
pub(crate) fn is_secret_variable(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    SECRET_PARTS.iter().any(|part| upper.contains(part)) && !upper.contains("TOKENIZER")
}

/// Whether an environment variable's name says that its value is the user's or the machine's name.
pub(crate) fn is_name_of_user(name: &str) -> bool {
    matches!(name, "USER" | "USERNAME" | "LOGNAME" | "HOSTNAME" | "COMPUTERNAME")
}

/// A command that fetches something and gives it to an interpreter.
fn is_pipe(lower: &str) -> bool {
    let fetches = [
        "curl ",
        "wget ",
        "iwr ",
        "invoke-webrequest",
        "downloadstring",
        "downloadfile",
        "certutil -urlcache",
        "bitsadmin",
        "fetch http",
    ];
    let runs = [
        "| sh",
        "|sh",
        "| bash",
        "|bash",
        "| python",
        "|python",
        "| node",
        "|node",
        "| iex",
        "|iex",
        "iex(",
        "iex (",
        "invoke-expression",
        "| sudo",
        "&& sh ",
        "; sh ",
        "&& bash ",
        "; bash ",
        "&& chmod",
        "; chmod",
        "&& ./",
        "; ./",
        "start-process",
        "$(curl",
        "`curl",
        "| perl",
        "mshta",
    ];
    fetches.iter().any(|word| lower.contains(word)) && runs.iter().any(|word| lower.contains(word))
}

/// A command that hides what it does or that it runs.
fn is_hidden(lower: &str) -> bool {
    let powershell = lower.contains("powershell") || lower.contains("pwsh");
    let encoded =
        [" -enc ", " -encodedcommand", " -e jab", " -ec ", "frombase64string"].iter().any(|word| lower.contains(word));
    let unseen = ["-windowstyle hidden", "-w hidden", "-w h "].iter().any(|word| lower.contains(word));
    powershell && (encoded || unseen)
        || (lower.contains("base64 -d") || lower.contains("base64 --decode"))
            && lower.contains('|')
            && ["sh", "bash", "python", "perl", "node"]
                .iter()
                .any(|shell| lower.contains(&format!("| {shell}")) || lower.contains(&format!("|{shell}")))
}

/// A long text that has no words: base64, hexadecimal, or bytes as escapes.
pub(crate) fn is_packed(text: &str) -> bool {
    if text.len() < 200 {
        return false;
    }
    let head = crate::redact::head(text, 4096);
    let spaces = head.bytes().filter(u8::is_ascii_whitespace).count();
    let dense = head
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\\'))
        .count();
    let strange = head.chars().filter(|c| !c.is_ascii() || c.is_ascii_control()).count();
    spaces * 50 < head.len() && dense * 20 >= head.len() * 19 || strange * 3 > head.len() && spaces * 20 < head.len()
}

/// Hosts of the addresses in a text.
pub(crate) fn hosts(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '_' | ':')))
            .unwrap_or(rest.len());
        let host = rest[..end].rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default().trim_matches('.').to_ascii_lowercase();
        if host.contains('.') && host.len() <= 253 && out.len() < 20 {
            out.push(host);
        }
    }
    out
}

/// An IPv4 address that is reached over the internet.
pub(crate) fn is_public_address(host: &str) -> bool {
    let Ok(address) = host.parse::<std::net::Ipv4Addr>() else { return false };
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_broadcast())
}
