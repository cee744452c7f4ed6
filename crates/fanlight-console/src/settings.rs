//! The settings in force, for whoever answers for the node and whoever checks it. They stay as they are until it starts anew.

use fanlight_gate::{Context, Handled};
use http::StatusCode;

use crate::Console;
use crate::admit::{admit, node};
use crate::reply::json;

impl Console {
    pub(crate) fn settings(&self, context: &Context) -> Handled {
        let recorded = admit(context, node())?;
        Ok(json(recorded, StatusCode::OK, &self.parts.board.settings))
    }
}
