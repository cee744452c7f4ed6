//! A list, a page at a time: the query of every route that lists what may be many.

use fanlight_base::limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What of a list is asked for. Without a limit, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListPage")]
pub struct Page {
    /// Those with this in a name, title, label, purl or id of theirs; capital letters and small ones are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::SEARCH_CHARACTERS))]
    pub q: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = limits::LIST_PAGE))]
    pub limit: Option<u64>,
    /// Those that follow: the `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[!-~]{1,600}$"))]
    pub after: Option<String>,
}
