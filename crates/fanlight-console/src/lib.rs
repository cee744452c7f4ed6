//! The console: what people and the command line ask of a running node, over the admin API.
//!
//! Owns the handlers of `/v1/`, the projection of the ledger that answers `who` and `why`, and the board on which the
//! node shows how it is. Refuses to know SQL. Invariant: the console's own acts go the one path like everybody's.

pub mod action;
mod activity;
mod acts;
mod admit;
mod advisories;
mod board;
mod card;
mod events;
mod explain;
mod holdings;
mod idempotency;
pub mod in_force;
pub mod issuers;
mod kept;
pub mod known;
pub mod ledger;
mod listing;
mod look;
pub mod oauth;
mod overview;
mod pace;
mod pages;
mod policies;
mod projection;
pub mod providers;
mod reads;
pub mod records;
mod reply;
mod rights;
mod roster;
mod scim;
mod settings;
mod simulate;
pub mod standing;
pub mod telling;

pub use activity::Marks;
pub use acts::joining::address_of_link;
pub use acts::reviews::{HandedError, checked_reviews};
pub use board::{Board, UpstreamNote};
pub use in_force::{CannotBegin, InForce, InForceParts, Loaded};
pub use issuers::Issuers;
pub use pages::routes as pages;
pub use projection::Projection;
pub use providers::Providers;
pub use roster::Roster;
pub use standing::Standing;
pub use telling::{Post, Telling};

use fanlight_net::RequestBody;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use fanlight_api::restore::Planned;
use fanlight_api::{openapi, routes};
use fanlight_base::limits;
use fanlight_feeds::Feeds;
use fanlight_gate::{Context, Gate, Handling, PathParts, Routes};
use fanlight_packages::{Doors, Shared};
use fanlight_store::Store;
use http::{Method, Request};

use acts::roles::Change;

/// What the node does for the console with a file, sooner or later.
pub type WithFile<T> =
    Arc<dyn Fn(PathBuf) -> Pin<Box<dyn Future<Output = Result<T, FileProblem>> + Send>> + Send + Sync>;

/// Why the node could not do that, in whole sentences for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// The file stands in the way, or the node is at such work already.
    Conflict(String),
    /// The file is not what it has to be.
    Unusable(String),
    /// The node could not.
    Failed(String),
}

/// A backup that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenBackup {
    /// Its bytes.
    pub bytes: u64,
    /// The records in it.
    pub records: u64,
}

/// What the console is made of.
pub struct Parts {
    /// The one path's parts.
    pub gate: Arc<Gate>,
    /// The package doors.
    pub doors: Doors,
    /// What they have in common.
    pub packages: Arc<Shared>,
    /// The feeds of advisories.
    pub feeds: Arc<Feeds>,
    /// The database.
    pub store: Store,
    /// The projection of the ledger.
    pub projection: Arc<Projection>,
    /// What its records can be found by.
    pub marks: Arc<Marks>,
    /// What stands beside the policies: quarantines and exceptions.
    pub standing: Arc<Standing>,
    /// Who has which role and is in which group.
    pub roster: Arc<Roster>,
    /// Who is told of requests.
    pub telling: Arc<Telling>,
    /// The policies in force, and their folder.
    pub in_force: Arc<InForce>,
    /// The providers at which people log in.
    pub providers: Arc<Providers>,
    /// The issuers whose tokens apps call with.
    pub issuers: Arc<Issuers>,
    /// How the node is.
    pub board: Arc<Board>,
    /// How a backup is written.
    pub backup: WithFile<WrittenBackup>,
    /// How the node is taken back to a backup: gives what will be, and goes over soon after.
    pub restore: WithFile<Planned>,
    /// The folder of the ledgers from before a restore.
    pub earlier_ledgers: PathBuf,
}

