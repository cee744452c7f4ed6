//! Every rule of the built-in set: id, severity, confidence, title, and words for somebody who does not program.
//!
//! Refuses to know how a rule is checked. Long because it is one table. Invariant: [`ALL`] holds every rule once, and
//! docs/scan.md names each.

use crate::finding::{Confidence, Severity};

/// One rule of the built-in set.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `area:name`; the areas are `archive`, `wheel`, `install`, `code`, `text`, `file`, `name`, `release`.
    pub id: &'static str,
    /// How grave, unless circumstances say otherwise.
    pub severity: Severity,
    /// How sure, unless circumstances say otherwise.
    pub confidence: Confidence,
    /// In a few words.
    pub title: &'static str,
    /// What it does and why that may harm.
    pub words: &'static str,
}

/// The version of the built-in set: goes up whenever the same archive may get other findings.
pub const VERSION: u32 = 5;

macro_rules! rules {
    ($($name:ident, $id:literal, $severity:ident, $confidence:ident, $title:literal, $words:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: Rule = Rule {
                id: $id,
                severity: Severity::$severity,
                confidence: Confidence::$confidence,
                title: $title,
                words: $words,
            };
        )*
        /// All rules of the built-in set.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    TRAVERSAL, "archive:traversal", Critical, High, "an entry leads out of its folder",
        "Unpacking it could write a file anywhere on the machine, over programs or settings. Honest packages never need that.";
    NAME, "archive:name", Medium, Medium, "a name with characters that do not show",
        "The name looks like another one, or different programs read it differently. That hides what a file is.";
    LINK, "archive:link", Low, Medium, "a link inside the archive",
        "A link stands for another file of the package. Most installers skip it, so the package may differ from machine to machine.";
    LINK_OUT, "archive:link-out", High, High, "a link out of the archive",
        "After unpacking, reading or writing it touches a file that is not of the package. That is a way to steal or overwrite files.";
    DEVICE, "archive:device", High, High, "a device or pipe",
        "Packages hold files and folders. A device entry can stop an installer or reach the machine's hardware.";
    DUPLICATE, "archive:duplicate", High, High, "two entries of one name",
        "Installers differ in which one they keep. One can be shown for inspection while the other is installed.";
    BOMB, "archive:bomb", High, High, "unpacks to far more than it should",
        "It would fill the disk or the memory of the machine that unpacks it.";
    MANY_ENTRIES, "archive:many-entries", Medium, Medium, "too many entries",
        "It holds more files than the scan looks at, so a part was not looked at.";
    DEEP, "archive:deep", Medium, Medium, "archives packed too deep in one another",
        "The scan opened as many layers as it may. What lies deeper was not looked at.";
    MISMATCH, "archive:mismatch", High, High, "the archive contradicts itself",
        "It states one thing at two places and they differ, so two programs can unpack different files from it. That is used to show inspectors something harmless.";
    OVERLAP, "archive:overlap", High, High, "entries that share their bytes",
        "Two files are made of the same stored bytes. That is how archives are built that explode when unpacked.";
    UNLISTED, "archive:unlisted", High, High, "a file that the archive's list leaves out",
        "Installers that read the archive from its beginning install it; those that read the list do not. It is hidden from inspection.";
    GAP, "archive:gap", Low, Medium, "bytes that belong to no entry",
        "Something is stored between the files that no installer unpacks. Mostly leftovers of a tool.";
    DATA_BEFORE, "archive:data-before", High, Medium, "data before the archive",
        "The file is something else and an archive at once. It can be run as a program though it is named as a package.";
    DATA_AFTER, "archive:data-after", Medium, Medium, "data after the archive's end",
        "Some programs read on where others stop, so they may see different files.";
    ENCRYPTED, "archive:encrypted", High, High, "an encrypted entry",
        "Nobody can look into it without the password. Installers cannot use it either, so it is there for something else.";
    UNREADABLE, "archive:unreadable", Medium, Medium, "a form that is not looked into",
        "The content is packed in a way that the scan does not read, so it was not looked at.";
    BROKEN, "archive:broken", Medium, Medium, "a damaged archive",
        "It cannot be read as its form demands. What some programs still read from it was not looked at.";
    EXTENSION, "archive:extension", Medium, High, "not what its name says",
        "The name says one form of file and the content is another. That misleads people and programs that go by the name.";
    NESTED, "archive:nested", Info, High, "an archive in the archive",
        "It was opened and looked at as well.";
    NESTED_LARGE, "archive:nested-large", Low, Medium, "a large archive in the archive",
        "It is larger than the scan opens, so its content was not looked at.";

    RECORD_MISSING, "wheel:record-missing", Medium, High, "a listed file is not there",
        "The package's own list names a file that it does not hold. The package was changed after it was built, or built badly.";
    RECORD_EXTRA, "wheel:record-extra", High, Medium, "a file that the package's list leaves out",
        "A file was put in without being listed, as somebody does who adds to a finished package.";
    RECORD_HASH, "wheel:record-hash", High, High, "a file differs from the package's list",
        "The content is not what the package's own list says. The file was changed after the package was built.";
    RECORD_BROKEN, "wheel:record-broken", Medium, Medium, "no usable list of files",
        "A wheel must list its files with their hashes. Without, nobody can tell whether it was changed.";

    INSTALL_CODE, "install:code", Info, High, "runs code when it is installed",
        "Installing it already runs a part of it, before anybody has used it. Many honest packages do; it is where harm is mostly done.";
    PTH, "install:pth", High, Medium, "runs at every start of Python",
        "A .pth file with code runs whenever any Python program starts, also those that have nothing to do with this package.";
    START_HOOK, "install:start-hook", High, Medium, "hooks into every start of Python",
        "A module of this name is loaded by Python itself at each start. It lets the package run in programs that never use it.";
    REMOTE_DEPENDENCY, "install:remote-dependency", Medium, Medium, "fetches a dependency from an address",
        "A dependency comes from an address instead of the registry, so it passes by the checks there and can change at any time.";
    INSTALL_COMMAND, "install:command", High, Medium, "an install command that fetches or hides something",
        "The command that runs at installation fetches something from the network or is written so that it cannot be read.";

    DECODE_RUN, "code:decode-run", High, High, "runs code that it first decodes",
        "The real program is stored as unreadable text and unpacked only while running. That hides from everybody what it does.";
    DOWNLOAD_RUN, "code:download-run", High, High, "downloads something and runs it",
        "What runs on the machine is decided by a server at that moment and not by the package that was checked.";
    STEAL, "code:steal", High, High, "collects private data and sends it away",
        "Passwords, keys or other private data of the machine go to somebody else's server.";
    STEAL_LIKELY, "code:collect-and-send", High, Low, "collects private data and talks to the network",
        "The same piece of code reads private data and sends something over the network at installation. The scan could not follow one into the other.";
    BEACON, "code:beacon", Medium, Medium, "tells a server about this machine",
        "The machine's or user's name goes to a server without anybody asking. Attackers use it to learn where their package was installed.";
    REVERSE_SHELL, "code:reverse-shell", Critical, High, "hands control of the machine to a server",
        "It connects to a server and lets whoever is there type commands on this machine.";
    PERSIST, "code:persist", Medium, Medium, "makes itself start again",
        "It writes itself where the system starts programs from, so it goes on running after the package is removed.";
    HIDDEN_RUN, "code:hidden-run", Medium, Medium, "runs a command out of sight",
        "It starts a program so that no window or output shows, with a command that is written to be hard to read.";
    DROP_HOST, "code:drop-host", Medium, Medium, "uses a service that attackers send stolen data to",
        "The address belongs to a service where anybody can receive data without a name: chat hooks, paste pages, request catchers, tunnels.";
    KEYS, "code:keys", High, Medium, "watches what is typed",
        "It records keys as they are pressed, passwords included.";
    NATIVE_RUN, "code:native-run", High, Medium, "loads machine code that it makes itself",
        "Machine code is put into memory and run, past every file that could be checked.";

    LONG_LINE, "text:packed", Low, Medium, "code packed into very long lines",
        "A line of code nobody could have written by hand. Often just a tool's output, and sometimes a hidden program.";
    OBFUSCATED, "text:obfuscated", Medium, Medium, "code made unreadable on purpose",
        "Names and texts are replaced so that nobody can follow what it does. Honest open source has no reason to.";
    BIDI, "text:bidi", Medium, Medium, "characters that turn the order of reading",
        "What a reader sees is not what the machine runs.";
    INVISIBLE, "text:invisible", High, Medium, "a hidden message in invisible characters",
        "Many characters in a row that do not show on a screen. They can carry a hidden program.";
    PUSHED_ASIDE, "text:pushed-aside", High, Medium, "code pushed out of sight",
        "A statement stands far to the right behind many spaces, where a reader does not see it.";

    BINARY, "file:binary", Info, High, "a compiled program",
        "Machine code cannot be read as source can. Here it stands where such files usually are.";
    BINARY_HIDDEN, "file:binary-hidden", High, Medium, "a program that is named as something else",
        "A file that says it is a picture or a text is a program. Nobody would look for one there.";
    SECRET_FILE, "file:secret", Medium, Medium, "holds somebody's private key",
        "A private key was published along with the package. Whoever reads it can act in its owner's name.";
    UNREAD, "file:unread", Low, High, "a part that was not read",
        "The file is too large or too deep to be read as a program to its end, so what lies beyond was not looked at.";

    NAME_NEAR, "name:near", Medium, Medium, "named almost like a popular package",
        "Typing the popular name wrongly brings this package. Attackers wait behind such names.";

    CHANGED, "release:changed", Medium, Medium, "does something that the release before did not",
        "A new ability came with this release. When an author's account is stolen, the change looks like this.";

    YARA, "yara:match", Medium, Medium, "matches a pattern over its bytes",
        "The content has a pattern that is known from harmful packages.";
}

/// The first half of a SHA-256 in hexadecimal digits: tells two sets of added rules apart.
#[cfg(any(feature = "company-rules", feature = "yara"))]
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
