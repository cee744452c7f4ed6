//! Keys that machines show: `flk_` and what follows, for people's devices and for apps.
//!
//! Owns their text and an app key's life. Refuses to know whose they are. Invariant: only a digest of a key's secret is
//! kept, and a key that has an end is never given a later one.

mod app;
mod text;

pub use app::{AppKey, AppKeyEnd, NewAppKey};
pub use text::{KeyText, NewKey, TextFault};
