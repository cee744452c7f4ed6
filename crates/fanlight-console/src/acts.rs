//! What is done through the console: tokens, erasure, backup, restore, and in an incident.

pub(crate) mod account;
mod apps;
pub(crate) mod exceptions;
pub(crate) mod importing;
pub(crate) mod joining;
mod keys;
mod logins;
pub(crate) mod passkeys;
pub(crate) mod providers;
pub(crate) mod publishing;
pub(crate) mod quarantine;
pub(crate) mod requests;
pub(crate) mod reviews;
pub(crate) mod roles;

use std::path::PathBuf;

use fanlight_api::{backup, people, restore, tokens};
use fanlight_base::{DeviceId, Facts, Fault, PersonId, Resource};
use fanlight_gate::{Context, Handled};
use fanlight_identity::IssueError;
use fanlight_net::{Problem, RequestBody};
use http::{Request, StatusCode};

use crate::admit::{admit, admit_with, node};
use crate::reads::store_problem;
use crate::reply::{json, read};
use crate::{Console, FileProblem, WrittenBackup};

/// Whether the text has the form of a device's id: `dev_` and 16 of `a` to `z` and `0` to `9`.
fn is_device_id(text: &str) -> bool {
    text.strip_prefix("dev_")
        .is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// Whether the text may stand in a record as a client's name.
fn is_client(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase())
}

fn not_issued(error: &IssueError) -> Problem {
    tracing::warn!(%error, "a token could not be made");
    let words = fanlight_base::words::sentence(&error.to_string());
    match (error, error.fault()) {
        (IssueError::Left | IssueError::LeftInDirectory, _) => {
            Problem::new(StatusCode::CONFLICT, "conflict", "No token", words)
        }
        (_, Fault::Caller | Fault::NotFound) => Problem::bad_request(words),
        (_, Fault::Upstream | Fault::Node) => Problem::unavailable("The token cannot be kept now.", 5),
    }
}

impl Console {
    pub(crate) async fn issue(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        // Drawn up before it is judged, so that the record names the device; kept only where that is allowed.
        let identity = self.parts.gate.identity();
        let drawn = match read::<tokens::Ask>(request).await {
            Ok(ask) => match identity.draw_up(&ask.person, &ask.machine).await {
                Ok(drawn) => Ok((ask.client.filter(|client| is_client(client)), drawn)),
                Err(error) => Err(not_issued(&error)),
            },
            Err(problem) => Err(problem),
        };
        let (resource, facts) = match &drawn {
            Ok((client, drawn)) => {
                let mut facts = Facts::new().with("person", drawn.person().as_str());
                if let Some(client) = client {
                    facts.set("client", client.as_str());
                }
                (Resource::new("Device", drawn.device().as_str()), facts)
            }
            Err(_) => (node(), Facts::new()),
        };
        let door = drawn.as_ref().ok().and_then(|(client, _)| match client.as_deref()? {
            "pip" | "uv" => Some("pypi"),
            "npm" | "yarn" => Some("npm"),
            client => Some(client),
        });
        let upstream = door.map(|ecosystem| self.parts.board.upstream(ecosystem));
        let recorded = admit_with(context, resource, facts)?;
        let issued = match drawn {
            Ok((_, drawn)) => identity.issue(drawn).await.map_err(|error| not_issued(&error)),
            Err(problem) => Err(problem),
        };
        let issued = match issued {
            Ok(issued) => issued,
            Err(problem) => return Ok(recorded.problem(problem)),
        };
        let Some(address) = self.parts.board.address.get() else {
            return Ok(recorded.problem(Problem::unavailable("The node has not finished starting.", 1)));
        };
        let tls = self.parts.board.url.get().is_some_and(|url| url.starts_with("https:"));
        let made = tokens::Made {
            token: issued.token.expose_secret().clone(),
            device: issued.device,
            person: issued.person,
            index: tokens::IndexParts {
                scheme: if tls { "https" } else { "http" }.to_owned(),
                host: self.parts.board.host(),
                port: address.port(),
                path: "/pypi/simple/".to_owned(),
            },
            no_upstream: upstream.filter(|upstream| upstream.url.is_none()).map(|upstream| upstream.found),
        };
        Ok(json(recorded, StatusCode::CREATED, &made))
    }

