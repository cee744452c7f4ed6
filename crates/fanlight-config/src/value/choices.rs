//! Settings that are one of a few words.

use std::path::Path;

use super::{Setting, Value, Wrong};

macro_rules! choice {
    ($(#[doc = $doc:literal])+ $name:ident, $allowed:literal { $($(#[doc = $word_doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[doc = $word_doc])+ $variant,)+
        }

        impl $name {
            /// The word in settings.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl Setting for $name {
            const ALLOWED: &'static str = $allowed;

            fn read(value: &Value, _folder: &Path) -> Result<Self, Wrong> {
                match value.as_text()? {
                    $($word => Ok(Self::$variant),)+
                    other => Err(value.wrong(format!("{other:?} is none of the words allowed"))),
                }
            }

            fn shown(&self) -> String {
                self.as_str().to_owned()
            }
        }
    };
}

choice! {
    /// How log lines are written.
    LogFormat, "human or json" {
        /// For people.
        Human = "human",
        /// One JSON object a line.
        Json = "json",
    }
}

choice! {
    /// Which log lines are written: those of this level and the levels before it.
    LogLevel, "error, warn, info, debug or trace" {
        /// What failed.
        Error = "error",
        /// What may fail soon.
        Warn = "warn",
        /// What a steward wants to know.
        Info = "info",
        /// What helps to find a fault.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}
