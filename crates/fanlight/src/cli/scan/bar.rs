//! How far a scan of many archives is, on standard error where that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Archives from which on a person wants to see how far it is.
const MANY: usize = 2;

/// The bar. It draws nothing where standard error is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub fn new(archives: usize) -> Self {
        if archives < MANY {
            return Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()));
        }
        let bar = ProgressBar::with_draw_target(u64::try_from(archives).ok(), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} archives  {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    pub fn one_more(&self, path: &str) {
        self.0.set_message(super::super::screen::visible(path).into_owned());
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
