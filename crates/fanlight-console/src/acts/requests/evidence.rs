//! All there is to know before a request is answered.

use fanlight_api::requests::{Evidence, Policy};
use fanlight_base::{Facts, Purl};
use fanlight_gate::{Context, Handled};
use fanlight_net::Problem;
use fanlight_store::{RequestRow, StoreError};
use http::StatusCode;

use super::stopped::{NotAskable, as_who_asked};
use crate::Console;
use crate::admit::{admit_with, turned_down};
use crate::reads::store_problem;
use crate::reply::json;
use crate::standing::thing;

impl Console {
    pub(crate) async fn request(&self, context: &Context, id: &str) -> Handled {
        let row = match self.parts.store.request(id).await {
            Ok(Some(row)) => row,
            Ok(None) => return turned_down(context, not_known()),
            Err(error) => {
                tracing::error!(%error, "the database did not answer");
                return turned_down(context, Problem::unavailable("The database does not answer.", 5));
            }
        };
        let facts = Facts::new().with("request", row.id.as_str());
        let recorded = admit_with(context, thing(&row.thing), facts)?;
        Ok(match self.evidence(context, row).await {
            Ok(evidence) => json(recorded, StatusCode::OK, &evidence),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn evidence(&self, context: &Context, row: RequestRow) -> Result<Evidence, StoreError> {
        let own = context.caller.principal.answerable() == Some(&row.person);
        let mut others = self.waiting_for(&row.thing).await?;
        others.retain(|other| other.id != row.id);
        let purl: Option<Purl> = row.thing.parse().ok();
        let (mut now, mut trouble, mut newest_allowed, mut stopping) = (None, None, None, Vec::new());
        if let Some(purl) = &purl {
            match self.stopped(&as_who_asked(context, &row), purl).await {
                Ok(stopped) => {
                    (now, newest_allowed, stopping) = (Some(stopped.judged), stopped.newest_allowed, stopped.policies);
                }
                Err(NotAskable::Free { .. }) => trouble = Some(format!("Nothing stops {purl} now for who asked.")),
                Err(NotAskable::Never { reason, .. }) => {
                    trouble = Some(format!("No exception lifts what stops it now: {reason}."));
                }
                Err(NotAskable::Unknown(problem)) => trouble = Some(problem.words()),
            }
        }
        let policies = context.policies.policies().filter(|policy| stopping.iter().any(|id| **id == *policy.id));
        let policies = policies.map(|policy| Policy {
            id: policy.id.to_string(),
            place: format!("{}:{}", policy.file, policy.line),
            text: policy.text.to_string(),
        });
        let (mut in_use, mut reviews) = (Vec::new(), Vec::new());
        if let Some(purl) = &purl {
            (in_use, reviews) = (self.here(purl, None).await?.in_use, self.reviews_of(purl).await?);
        }
        Ok(Evidence {
            own,
            now,
            trouble,
            policies: policies.collect(),
            newest_allowed,
            others: self.shown(context, others).await?,
            in_use,
            reviews,
            request: self.shown(context, [row]).await?.remove(0),
        })
    }
}

pub(super) fn not_known() -> Problem {
    let advice = "`fanlight requests` lists those that wait.".to_owned();
    Problem::not_found("No request of that id is known here.").advice(Some(advice))
}
