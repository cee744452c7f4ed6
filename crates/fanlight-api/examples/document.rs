//! Prints the admin API's document, of which the console's types are made: `cargo run -p fanlight-api --example document`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{}", fanlight_api::openapi::document(env!("CARGO_PKG_VERSION")))
}