/// The console.
pub struct Console {
    pub(crate) parts: Parts,
    /// Held while a request is made or answered, so that each has one answer and one record of it.
    pub(crate) requests_in_order: tokio::sync::Mutex<()>,
    /// The same for proposals of policies.
    pub(crate) proposals_in_order: tokio::sync::Mutex<()>,
    pub(crate) pace: Arc<pace::Pace>,
    pub(crate) under_way: idempotency::UnderWay,
    pub(crate) scans: Arc<look::Scans>,
    /// That of a company's directory, which may bring many thousands of people.
    pub(crate) directory_pace: Arc<pace::Pace>,
}

impl Console {
    /// Builds the console.
    pub fn new(parts: Parts) -> Arc<Self> {
        let directory_pace = pace::Pace::of(limits::DIRECTORY_CALLS_A_SECOND, limits::DIRECTORY_CALLS_AT_ONCE);
        Arc::new(Self {
            parts,
            requests_in_order: tokio::sync::Mutex::default(),
            proposals_in_order: tokio::sync::Mutex::default(),
            pace: Arc::default(),
            under_way: idempotency::UnderWay::default(),
            scans: Arc::default(),
            directory_pace: Arc::new(directory_pace),
        })
    }

    /// The console's routes: all of [`fanlight_api::routes::ALL`], each with its action.
    pub fn routes(self: &Arc<Self>) -> Routes {
        let table = Routes::new().open(
            openapi::PATH,
            "describes the API, in the same words on every node of this version",
            reply::described(),
        );
        let table = self
            .add(table, routes::STATUS, action::READ_STATUS, |c, x, _, _| Box::pin(async move { c.status(&x).await }));
        let table = self
            .add(table, routes::SETTINGS, action::READ_SETTINGS, |c, x, _, _| Box::pin(async move { c.settings(&x) }));
        let table = self.add(table, routes::OVERVIEW, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.overview(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::PROJECTS, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.projects(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::EVENTS, action::READ_STATUS, |c, x, _, r| {
            Box::pin(async move { c.events(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::WHY, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.why(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::LOOK, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.look(&x, r.uri().query()).await })
        });
        let table =
            self.add(table, routes::SCAN, action::SCAN, |c, x, _, r| Box::pin(async move { c.scan(&x, r).await }));
        let table = self.add(table, routes::WHO, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.who(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::HOLDINGS, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.holdings(&x, r).await })
        });
        let table = self
            .add(table, routes::POLICIES, action::READ_POLICIES, |c, x, _, _| Box::pin(async move { c.policies(&x) }));
        let table = self.policy_routes(table);
        let table = self
            .add(table, routes::AUTHORITY, action::READ_STATUS, |c, x, _, _| Box::pin(async move { c.authority(&x) }));
        let table = self.add(table, routes::ADVISORIES, action::READ_ADVISORIES, |c, x, _, _| {
            Box::pin(async move { c.advisories(&x).await })
        });
        let table = self.add(table, routes::REFRESH_ADVISORIES, action::REFRESH_ADVISORIES, |c, x, _, _| {
            Box::pin(async move { c.refresh_advisories(&x).await })
        });
        let table = self.add(table, routes::ACKNOWLEDGE, action::ACKNOWLEDGE, |c, x, _, r| {
            Box::pin(async move { c.acknowledge(&x, r).await })
        });
        let table = self.add(table, routes::LIST_TOKENS, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.devices(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::MAKE_TOKEN, action::ISSUE_TOKEN, |c, x, _, r| {
            Box::pin(async move { c.issue(&x, r).await })
        });
        let table = self.add(table, routes::REVOKE_TOKEN, action::REVOKE_TOKEN, |c, x, p, _| {
            Box::pin(async move { c.revoke(&x, p.get("device")).await })
        });
        let table = self.add(table, routes::ERASE_PERSON, action::ERASE_PERSON, |c, x, _, r| {
            Box::pin(async move { c.erase(&x, r).await })
        });
        let table = self.add(table, routes::PEOPLE, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.people(&x, r.uri().query()).await })
        });
        let table = self.account_routes(table);
        let table = self.app_routes(table).with(oauth::routes(self));
        let table = self.add(table, routes::GIVE_ROLE, action::GIVE_ROLE, |c, x, _, r| {
            Box::pin(async move { c.change_role(&x, r, Change::Give).await })
        });
        let table = self.add(table, routes::TAKE_ROLE, action::TAKE_ROLE, |c, x, _, r| {
            Box::pin(async move { c.change_role(&x, r, Change::Take).await })
        });
        let table = self.add(table, routes::JOIN_GROUP, action::JOIN_GROUP, |c, x, _, r| {
            Box::pin(async move { c.change_group(&x, r, Change::Give).await })
        });
        let table = self.add(table, routes::LEAVE_GROUP, action::LEAVE_GROUP, |c, x, _, r| {
            Box::pin(async move { c.change_group(&x, r, Change::Take).await })
        });
        let table = self
            .add(table, routes::BACKUP, action::BACKUP, |c, x, _, r| Box::pin(async move { c.backup(&x, r).await }));
        let table = self
            .add(table, routes::RESTORE, action::RESTORE, |c, x, _, r| Box::pin(async move { c.restore(&x, r).await }));
        let table = self.add(table, routes::QUARANTINE, action::QUARANTINE, |c, x, _, r| {
            Box::pin(async move { c.quarantine(&x, r).await })
        });
        let table = self.add(table, routes::LIFT_QUARANTINE, action::LIFT_QUARANTINE, |c, x, _, r| {
            Box::pin(async move { c.lift_quarantine(&x, r).await })
        });
        let table = self.add(table, routes::QUARANTINES, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.quarantines(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::BREAK_GLASS, action::BREAK_GLASS, |c, x, _, r| {
            Box::pin(async move { c.break_glass(&x, r).await })
        });
        let table = self.add(table, routes::EXCEPTIONS, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.exceptions(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::END_EXCEPTION, action::END_EXCEPTION, |c, x, p, _| {
            Box::pin(async move { c.end_exception(&x, p.get("exception")).await })
        });
        let table = self.add(table, routes::ASK, action::ASK, |c, x, _, r| Box::pin(async move { c.ask(&x, r).await }));
        let table = self.add(table, routes::OWN_REQUESTS, action::READ_OWN_REQUESTS, |c, x, _, r| {
            Box::pin(async move { c.own_requests(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::WITHDRAW_REQUEST, action::WITHDRAW_REQUEST, |c, x, p, _| {
            Box::pin(async move { c.withdraw_request(&x, p.get("request")).await })
        });
        let table = self.add(table, routes::REQUESTS, action::READ_REQUESTS, |c, x, _, r| {
            Box::pin(async move { c.requests(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::REQUEST, action::READ_REQUESTS, |c, x, p, _| {
            Box::pin(async move { c.request(&x, p.get("request")).await })
        });
        let table = self.add(table, routes::GRANT_REQUEST, action::GRANT_REQUEST, |c, x, p, r| {
            Box::pin(async move { c.grant_request(&x, p.get("request"), r).await })
        });
        let table = self.add(table, routes::REFUSE_REQUEST, action::REFUSE_REQUEST, |c, x, p, r| {
            Box::pin(async move { c.refuse_request(&x, p.get("request"), r).await })
        });
        let table = self
            .add(table, routes::REVIEW, action::REVIEW, |c, x, _, r| Box::pin(async move { c.review(&x, r).await }));
        let table = self.add(table, routes::REVIEWS, action::READ_PACKAGES, |c, x, _, r| {
            Box::pin(async move { c.reviews(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::IMPORT_REVIEWS, action::IMPORT_REVIEWS, |c, x, _, r| {
            Box::pin(async move { c.import_reviews(&x, r).await })
        });
        let table = self.add(table, routes::SHOW_RECORDS, action::READ_LEDGER, |c, x, _, r| {
            Box::pin(async move { c.show_records(&x, r).await })
        });
        let table = self.add(table, routes::PAGE_RECORDS, action::READ_LEDGER, |c, x, _, r| {
            Box::pin(async move { c.page_records(&x, r).await })
        });
        let table = self.add(table, routes::EXPORT_RECORDS, action::READ_LEDGER, |c, x, _, r| {
            Box::pin(async move { c.export_records(&x, r).await })
        });
        self.add(table, routes::PROVE_RECORD, action::READ_LEDGER, |c, x, p, _| {
            Box::pin(async move { c.prove_record(&x, p.get("record")).await })
        })
    }

    /// Logging in, one's own account, links, and the end of either.
    fn account_routes(self: &Arc<Self>, table: Routes) -> Routes {
        let table = self
            .add(table, routes::LOG_IN, action::LOG_IN, |c, x, _, r| Box::pin(async move { c.log_in(&x, r).await }));
        let table = self.add(table, routes::OPEN_LINK, action::OPEN_LINK, |c, x, _, r| {
            Box::pin(async move { c.open_link(&x, r).await })
        });
        let table =
            self.add(table, routes::JOIN, action::JOIN, |c, x, _, r| Box::pin(async move { c.join(&x, r).await }));
        let table = self
            .add(table, routes::LOG_OUT, action::LOG_OUT, |c, x, _, _| Box::pin(async move { c.log_out(&x).await }));
        let table = self
            .add(table, routes::STEP_UP, action::STEP_UP, |c, x, _, r| Box::pin(async move { c.step_up(&x, r).await }));
        let table = self.add(table, routes::ACCOUNT, action::READ_ACCOUNT, |c, x, _, _| {
            Box::pin(async move { c.account(&x).await })
        });
        let table = self.add(table, routes::END_SESSION, action::END_SESSION, |c, x, p, _| {
            Box::pin(async move { c.end_own_session(&x, p.get("session")).await })
        });
        let table = self.add(table, routes::CHANGE_PASSWORD, action::CHANGE_PASSWORD, |c, x, _, r| {
            Box::pin(async move { c.change_password(&x, r).await })
        });
        let console = self.clone();
        let table =
            table.threshold(Method::GET, acts::providers::WITH, action::ASK_HOW, move |x: Context, p: PathParts, _| {
                let console = console.clone();
                Box::pin(async move { console.to_provider(&x, p.get("provider")).await }) as Handling<'static>
            });
        let console = self.clone();
        let table = table.threshold(Method::GET, acts::providers::ANSWER, action::LOG_IN, move |x: Context, _, r| {
            let console = console.clone();
            Box::pin(async move { console.answer_of_provider(&x, r).await }) as Handling<'static>
        });
        let table = self.add(table, routes::WAYS, action::ASK_HOW, |c, x, _, _| Box::pin(async move { c.ways(&x) }));
        let table = self.add(table, routes::ASK_FOR_PASSKEY, action::ASK_HOW, |c, x, _, _| {
            Box::pin(async move { c.ask_for_passkey(&x).await })
        });
        let table = self.add(table, routes::LOG_IN_BY_PASSKEY, action::LOG_IN, |c, x, _, r| {
            Box::pin(async move { c.log_in_by_passkey(&x, r).await })
        });
        let table = self.add(table, routes::OFFER_PASSKEY, action::ADD_LOGIN, |c, x, _, _| {
            Box::pin(async move { c.offer_passkey(&x).await })
        });
        let table = self.add(table, routes::ADD_PASSKEY, action::ADD_LOGIN, |c, x, _, r| {
            Box::pin(async move { c.add_passkey(&x, r).await })
        });
        let table = self.add(table, routes::ADD_PROVIDER, action::ADD_LOGIN, |c, x, p, _| {
            Box::pin(async move { c.add_provider(&x, p.get("provider")).await })
        });
        let table = self.add(table, routes::REMOVE_PASSKEY, action::REMOVE_LOGIN, |c, x, p, _| {
            Box::pin(async move { c.remove_passkey(&x, p.get("passkey")).await })
        });
        let table = self
            .add(table, routes::INVITE, action::INVITE, |c, x, _, r| Box::pin(async move { c.invite(&x, r).await }));
        let table = self.add(table, routes::RIGHTS, action::READ_RIGHTS, |c, x, _, r| {
            Box::pin(async move { c.rights(&x, r).await })
        });
        let table = self.add(table, routes::IMPORT_PREVIEW, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.import_people(&x, r, false).await })
        });
        let table = self.add(table, routes::IMPORT_PEOPLE, action::IMPORT_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.import_people(&x, r, true).await })
        });
        let table = self.add(table, routes::FIRST_LINK, action::MAKE_FIRST_LINK, |c, x, _, _| {
            Box::pin(async move { c.first_link(&x).await })
        });
        let table = self.add(table, routes::SESSIONS, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.sessions(&x, r).await })
        });
        let table = self
            .add(table, routes::CARD, action::READ_PEOPLE, |c, x, _, r| Box::pin(async move { c.card(&x, r).await }));
        let table = self.add(table, routes::END_SESSIONS, action::END_SESSIONS, |c, x, _, r| {
            Box::pin(async move { c.end_sessions(&x, r).await })
        });
        let table = self.add(table, routes::END_LOGIN, action::END_LOGIN, |c, x, _, r| {
            Box::pin(async move { c.end_login(&x, r).await })
        });
        let table = self.add(table, routes::LEAVER, action::READ_PEOPLE, |c, x, _, r| {
            Box::pin(async move { c.leaver(&x, r, false).await })
        });
        self.add(table, routes::LEAVE, action::END_PERSON, |c, x, _, r| {
            Box::pin(async move { c.leaver(&x, r, true).await })
        })
    }

    /// Policies: tried, proposed, approved, and what they were.
    fn policy_routes(self: &Arc<Self>, table: Routes) -> Routes {
        let table = self.add(table, routes::SIMULATE, action::READ_LEDGER, |c, x, _, r| {
            Box::pin(async move { c.simulate(&x, r).await })
        });
        let table = self.add(table, routes::POLICY, action::READ_POLICIES, |c, x, p, _| {
            Box::pin(async move { c.policy(&x, p.get("policy")) })
        });
        let table = self.add(table, routes::CHECK_POLICIES, action::READ_POLICIES, |c, x, _, r| {
            Box::pin(async move { c.check_policies(&x, r).await })
        });
        let table = self.add(table, routes::EXPLAIN, action::READ_POLICIES, |c, x, _, r| {
            Box::pin(async move { c.explain(&x, r).await })
        });
        let table = self.add(table, routes::POLICY_VERSIONS, action::READ_POLICIES, |c, x, _, _| {
            Box::pin(async move { c.policy_versions(&x).await })
        });
        let table = self.add(table, routes::POLICY_VERSION, action::READ_POLICIES, |c, x, p, r| {
            Box::pin(async move { c.policy_version(&x, p.get("version"), r.uri().query()).await })
        });
        let table = self.add(table, routes::PROPOSE_POLICIES, action::PROPOSE_POLICIES, |c, x, _, r| {
            Box::pin(async move { c.propose_policies(&x, r).await })
        });
        let table = self.add(table, routes::PROPOSALS, action::READ_POLICIES, |c, x, _, r| {
            Box::pin(async move { c.proposals(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::PROPOSAL, action::READ_POLICIES, |c, x, p, _| {
            Box::pin(async move { c.proposal(&x, p.get("proposal")).await })
        });
        let table = self.add(table, routes::APPROVE_PROPOSAL, action::PUBLISH_POLICIES, |c, x, p, r| {
            Box::pin(async move { c.approve_proposal(&x, p.get("proposal"), r).await })
        });
        let table = self.add(table, routes::REFUSE_PROPOSAL, action::REFUSE_PROPOSAL, |c, x, p, r| {
            Box::pin(async move { c.refuse_proposal(&x, p.get("proposal"), r).await })
        });
        self.add(table, routes::WITHDRAW_PROPOSAL, action::WITHDRAW_PROPOSAL, |c, x, p, _| {
            Box::pin(async move { c.withdraw_proposal(&x, p.get("proposal")).await })
        })
    }

    /// Apps, and the keys by which they and people call.
    fn app_routes(self: &Arc<Self>, table: Routes) -> Routes {
        let table = self.add(table, routes::APPS, action::READ_APPS, |c, x, _, r| {
            Box::pin(async move { c.apps(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::OWN_APPS, action::READ_OWN_APPS, |c, x, _, r| {
            Box::pin(async move { c.own_apps(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::REGISTER_APP, action::REGISTER_APP, |c, x, _, r| {
            Box::pin(async move { c.register_app(&x, r).await })
        });
        let table = self.add(table, routes::CHANGE_APP, action::CHANGE_APP, |c, x, p, r| {
            Box::pin(async move { c.change_app(&x, p.get("app"), r).await })
        });
        let table = self.add(table, routes::HAND_OVER_APP, action::HAND_OVER_APP, |c, x, p, r| {
            Box::pin(async move { c.hand_over_app(&x, p.get("app"), r).await })
        });
        let table = self.add(table, routes::END_APP, action::END_APP, |c, x, p, _| {
            Box::pin(async move { c.end_app(&x, p.get("app")).await })
        });
        let table = self.add(table, routes::APP_USED, action::READ_OWN_APPS, |c, x, p, _| {
            Box::pin(async move { c.app_used(&x, p.get("app")).await })
        });
        let table = self.add(table, routes::KEYS, action::READ_APPS, |c, x, _, r| {
            Box::pin(async move { c.keys(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::OWN_KEYS, action::READ_OWN_APPS, |c, x, _, r| {
            Box::pin(async move { c.own_keys(&x, r.uri().query()).await })
        });
        let table = self.add(table, routes::MAKE_KEY, action::MAKE_KEY, |c, x, _, r| {
            Box::pin(async move { c.make_key(&x, r).await })
        });
        self.add(table, routes::REVOKE_KEY, action::REVOKE_KEY, |c, x, p, _| {
            Box::pin(async move { c.revoke_key(&x, p.get("key")).await })
        })
    }

    fn add<F>(
        self: &Arc<Self>,
        table: Routes,
        route: fanlight_api::Route,
        action: fanlight_base::Action,
        handler: F,
    ) -> Routes
    where
        F: Fn(Arc<Self>, Context, PathParts, Request<RequestBody>) -> Handling<'static> + Send + Sync + 'static,
    {
        let method = match route.method {
            fanlight_api::Method::Get => Method::GET,
            fanlight_api::Method::Post => Method::POST,
            fanlight_api::Method::Delete => Method::DELETE,
        };
        let (console, reads) = (self.clone(), method == Method::GET);
        let handler = Arc::new(handler);
        let handler = move |context: Context, path, request: Request<RequestBody>| -> Handling<'static> {
            let console = console.clone();
            if let Err(too_often) = console.pace.count(&context) {
                return Box::pin(console.pace.clone().refuse(context, too_often));
            }
            if !reads {
                if !route.takes_idempotency_key() || !request.headers().contains_key(idempotency::HEADER) {
                    return handler(console, context, path, request);
                }
                let (made, handler) = (console.clone(), handler.clone());
                let call = Box::new(move |context, request| handler(made, context, path, request));
                return Box::pin(console.once(context, request, call));
            }
            let asked = request.headers().clone();
            let answered = handler(console, context, path, request);
            Box::pin(async move { Ok(answered.await?.map(|response| reply::or_unchanged(response, &asked))) })
        };
        // Here people come from anywhere with nothing to show yet.
        let begins = [
            routes::LOG_IN,
            routes::OPEN_LINK,
            routes::JOIN,
            routes::WAYS,
            routes::ASK_FOR_PASSKEY,
            routes::LOG_IN_BY_PASSKEY,
        ];
        if begins.contains(&route) {
            return table.threshold(method, route.path, action, handler);
        }
        table.guarded(method, route.path, action, handler)
    }
}

#[cfg(test)]
mod tests;