    pub(crate) async fn revoke(&self, context: &Context, device: &str) -> Handled {
        // What stands in the address may be anything, a person's name too, and a record is for ever.
        let well_formed = is_device_id(device);
        let resource = Resource::new("Device", if well_formed { device } else { "unknown" });
        let recorded = admit(context, resource)?;
        if !well_formed {
            return Ok(recorded.problem(Problem::bad_request(
                "That is no device's id: one is dev_ and 16 small letters or digits, as GET /v1/tokens lists them.",
            )));
        }
        let device = DeviceId::new(device);
        match self.parts.store.device(&device).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                return Ok(recorded.problem(Problem::not_found("No such device is known here.")));
            }
            Err(error) => return Ok(store_problem(recorded, &error)),
        }
        Ok(match self.parts.gate.identity().revoke_device(&device).await {
            Ok(revoked) => json(recorded, StatusCode::OK, &tokens::Revoked { device, already: !revoked }),
            Err(error) => store_problem(recorded, &error),
        })
    }

    pub(crate) async fn erase(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: Result<people::Erase, Problem> = read(request).await;
        // The name asked for is a personal value, so the record names the person by pseudonym.
        let id = match &ask {
            Ok(ask) => match self.person_named(&ask.person).await {
                Ok(person) => Some(person),
                // Whether it is the last steward cannot be told now.
                Err(Some(error)) => return roles::no_person(context, Some(&error)),
                Err(None) => None,
            },
            Err(_) => None,
        };
        let resource = Resource::new("Person", id.as_ref().map_or("unknown", |person| person.id.as_str()));
        let mut roster = self.parts.roster.hold().await;
        let mut facts = Facts::new();
        if let Some(person) = &id {
            match roster.is_last_steward(&person.id).await {
                Ok(false) => {}
                Ok(true) => {
                    facts.set("last_steward", true);
                }
                Err(error) => return roles::no_person(context, Some(&error)),
            }
        }
        let recorded = admit_with(context, resource, facts)?;
        let ask = match ask {
            Ok(ask) => ask,
            Err(problem) => return Ok(recorded.problem(problem)),
        };
        Ok(match self.parts.gate.identity().erase(&ask.person).await {
            Ok(erased) => {
                roster.forget(self.parts.gate.guard(), &PersonId::new(erased.person.as_str()));
                let erased = people::Erased { person: erased.person, keys: erased.keys, tokens: erased.devices };
                json(recorded, StatusCode::OK, &erased)
            }
            Err(error) if error.fault() == Fault::NotFound => recorded.problem(Problem::not_found(format!("{error}."))),
            Err(error) => {
                tracing::error!(%error, "a person could not be erased");
                recorded.problem(Problem::unavailable("The person's keys could not be destroyed.", 5))
            }
        })
    }

    pub(crate) async fn backup(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let recorded = admit(context, node())?;
        let ask: backup::Ask = match read(request).await {
            Ok(ask) => ask,
            Err(problem) => return Ok(recorded.problem(problem)),
        };
        let Some(path) = absolute(&ask.file) else {
            return Ok(recorded.problem(Problem::bad_request("The backup's path must be absolute.")));
        };
        let write = self.parts.backup.clone();
        Ok(match write(path).await {
            Ok(written) => {
                let WrittenBackup { bytes, records } = written;
                json(recorded, StatusCode::OK, &backup::Written { file: ask.file, bytes, records })
            }
            Err(problem) => recorded.problem(problem.into()),
        })
    }

    pub(crate) async fn restore(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let recorded = admit(context, node())?;
        // The present ledger ends with this act: who asked for it is on disk there before anything else is done.
        let recorded = recorded.durable().await?;
        let ask: restore::Ask = match read(request).await {
            Ok(ask) => ask,
            Err(problem) => return Ok(recorded.problem(problem)),
        };
        let Some(path) = absolute(&ask.file) else {
            return Ok(recorded.problem(Problem::bad_request("The backup's path must be absolute.")));
        };
        let restore = self.parts.restore.clone();
        Ok(match restore(path).await {
            Ok(planned) => json(recorded, StatusCode::OK, &planned),
            Err(problem) => recorded.problem(problem.into()),
        })
    }
}

fn absolute(file: &str) -> Option<PathBuf> {
    Some(PathBuf::from(file)).filter(|path| path.is_absolute())
}

impl From<FileProblem> for Problem {
    fn from(problem: FileProblem) -> Self {
        match problem {
            FileProblem::Conflict(words) => Self::new(StatusCode::CONFLICT, "conflict", "In the way", words),
            FileProblem::Unusable(words) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unusable", "Not to be used", words)
            }
            FileProblem::Failed(words) => Self::unavailable(words, 60),
        }
    }
}

#[cfg(test)]
mod tests;
