//! Labels: what a value was made from.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of labels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Labels(u32);

macro_rules! labels {
    ($($name:ident = $bit:literal, $doc:literal;)*) => {
        impl Labels {
            $(#[doc = $doc] pub const $name: Self = Self(1 << $bit);)*
            const NAMES: &[(Self, &str)] = &[$((Self::$name, stringify!($name))),*];
        }
    };
}

labels! {
    ENVIRONMENT = 0, "All environment variables.";
    SECRET = 1, "An environment variable that is named as a secret.";
    IDENTITY = 2, "The machine's or user's name, or its addresses.";
    CREDENTIALS = 3, "What is in a file of keys or passwords.";
    BROWSER = 4, "What a browser keeps.";
    WALLET = 5, "A wallet of digital money.";
    CLIPBOARD = 6, "The clipboard.";
    SCREEN = 7, "A picture of the screen.";
    KEYS = 8, "Keys being pressed.";
    DECODED = 9, "Something that was decoded.";
    DOWNLOADED = 10, "An answer from the network.";
    ENCODED = 11, "Something that was encoded.";
    AT_CREDENTIALS = 12, "The place of a file of keys or passwords.";
    AT_BROWSER = 13, "The place of what a browser keeps.";
    AT_WALLET = 14, "The place of a wallet.";
    AT_START = 15, "A place that the system starts programs from.";
    DROP = 16, "An address of a service for anonymous receipt of data.";
    PACKED = 17, "A long text without words.";
    SOCKET = 18, "A connection.";
    SHELL = 19, "The name of a shell.";
    PIPE = 20, "A command that fetches something and runs it.";
    HIDDEN = 21, "A command that hides itself.";
    ADDRESS = 22, "An address that is a number.";
    DECODER = 23, "A function that decodes.";
    EVALUATOR = 24, "A function that runs text as code.";
    COMMAND = 25, "A text that may be a command.";
    MACHINE = 26, "A WebAssembly program, or a number that one gave.";
}

impl Labels {
    /// Private data.
    pub const PRIVATE: Self = Self(
        Self::ENVIRONMENT.0
            | Self::SECRET.0
            | Self::CREDENTIALS.0
            | Self::BROWSER.0
            | Self::WALLET.0
            | Self::CLIPBOARD.0
            | Self::SCREEN.0
            | Self::KEYS.0,
    );

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The labels that tell of data, as opposed to places and kinds of commands.
    pub fn contents(self) -> Self {
        self.and(Self(
            Self::PRIVATE.0
                | Self::IDENTITY.0
                | Self::DECODED.0
                | Self::DOWNLOADED.0
                | Self::ENCODED.0
                | Self::SOCKET.0
                | Self::PACKED.0
                | Self::MACHINE.0,
        ))
    }

    /// What reading the places gives.
    pub fn read(self) -> Self {
        let mut out = Self::default();
        for (place, data) in [
            (Self::AT_CREDENTIALS, Self::CREDENTIALS),
            (Self::AT_BROWSER, Self::BROWSER),
            (Self::AT_WALLET, Self::WALLET),
        ] {
            if self.has(place) {
                out |= data;
            }
        }
        out
    }
}

impl BitOr for Labels {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Labels {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Self::NAMES.iter().filter(|(label, _)| self.has(*label)).map(|(_, name)| *name);
        f.debug_set().entries(names).finish()
    }
}
