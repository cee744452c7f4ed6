//! What people and machines have: sent as the database gives it, so that a year of a company is no more than a day of one.

use fanlight_api::holdings::{Ask, Head, Holding};
use fanlight_base::{AppId, Facts, PersonId, Purl, limits};
use fanlight_gate::{Context, Handled};
use fanlight_identity::UNIDENTIFIED;
use fanlight_net::{Body, Problem, RequestBody};
use fanlight_packages::same_version;
use fanlight_store::{DeviceRow, Holder, Holdings, Store, StoreError};
use http::Request;
use tokio::sync::mpsc;

use crate::admit::{admit_with, node};
use crate::ledger::{Out, QUEUE, lines};
use crate::reads::{PATIENCE, received_of, shown, store_problem};
use crate::reply::read;
use crate::standing::thing;
use crate::{Console, advisories};

/// Rows that wait for a slow reader.
const ROWS: usize = 64;

/// What is asked for.
struct Asked {
    of: Of,
    /// Whose, as the record says it.
    whose: Facts,
    /// The same in the store's terms; nothing where nothing is meant.
    holdings: Option<Holdings>,
}

/// Of what holdings are asked for.
enum Of {
    Anything,
    Purl(Purl),
    Advisory(String),
}

impl Console {
    pub(crate) async fn holdings(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let asked = match read::<Ask>(request).await {
            Ok(ask) => self.holdings_asked(ask).await,
            Err(problem) => Ok(Err(problem)),
        };
        // Before this question is recorded itself, so that it does not make the answer late.
        self.parts.projection.catch_up(PATIENCE).await;
        let behind = self.parts.projection.behind();
        let (on, facts) = match &asked {
            Ok(Ok(Asked { of: Of::Purl(purl), whose, .. })) => (thing(purl.as_str()), whose.clone()),
            Ok(Ok(Asked { of: Of::Advisory(id), whose, .. })) => (node(), whose.clone().with("advisory", id.as_str())),
            Ok(Ok(Asked { of: Of::Anything, whose, .. })) => (node(), whose.clone()),
            _ => (node(), Facts::new()),
        };
        let recorded = admit_with(context, on, facts)?;
        let holdings = match asked {
            Ok(Ok(Asked { holdings, .. })) => holdings,
            Ok(Err(problem)) => return Ok(recorded.problem(problem)),
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let head = Head { origin: context.gate.node().to_string(), at: context.now, behind };
        let (sender, body) = Body::channel(QUEUE, None);
        tokio::spawn(send(self.parts.store.clone(), holdings, head, Out::new(sender)));
        Ok(lines(recorded, body))
    }

    /// What is asked for, or what is wrong with it.
    async fn holdings_asked(&self, ask: Ask) -> Result<Result<Asked, Problem>, StoreError> {
        let of = match (ask.purl.map(|purl| purl.parse::<Purl>()).transpose(), ask.advisory) {
            (Ok(None), None) => Of::Anything,
            (Ok(Some(purl)), None) => Of::Purl(purl),
            (Ok(None), Some(id)) if advisories::is_id(&id) => Of::Advisory(id),
            (Ok(None), Some(_)) => return Ok(Err(advisories::no_id())),
            (Ok(Some(_)), Some(_)) => {
                return Ok(Err(Problem::bad_request("Ask of a purl or of an advisory, not of both.")));
            }
            (Err(error), _) => return Ok(Err(Problem::bad_request(format!("{error}.")))),
        };
        let who = match ask.person.as_deref() {
            Some(_) if ask.app.is_some() => {
                return Ok(Err(Problem::bad_request("Ask of a person or of an app, not of both.")));
            }
            None => match &ask.app {
                None => None,
                Some(app) => match self.app_meant(app).await? {
                    Ok(app) => Some(Holder::Person(PersonId::new(app.as_str()))),
                    Err(problem) => return Ok(Err(problem)),
                },
            },
            Some(UNIDENTIFIED) => Some(Holder::Unidentified),
            Some(name) => {
                let named = self.parts.store.person_by_name(name).await?;
                let known = match named {
                    Some(person) => Some(person),
                    None => self.parts.store.person(&PersonId::new(name)).await?,
                };
                let Some(person) = known else {
                    return Ok(Err(Problem::not_found("Nobody of that name is known here.")));
                };
                Some(Holder::Person(person.id))
            }
        };
        let mut whose = Facts::new();
        match &who {
            Some(Holder::Person(id)) => {
                whose.set("holder", id.as_str());
            }
            Some(Holder::Unidentified) => {
                whose.set("holder", UNIDENTIFIED);
            }
            None => {}
        }
        if let Some(machine) = &ask.machine {
            let devices = self.parts.store.devices().await?;
            let is_it = |name: &str| name == machine;
            let is_one = |one: &&DeviceRow| is_it(one.id.as_str()) || one.machine.as_deref().is_some_and(is_it);
            let ids: Vec<_> = devices.iter().filter(is_one).map(|one| one.id.as_str()).collect();
            if ids.is_empty() {
                return Ok(Err(Problem::not_found("No machine of that name is known here.")));
            }
            whose.set("machine", pseudonyms(&ids).as_str());
        }
        let texts = |releases: Vec<Purl>| releases.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (project, releases) = match &of {
            Of::Anything => (None, Vec::new()),
            Of::Purl(purl) if purl.version().is_some() => (None, texts(self.spellings(purl).await?)),
            Of::Purl(project) => (Some(project.clone()), Vec::new()),
            Of::Advisory(id) => match self.parts.feeds.affected_by(id).await? {
                None => return Ok(Err(advisories::unknown(id))),
                Some(affected) if affected.releases.is_empty() => return Ok(Ok(Asked { of, whose, holdings: None })),
                Some(affected) if affected.releases.len() > limits::HOLDINGS_RELEASES => {
                    let words =
                        format!("{id} is about more than {} releases that are here.", limits::HOLDINGS_RELEASES);
                    let advice = "Ask of one of its projects, `fanlight who PROJECT --since TIME`.".to_owned();
                    return Ok(Err(Problem::bad_request(words).advice(Some(advice))));
                }
                // Every spelling in the records is among them.
                Some(affected) => (None, texts(affected.releases)),
            },
        };
        let (machine, since, until) = (ask.machine, ask.since, ask.until);
        let holdings = Some(Holdings { project, releases, who, machine, since, until });
        Ok(Ok(Asked { of, whose, holdings }))
    }

    /// The app of that id, ended or not; else the one of that title that has not ended.
    async fn app_meant(&self, named: &str) -> Result<Result<AppId, Problem>, StoreError> {
        if let Some(app) = self.parts.store.app(&AppId::new(named)).await? {
            return Ok(Ok(app.id));
        }
        let apps = self.parts.store.apps().await?;
        let mut titled = apps.into_iter().filter(|app| app.ended.is_none() && app.layers.title == named);
        Ok(match (titled.next(), titled.next()) {
            (Some(app), None) => Ok(app.id),
            (None, _) => {
                let advice = "`fanlight apps list --all` shows every app with its id.".to_owned();
                Err(Problem::not_found("No app of that id or title is known here.").advice(Some(advice)))
            }
            (Some(one), Some(other)) => {
                let advice = format!("Say which by its id: {}, {}, ...", one.id, other.id);
                Err(Problem::bad_request("Several apps have that title.").advice(Some(advice)))
            }
        })
    }

    /// A release in all ways in which it was asked for here: records have a version as its files write it.
    pub(crate) async fn spellings(&self, purl: &Purl) -> Result<Vec<Purl>, StoreError> {
        if purl.version().is_none() {
            return Ok(vec![purl.clone()]);
        }
        let known = self.parts.store.releases_asked_for(&purl.project()).await?;
        let known = known.iter().filter_map(|release| release.parse::<Purl>().ok());
        let is_same = |release: &Purl| release.version().is_some_and(|version| same_version(purl, version));
        let mut same: Vec<Purl> = known.filter(is_same).collect();
        if same.is_empty() {
            same.push(purl.clone());
        }
        Ok(same)
    }
}

/// The pseudonyms of all machines that go by one name, as many as a record is to have.
fn pseudonyms(ids: &[&str]) -> String {
    const WRITTEN: usize = 40;
    let mut words = ids.iter().take(WRITTEN).copied().collect::<Vec<_>>().join(" ");
    if ids.len() > WRITTEN {
        words.push_str(&format!(" and {} more", ids.len() - WRITTEN));
    }
    words
}

/// What somebody has, as it is told.
pub(crate) fn holding_of(row: fanlight_store::Holding) -> Holding {
    Holding {
        person: shown(row.person),
        machine: row.machine,
        release: row.release,
        file: row.file.unwrap_or_default(),
        digest: row.digest,
        received: received_of(row.received),
        times: row.times,
        first: row.first,
        last: row.last,
    }
}

async fn send(store: Store, holdings: Option<Holdings>, head: Head, mut out: Out) {
    let (rows, mut coming) = mpsc::channel(ROWS);
    let asked = tokio::spawn(async move {
        match &holdings {
            Some(holdings) => store.holdings(holdings, &rows).await,
            None => Ok(()),
        }
    });
    let sent = async {
        out.line(&head).await?;
        while let Some(row) = coming.recv().await {
            out.line(&holding_of(row)).await?;
        }
        Ok::<(), fanlight_net::body::ClientGone>(())
    };
    // A reader that left needs no more; then the rows' receiver goes, and with it the asking.
    if sent.await.is_err() {
        return;
    }
    drop(coming);
    match asked.await {
        Ok(Ok(())) => drop(out.finish().await),
        // Dropped unfinished, the answer is broken off, so that a part is not taken for the whole.
        Ok(Err(error)) => tracing::error!(%error, "the database did not answer to its end"),
        Err(error) => tracing::error!(%error, "the asking ended unexpectedly"),
    }
}
