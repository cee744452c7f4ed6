//! Exceptions that are the answer to requests.

use fanlight_policy::Guard;
use fanlight_store::{AnswerRow, ExceptionRow, StoreError};

use super::Standing;

impl Standing {
    /// Puts an exception in force and answers the requests with it, in one change. Gives the requests that it is the answer
    /// to; none, and no exception, where the first of them does not wait any more.
    pub async fn grant_asked(
        &self,
        guard: &Guard,
        row: ExceptionRow,
        requests: &[String],
        answer: &AnswerRow,
        ways: &[&str],
    ) -> Result<Vec<String>, StoreError> {
        let mut held = self.held.lock().await;
        let answered = self.store.grant_requests(&row, requests, answer, ways).await?;
        if !answered.is_empty() {
            held.in_force.insert(0, row);
            guard.except(held.guarded());
        }
        Ok(answered)
    }
}
