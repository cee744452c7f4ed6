//! A company's list taken over: who is new, who comes back, who leaves, who is in which group.
//!
//! Refuses to know who may. Invariants: what a list would do and what it does are found by the same look; it is done wholly or
//! not at all, and each right that moves has its own record before it does.

mod list;

use std::collections::{BTreeSet, HashMap, HashSet};

use fanlight_api::import::{Ask, Imported, Move, Refused};
use fanlight_base::{Action, Facts, PersonId, limits};
use fanlight_gate::{Context, Handled, Recorded, Stop};
use fanlight_identity::Identity;
use fanlight_net::{Problem, RequestBody};
use fanlight_store::{ImportedPerson, PersonRow, StoreError};
use http::{Request, StatusCode};

use super::account::own;
use crate::Console;
use crate::action::{END_PERSON, JOIN_GROUP, LEAVE_GROUP};
use crate::admit::{admit, admit_as, admit_with, node, only_who_may, or_turned_down};
use crate::reads::store_problem;
use crate::reply::{json, read_within};
use crate::roster::Held;
use list::{Line, List};

/// What is to be done.
#[derive(Debug, Default)]
struct Plan {
    /// Who comes or moves.
    people: Vec<ImportedPerson>,
    /// Who leaves, by pseudonym.
    leaving: Vec<PersonId>,
    /// The same in words.
    told: Imported,
}

/// What is known here, for looking at many names.
struct Known {
    /// By name in small letters: there may be several, who differ in case.
    people: HashMap<String, Vec<PersonRow>>,
    /// Whom a directory keeps.
    kept: HashSet<PersonId>,
    /// The groups that it keeps.
    groups: HashSet<String>,
    /// The stewards who can log in.
    log_in: Vec<PersonId>,
}

impl Console {
    pub(crate) async fn import_people(&self, context: &Context, request: Request<RequestBody>, does: bool) -> Handled {
        only_who_may(context, &node())?;
        let asked = read_within::<Ask>(request, limits::IMPORT_BYTES).await.map_err(Box::new);
        let ask = or_turned_down(context, asked)?;
        let list =
            or_turned_down(context, List::read(&ask.csv).map_err(|words| Box::new(Problem::bad_request(words))))?;
        let mut roster = self.parts.roster.hold().await;
        let plan = match self.plan(list, &roster).await {
            Ok(plan) => plan,
            Err(error) => return Ok(store_problem(admit(context, node())?, &error)),
        };
        if !does {
            return Ok(json(admit(context, node())?, StatusCode::OK, &plan.told));
        }
        if let Some(first) = plan.told.refused.first() {
            return Ok(admit(context, node())?.problem(not_taken(plan.told.refused.len(), first)));
        }
        let recorded = judge(context, &plan).await?;
        Ok(match self.carry_out(context, &mut roster, &plan).await {
            Ok(()) => json(recorded, StatusCode::OK, &plan.told),
            Err(error) => store_problem(recorded, &error),
        })
    }

    async fn plan(&self, list: List, roster: &Held<'_>) -> Result<Plan, StoreError> {
        let store = &self.parts.store;
        let mut people: HashMap<String, Vec<PersonRow>> = HashMap::new();
        for row in store.people().await? {
            if let Some(name) = &row.name {
                people.entry(name.to_lowercase()).or_default().push(row);
            }
        }
        let known = Known {
            people,
            kept: store.directory_ids().await?.into_iter().collect(),
            groups: store.directory_groups().await?.into_iter().map(|group| group.name).collect(),
            log_in: store.who_log_in(&roster.stewards()).await?,
        };
        let List { lines, refused, left_out } = list;
        let mut plan = Plan { told: Imported { refused, left_out, ..Imported::default() }, ..Plan::default() };
        for line in lines {
            let number = line.number;
            if let Err(why) = plan.add(line, &known, roster) {
                plan.told.refused.push(Refused { line: number, why });
            }
        }
        plan.told.refused.sort_by_key(|refused| refused.line);
        Ok(plan)
    }

    async fn carry_out(&self, context: &Context, roster: &mut Held<'_>, plan: &Plan) -> Result<(), StoreError> {
        let guard = self.parts.gate.guard();
        roster.import(guard, &plan.people, context.now).await?;
        for person in &plan.leaving {
            self.goes(roster, person, context.now, self.parts.gate.identity().leave(person)).await?;
        }
        Ok(())
    }
}

/// Records that may wait for their sync at once.
const AT_ONCE: usize = 1000;

