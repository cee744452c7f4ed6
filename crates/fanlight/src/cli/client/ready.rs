//! What a node says without being asked by anybody in particular: whether it is ready.

use std::time::Duration;

use super::Node;

/// How long it may take: it answers from memory.
const READY_TIME: Duration = Duration::from_secs(5);
/// Characters of its reason.
const REASON_CHARACTERS: usize = 1000;

impl Node {
    /// Why the node is not ready, in its own words. `None` where it is ready, or says nothing.
    pub fn why_not_ready(&self) -> Option<String> {
        let url = format!("{}/readyz", self.about.local.trim_end_matches('/'));
        let said = self.runtime.block_on(async {
            let asked = async {
                let mut answer = self.http.get(url).send().await.ok()?;
                if answer.status() != reqwest::StatusCode::SERVICE_UNAVAILABLE {
                    return None;
                }
                answer.chunk().await.ok()?
            };
            tokio::time::timeout(READY_TIME, asked).await.ok()?
        })?;
        let said = String::from_utf8_lossy(&said);
        let why = said.trim().trim_start_matches("not ready: ");
        Some(why.chars().take(REASON_CHARACTERS).collect())
    }
}
