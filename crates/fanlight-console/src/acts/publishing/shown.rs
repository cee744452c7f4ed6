//! Versions and proposals as they are shown: names for pseudonyms, and in what two sets differ.

use fanlight_api::publishing::{
    Answer, Change, File, Proposal, ProposalText, Proposals, State, Version, VersionText, Versions, What,
};
use fanlight_base::PersonId;
use fanlight_gate::{Context, Handled, Recorded};
use fanlight_net::Problem;
use fanlight_policy::PolicyFiles;
use fanlight_policy::files::FileChange;
use fanlight_store::{ProposalRow, StoreError, VersionRow};
use http::StatusCode;

use super::{checked, company, unknown_version};
use crate::Console;
use crate::acts::quarantine::name_of;
use crate::admit::admit;
use crate::reads::{Names, store_problem};
use crate::reply::{json, part};

impl Console {
    pub(crate) async fn policy_versions(&self, context: &Context) -> Handled {
        let recorded = admit(context, company())?;
        Ok(match self.listed_versions(context).await {
            Ok(versions) => json(recorded, StatusCode::OK, &versions),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn listed_versions(&self, context: &Context) -> Result<Versions, StoreError> {
        let now = self.parts.in_force.current().await?.version;
        let rows = self.parts.store.versions().await?;
        let names = self.names_to(context, &people_of(&rows)).await?;
        let versions = rows.into_iter().map(|row| version(row, now, &names)).collect();
        Ok(Versions { folder: self.parts.in_force.folder().display().to_string(), versions })
    }

    pub(crate) async fn policy_version(&self, context: &Context, which: &str, query: Option<&str>) -> Handled {
        let recorded = admit(context, company())?;
        let against = match part(query, "against").map(|text| text.parse::<u64>()).transpose() {
            Ok(against) => against.filter(|number| (1..=999_999_999).contains(number)),
            Err(_) => {
                let words = "`against` is the number of a version, from 1.";
                return Ok(recorded.problem(Problem::bad_request(words)));
            }
        };
        if against.is_none() && part(query, "against").is_some() {
            return Ok(recorded.problem(Problem::bad_request("`against` is the number of a version, from 1.")));
        }
        Ok(match self.version_text(context, which, against).await {
            Ok(Some(text)) => json(recorded, StatusCode::OK, &text),
            Ok(None) => recorded.problem(unknown_version()),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn version_text(
        &self,
        context: &Context,
        which: &str,
        against: Option<u64>,
    ) -> Result<Option<VersionText>, StoreError> {
        let now = self.parts.in_force.current().await?.version;
        let number = if which == "now" { Some(now) } else { which.parse().ok() };
        let Some(number) = number else { return Ok(None) };
        let Some((row, files)) = self.version_files(number).await? else { return Ok(None) };
        let before = match against {
            Some(number) => match self.version_files(number).await? {
                Some(found) => Some(found),
                None => return Ok(None),
            },
            None => match self.parts.store.version_up_to(Some(number.saturating_sub(1))).await? {
                Some(row) => self.version_files(row.version).await?,
                None => None,
            },
        };
        let names = self.names_to(context, &people_of([&row])).await?;
        let empty = PolicyFiles::default();
        Ok(Some(VersionText {
            changes: changes(&files, before.as_ref().map_or(&empty, |(_, files)| files)),
            files: texts(&files),
            against: before.map(|(row, _)| row.version),
            version: version(row, now, &names),
        }))
    }

    /// A version that is kept, with its files.
    pub(super) async fn version_files(&self, number: u64) -> Result<Option<(VersionRow, PolicyFiles)>, StoreError> {
        let found = self.parts.store.version_up_to(Some(number)).await?;
        let Some(row) = found.filter(|row| row.version == number) else { return Ok(None) };
        let files = PolicyFiles::found(self.parts.store.policy_files(&row.digest).await?);
        Ok(Some((row, files)))
    }

    pub(crate) async fn proposal(&self, context: &Context, id: &str) -> Handled {
        let recorded = admit(context, company())?;
        Ok(match self.proposal_text(context, id).await {
            Ok(Some(text)) => json(recorded, StatusCode::OK, &text),
            Ok(None) => recorded.problem(super::unknown_proposal()),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn proposal_text(&self, context: &Context, id: &str) -> Result<Option<ProposalText>, StoreError> {
        let Some(row) = self.parts.store.proposal(id).await? else { return Ok(None) };
        let files = PolicyFiles::found(self.parts.store.policy_files(&row.digest).await?);
        let base = self.version_files(row.base).await?.map(|(_, files)| files).unwrap_or_default();
        let found = checked(&self.parts.in_force.check(files.clone()).await);
        let held = self.held(context, &row).await?;
        let Some(proposal) = self.shown_proposals(context, [row]).await?.pop() else { return Ok(None) };
        Ok(Some(ProposalText {
            proposal,
            changes: changes(&files, &base),
            files: texts(&files),
            faults: found.faults,
            warnings: found.warnings,
            held,
        }))
    }

    pub(super) async fn listed_proposals(
        &self,
        context: &Context,
        state: Option<&str>,
    ) -> Result<Proposals, StoreError> {
        let rows = self.parts.store.proposals(state).await?;
        Ok(Proposals { proposals: self.shown_proposals(context, rows).await? })
    }

    /// A proposal as it stands now, as the answer.
    pub(super) async fn shown_proposal(
        &self,
        context: &Context,
        recorded: Recorded,
        status: StatusCode,
        id: &str,
    ) -> Handled {
        let shown = match self.parts.store.proposal(id).await {
            Ok(row) => self.shown_proposals(context, row).await,
            Err(error) => Err(error),
        };
        Ok(match shown.map(|mut shown| shown.pop()) {
            Ok(Some(proposal)) => json(recorded, status, &proposal),
            Ok(None) => recorded.problem(super::unknown_proposal()),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn shown_proposals(
        &self,
        context: &Context,
        rows: impl IntoIterator<Item = ProposalRow>,
    ) -> Result<Vec<Proposal>, StoreError> {
        let now = self.parts.in_force.current().await?.version;
        let rows: Vec<_> = rows.into_iter().collect();
        let people = rows.iter().flat_map(|row| [Some(&row.person), row.answered_by.as_ref()]).flatten();
        let names = self.names_to(context, &people.collect::<Vec<_>>()).await?;
        let caller = context.caller.principal.answerable();
        Ok(rows.into_iter().map(|row| proposal(row, now, caller, &names)).collect())
    }
}

fn proposal(row: ProposalRow, now: u64, caller: Option<&PersonId>, names: &Names) -> Proposal {
    let state = State::parse(&row.state).unwrap_or(State::Waiting);
    Proposal {
        by: name_of(names, Some(&row.person)).unwrap_or_default(),
        outdated: state == State::Waiting && row.base != now,
        own: caller == Some(&row.person),
        answer: row.answered.map(|at| Answer {
            at,
            by: name_of(names, row.answered_by.as_ref()),
            because: row.answer.filter(|words| !words.is_empty()),
            version: row.version,
        }),
        id: row.id,
        because: row.because,
        proposed: row.proposed,
        base: row.base,
        restores: row.restores,
        state,
        files: row.files,
        set: row.digest,
    }
}

/// Who is named in these.
fn people_of<'r>(rows: impl IntoIterator<Item = &'r VersionRow>) -> Vec<&'r PersonId> {
    rows.into_iter().flat_map(|row| [row.person.as_ref(), row.approver.as_ref()]).flatten().collect()
}

fn version(row: VersionRow, now: u64, names: &Names) -> Version {
    Version {
        in_force: row.version == now,
        by: name_of(names, row.person.as_ref()),
        approved_by: name_of(names, row.approver.as_ref()),
        version: row.version,
        since: row.since,
        because: row.because,
        proposal: row.proposal,
        files: row.files,
        set: row.digest,
    }
}

fn texts(files: &PolicyFiles) -> Vec<File> {
    files.iter().map(|(name, text)| File { name: name.to_owned(), text: text.to_owned() }).collect()
}

fn changes(after: &PolicyFiles, before: &PolicyFiles) -> Vec<Change> {
    let told = after.since(before).into_iter().map(|file| Change {
        name: file.name,
        what: match file.change {
            FileChange::Added => What::Added,
            FileChange::Removed => What::Removed,
            FileChange::Changed => What::Changed,
        },
        added: file.added,
        removed: file.removed,
        diff: file.diff,
    });
    told.collect()
}
