//! A release or project stopped, and let pass again.

use fanlight_api::quarantine::{Ask, Done, Lift, Quarantine, Quarantines};
use fanlight_base::{Facts, PersonId, Purl, limits};
use fanlight_gate::{Context, Handled};
use fanlight_net::{Problem, RequestBody};
use fanlight_store::QuarantineRow;
use http::{Request, StatusCode};

use crate::Console;
use crate::admit::{admit, admit_with, node, or_turned_down};
use crate::listing::Paging;
use crate::reads::{Names, store_problem};
use crate::reply::{json, read};
use crate::standing::thing;

/// A reason as it may stand in refusals and records: one line of bounded length.
pub(crate) fn because(text: &str) -> Result<String, Box<Problem>> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > limits::BECAUSE_CHARACTERS || text.chars().any(char::is_control) {
        let words = format!(
            "A reason is one line of 1 to {} characters: it is shown to whoever asks for the release.",
            limits::BECAUSE_CHARACTERS
        );
        return Err(Box::new(Problem::bad_request(words)));
    }
    Ok(text.to_owned())
}

pub(super) fn purl(text: &str) -> Result<Purl, Box<Problem>> {
    text.parse().map_err(|error| Box::new(Problem::bad_request(format!("{error}."))))
}

/// A person as they may be shown: by name, or by pseudonym once erased.
pub(crate) fn name_of(names: &Names, person: Option<&PersonId>) -> Option<String> {
    let person = person?;
    Some(names.get(person).cloned().unwrap_or_else(|| person.to_string()))
}

fn shown(row: QuarantineRow, names: &Names) -> Quarantine {
    let by = name_of(names, row.person.as_ref());
    Quarantine { purl: row.purl, because: row.because, role: row.role, by, since: row.since }
}

/// Who is named in these.
fn people_in<'r>(rows: impl IntoIterator<Item = &'r QuarantineRow>) -> Vec<&'r PersonId> {
    rows.into_iter().filter_map(|row| row.person.as_ref()).collect()
}

impl Console {
    pub(crate) async fn quarantine(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked =
            read::<Ask>(request).await.map_err(Box::new).and_then(|ask| Ok((purl(&ask.purl)?, because(&ask.because)?)));
        let (purl, because) = or_turned_down(context, asked)?;
        let facts = Facts::new().with("because", because.as_str());
        let recorded = admit_with(context, thing(purl.as_str()), facts)?.durable().await?;
        let row = QuarantineRow {
            purl: purl.to_string(),
            because,
            role: Self::role_of(context).to_owned(),
            person: context.caller.principal.answerable().cloned(),
            since: context.now,
        };
        let stands = match self.quarantined().await {
            Ok(stands) => stands,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        if stands.len() >= limits::QUARANTINES {
            let words = format!("{} are quarantined, as many as can be at once.", stands.len());
            return Ok(recorded.problem(Problem::new(StatusCode::CONFLICT, "conflict", "Too many", words)));
        }
        let (is_new, epoch) = match self.parts.standing.quarantine(self.parts.gate.guard(), &row).await {
            Ok(done) => done,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let before = stands.into_iter().find(|known| !is_new && known.purl == row.purl);
        let row = before.unwrap_or(row);
        let names = self.names_to(context, &people_in([&row])).await.unwrap_or_default();
        let quarantine = shown(row, &names);
        Ok(json(recorded, StatusCode::OK, &Done { quarantine, already: !is_new, epoch }))
    }

    pub(crate) async fn lift_quarantine(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let purl =
            or_turned_down(context, read::<Lift>(request).await.map_err(Box::new).and_then(|lift| purl(&lift.purl)))?;
        let recorded = admit(context, thing(purl.as_str()))?.durable().await?;
        let (lifted, epoch) = match self.parts.standing.lift(self.parts.gate.guard(), purl.as_str()).await {
            Ok(done) => done,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let Some(row) = lifted else {
            let project = purl.project();
            let stands = self.quarantined().await.unwrap_or_default();
            let wider = stands.iter().find(|row| row.purl == project.as_str());
            let advice = wider.map(|row| format!("The whole project is, as {}; that can be lifted.", row.purl));
            let words = format!("{purl} is not quarantined here.");
            return Ok(recorded.problem(Problem::not_found(words).advice(advice)));
        };
        let names = self.names_to(context, &people_in([&row])).await.unwrap_or_default();
        Ok(json(recorded, StatusCode::OK, &Done { quarantine: shown(row, &names), already: false, epoch }))
    }

    pub(crate) async fn quarantines(&self, context: &Context, query: Option<&str>) -> Handled {
        let paging = or_turned_down(context, Paging::asked(query))?;
        let recorded = admit(context, node())?;
        let rows = match self.quarantined().await {
            Ok(rows) => rows,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let names = match self.names_to(context, &people_in(&rows)).await {
            Ok(names) => names,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        Ok(match paging.page(rows.into_iter().map(|row| shown(row, &names)).collect()) {
            Ok((quarantines, next)) => json(recorded, StatusCode::OK, &Quarantines { quarantines, next }),
            Err(problem) => recorded.problem(*problem),
        })
    }

    async fn quarantined(&self) -> Result<Vec<QuarantineRow>, fanlight_store::StoreError> {
        self.parts.store.quarantines().await
    }
}