/// Judges the list and each right that it moves, and records all of it where all of it may be; nothing is done before that is on
/// disk.
async fn judge(context: &Context, plan: &Plan) -> Result<Recorded, Stop> {
    let moves = moves_of(context, plan);
    for (action, person, facts) in &moves {
        if !context.preview(*action, &own(person), facts.clone()).0.is_allowed() {
            // What is refused is recorded, and nothing of the rest.
            return Err(admit_as(context, *action, own(person), facts.clone())?.problem(Problem::internal()).into());
        }
    }
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let facts = Facts::new().with("people", count(plan.people.len())).with("leaving", count(plan.leaving.len()));
    let recorded = admit_with(context, node(), facts)?.durable().await?;
    for some in moves.chunks(AT_ONCE) {
        let mut records = Vec::with_capacity(some.len());
        for (action, person, facts) in some {
            records.push(admit_as(context, *action, own(person), facts.clone())?);
        }
        for record in records {
            let _: Recorded = record.durable().await?;
        }
    }
    Ok(recorded)
}

fn moves_of<'p>(context: &Context, plan: &'p Plan) -> Vec<(Action, &'p PersonId, Facts)> {
    let caller = context.caller.principal.answerable();
    let own_facts = |person: &PersonId| {
        if caller == Some(person) { Facts::new().with("own", true) } else { Facts::new() }
    };
    let mut moves = Vec::new();
    for ImportedPerson { person, joins, leaves, .. } in &plan.people {
        for (action, groups) in [(JOIN_GROUP, joins), (LEAVE_GROUP, leaves)] {
            moves.extend(groups.iter().map(|group| (action, person, own_facts(person).with("group", group.as_str()))));
        }
    }
    moves.extend(plan.leaving.iter().map(|person| (END_PERSON, person, Facts::new())));
    moves
}

fn not_taken(lines: usize, first: &Refused) -> Problem {
    let Refused { line, why } = first;
    let said = if lines == 1 {
        format!("Line {line} cannot be taken: {why}")
    } else {
        format!("{lines} lines cannot be taken, the first is line {line}: {why}")
    };
    let words = format!("{said} Nothing of the list was done.");
    let advice = "`fanlight people import FILE --dry-run` names them all.".to_owned();
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not-taken", "Not taken", words).advice(Some(advice))
}

impl Plan {
    /// What a line changes.
    fn add(&mut self, line: Line, known: &Known, roster: &Held<'_>) -> Result<(), String> {
        let Line { name, groups, active, .. } = line;
        let alike = known.people.get(&name.to_lowercase()).map_or(&[][..], Vec::as_slice);
        let row = match (alike.iter().find(|row| row.name.as_deref() == Some(&name)), alike) {
            (Some(row), _) | (None, [row]) => Some(row),
            (None, []) => None,
            (None, _) => {
                return Err("Several people have this name in other cases: write it as it is known here.".to_owned());
            }
        };
        if let Some(row) = row
            && known.kept.contains(&row.id)
        {
            return Err(
                "The company's directory keeps this person: it says who is here and in which groups.".to_owned()
            );
        }
        let here = row.is_some_and(PersonRow::is_here);
        if !active {
            let Some(row) = row.filter(|_| here) else {
                self.told.unchanged += 1;
                return Ok(());
            };
            // Several stewards on one list must not all go, either.
            let stewards = roster.stewards();
            let stays = |steward: &PersonId| *steward != row.id && !self.leaving.contains(steward);
            let is_last = |of: &[PersonId]| of.contains(&row.id) && !of.iter().any(stays);
            if is_last(&stewards) || is_last(&known.log_in) {
                let why = "No steward would be left who can log in, and somebody has to answer for this node.";
                return Err(why.to_owned());
            }
            self.leaving.push(row.id.clone());
            self.told.leaving.push(name);
            return Ok(());
        }
        let before: BTreeSet<String> = row.map(|row| roster.groups_of(&row.id)).into_iter().flatten().collect();
        let after = groups.unwrap_or_else(|| before.clone());
        let moves = |from: &BTreeSet<String>, to: &BTreeSet<String>| -> Vec<String> {
            from.difference(to).filter(|group| !known.groups.contains(*group)).cloned().collect()
        };
        if let Some(group) = after.iter().find(|group| known.groups.contains(*group) && !before.contains(*group)) {
            return Err(format!("The company's directory keeps the group {group} and says who is in it."));
        }
        let (joins, leaves) = (moves(&after, &before), moves(&before, &after));
        if here && joins.is_empty() && leaves.is_empty() {
            self.told.unchanged += 1;
            return Ok(());
        }
        let person = match row {
            Some(row) => row.id.clone(),
            None => Identity::new_pseudonym().map_err(|error| format!("{error}."))?,
        };
        if !here {
            let told = if row.is_some() { &mut self.told.back } else { &mut self.told.new };
            told.push(name.clone());
        }
        for (groups, told) in [(&joins, &mut self.told.joins), (&leaves, &mut self.told.leaves)] {
            told.extend(groups.iter().map(|group| Move { person: name.clone(), group: group.clone() }));
        }
        self.people.push(ImportedPerson { person, name, joins, leaves });
        Ok(())
    }
}
