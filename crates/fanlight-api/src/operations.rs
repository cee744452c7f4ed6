//! What each route takes and what it answers, for the document that is made of it. The shapes are those of the types
//! themselves; what stands here is what a type cannot say: a name, a sentence, the statuses.
//!
//! Invariant, held by a test: every route of [`crate::routes::ALL`] is here once, and nothing else is.
//! Long because it is one table, an entry for each route.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::routes::{self, Route};
use crate::{
    account, activity, advisories, apps, backup, events, exceptions, explain, holdings, import, keys, ledger, listing,
    look, overview, passkeys, people, policies, publishing, quarantine, requests, restore, reviews, rights, run, scan,
    settings, simulate, status, tokens, who, why,
};

/// Makes a type's schema, and those it needs.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What an operation answers when all is well.
#[derive(Debug, Clone, Copy)]
pub enum Answers {
    /// One JSON value.
    Json(SchemaOf),
    /// JSON lines: the first of the first kind, then lines of the others.
    Lines(&'static [SchemaOf]),
    /// Server-sent events, the data of each of this kind.
    Events(SchemaOf),
}

/// What a caller shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A token, or a session.
    Anything,
    /// A session alone.
    Session,
    /// Nothing: here people begin.
    Nothing,
}

/// What a route does.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The route.
    pub route: Route,
    /// Its name for generated clients, `likeThis`.
    pub id: &'static str,
    /// What it is about: one word.
    pub tag: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Who shows what.
    pub by: By,
    /// The query, each member of the type one parameter.
    pub query: Option<SchemaOf>,
    /// The place in the path, and what stands there, as a pattern.
    pub place: Option<(&'static str, &'static str)>,
    /// The body.
    pub body: Option<SchemaOf>,
    /// The status when all is well.
    pub status: u16,
    /// The answer with that status.
    pub answers: Answers,
    /// Statuses of errors besides those that every operation may have.
    pub errors: &'static [u16],
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The schema itself, to take its members.
fn whole<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

impl Operation {
    const fn reads(route: Route, id: &'static str, tag: &'static str, answer: SchemaOf, summary: &'static str) -> Self {
        Self {
            route,
            id,
            tag,
            summary,
            by: By::Anything,
            query: None,
            place: None,
            body: None,
            status: 200,
            answers: Answers::Json(answer),
            errors: &[],
        }
    }

    const fn by(self, by: By) -> Self {
        Self { by, ..self }
    }

    const fn query(self, query: SchemaOf) -> Self {
        Self { query: Some(query), ..self }
    }

    const fn place(self, name: &'static str, pattern: &'static str) -> Self {
        Self { place: Some((name, pattern)), ..self }
    }

    const fn body(self, body: SchemaOf) -> Self {
        Self { body: Some(body), ..self }
    }

    const fn lines(self, lines: &'static [SchemaOf]) -> Self {
        Self { answers: Answers::Lines(lines), ..self }
    }

    const fn events(self, event: SchemaOf) -> Self {
        Self { answers: Answers::Events(event), ..self }
    }

    const fn created(self) -> Self {
        Self { status: 201, ..self }
    }

    const fn errors(self, errors: &'static [u16]) -> Self {
        Self { errors, ..self }
    }
}

/// The id of a passkey.
const PASSKEY: &str = "^pky_[a-z0-9]{16}$";
/// The id of a request.
const REQUEST: &str = "^req_[a-z0-9]{16}$";

/// The id of a proposal of policies.
const PROPOSAL: &str = "^prp_[a-z0-9]{16}$";

/// The id of an app.
const APP: &str = "^app_[a-z0-9]{16}$";

/// Every operation.
pub const ALL: &[Operation] = &[
    Operation::reads(routes::STATUS, "status", "node", of::<status::Status>, "How the node is"),
    Operation::reads(
        routes::OVERVIEW,
        "overview",
        "node",
        of::<overview::Overview>,
        "What passed and what was stopped over time",
    )
    .query(whole::<overview::Ask>),
    Operation::reads(
        routes::PROJECTS,
        "projects",
        "packages",
        of::<overview::Projects>,
        "The projects that somebody asked for here",
    )
    .query(whole::<overview::Find>)
    .errors(&[404]),
    Operation::reads(routes::EVENTS, "events", "node", of::<events::Marks>, "What changes while one looks")
        .query(whole::<events::Ask>)
        .events(of::<events::Marks>),
    Operation::reads(
        routes::AUTHORITY,
        "authority",
        "node",
        of::<run::Authority>,
        "The root certificate of the node's own authority",
    )
    .errors(&[404]),
    Operation::reads(routes::BACKUP, "backup", "node", of::<backup::Written>, "Writes a backup on the node's machine")
        .body(of::<backup::Ask>)
        .errors(&[409, 422]),
    Operation::reads(
        routes::RESTORE,
        "restore",
        "node",
        of::<restore::Planned>,
        "Takes the running node back to a backup",
    )
    .body(of::<restore::Ask>)
    .errors(&[409, 422]),
    Operation::reads(routes::WHY, "why", "packages", of::<why::Why>, "How a project's releases are judged, and why")
        .query(whole::<why::Ask>)
        .errors(&[404, 502]),
    Operation::reads(routes::LOOK, "look", "packages", of::<look::Look>, "What is known of a release")
        .query(whole::<look::Ask>)
        .errors(&[404, 502]),
    Operation::reads(routes::SCAN, "scan", "packages", of::<scan::Head>, "Has the files of a release looked into")
        .body(of::<scan::Ask>)
        .lines(&[of::<scan::Head>, of::<scan::Scanned>])
        .errors(&[404, 429, 502]),
    Operation::reads(routes::WHO, "who", "packages", of::<who::Who>, "Who received a release and who was refused it")
        .query(whole::<who::Ask>)
        .errors(&[404]),
    Operation::reads(routes::HOLDINGS, "holdings", "packages", of::<holdings::Head>, "What people and machines have")
        .body(of::<holdings::Ask>)
        .lines(&[of::<holdings::Head>, of::<holdings::Holding>])
        .errors(&[404]),
    Operation::reads(
        routes::SETTINGS,
        "settings",
        "node",
        of::<settings::Settings>,
        "The settings in force, and where each came from",
    ),
    Operation::reads(
        routes::ADVISORIES,
        "advisories",
        "packages",
        of::<advisories::Advisories>,
        "How the feeds of advisories are",
    ),
    Operation::reads(
        routes::REFRESH_ADVISORIES,
        "refreshAdvisories",
        "packages",
        of::<advisories::Advisories>,
        "Looks at every feed of advisories now",
    ),
    Operation::reads(
        routes::ACKNOWLEDGE,
        "acknowledge",
        "packages",
        of::<advisories::Advisories>,
        "Says that somebody has seen to what is malicious and was received here",
    )
    .body(of::<advisories::Acknowledge>)
    .errors(&[404]),
    Operation::reads(
        routes::QUARANTINES,
        "quarantines",
        "packages",
        of::<quarantine::Quarantines>,
        "What is stopped here",
    )
    .query(whole::<listing::Page>)
    .errors(&[404]),
    Operation::reads(
        routes::QUARANTINE,
        "quarantine",
        "packages",
        of::<quarantine::Done>,
        "Stops a release, or a project",
    )
    .body(of::<quarantine::Ask>)
    .errors(&[409]),
    Operation::reads(
        routes::LIFT_QUARANTINE,
        "liftQuarantine",
        "packages",
        of::<quarantine::Done>,
        "Lets pass again what was stopped",
    )
    .body(of::<quarantine::Lift>)
    .errors(&[404]),
    Operation::reads(routes::REVIEWS, "reviews", "packages", of::<reviews::Reviews>, "What people say of releases")
        .query(whole::<listing::Page>)
        .errors(&[404]),
    Operation::reads(routes::REVIEW, "review", "packages", of::<reviews::Review>, "Reviews a release")
        .body(of::<reviews::Ask>)
        .errors(&[409]),
    Operation::reads(
        routes::IMPORT_REVIEWS,
        "importReviews",
        "packages",
        of::<reviews::Taken>,
        "Takes reviews over from another company's node",
    )
    .body(of::<reviews::Handed>)
    .errors(&[422]),
    Operation::reads(
        routes::EXCEPTIONS,
        "exceptions",
        "exceptions",
        of::<exceptions::Exceptions>,
        "Every exception there was",
    )
    .query(whole::<listing::Page>)
    .errors(&[404]),
    Operation::reads(
        routes::BREAK_GLASS,
        "breakGlass",
        "exceptions",
        of::<exceptions::Exception>,
        "Makes an exception in an emergency",
    )
    .body(of::<exceptions::Ask>)
    .created()
    .errors(&[404, 409, 502]),
    Operation::reads(
        routes::END_EXCEPTION,
        "endException",
        "exceptions",
        of::<exceptions::Exception>,
        "Ends an exception",
    )
    .place("exception", "^exc_[a-z0-9]{16}$")
    .errors(&[404]),
    Operation::reads(routes::REQUESTS, "requests", "requests", of::<requests::Requests>, "What people asked for")
        .query(whole::<requests::Which>)
        .errors(&[404]),
    Operation::reads(
        routes::REQUEST,
        "request",
        "requests",
        of::<requests::Evidence>,
        "All there is to know before a request is answered",
    )
    .place("request", REQUEST)
    .errors(&[404]),
    Operation::reads(routes::ASK, "ask", "requests", of::<requests::Asked>, "Asks for a release that is stopped")
        .body(of::<requests::Ask>)
        .errors(&[404, 409, 429, 502]),
    Operation::reads(
        routes::OWN_REQUESTS,
        "ownRequests",
        "requests",
        of::<requests::Requests>,
        "What the caller asked for, and the answers",
    )
    .query(whole::<requests::Which>)
    .errors(&[404]),
    Operation::reads(
        routes::WITHDRAW_REQUEST,
        "withdrawRequest",
        "requests",
        of::<requests::Request>,
        "Takes a request of the caller's own back",
    )
    .place("request", REQUEST)
    .errors(&[404]),
    Operation::reads(
        routes::GRANT_REQUEST,
        "grantRequest",
        "requests",
        of::<requests::Answered>,
        "Grants a request by an exception",
    )
    .place("request", REQUEST)
    .body(of::<requests::Grant>)
    .errors(&[404, 409, 502]),
    Operation::reads(
        routes::REFUSE_REQUEST,
        "refuseRequest",
        "requests",
        of::<requests::Answered>,
        "Refuses a request, with words",
    )
    .place("request", REQUEST)
    .body(of::<requests::Refuse>)
    .errors(&[404, 409]),
    Operation::reads(
        routes::LIST_TOKENS,
        "tokens",
        "people",
        of::<tokens::Devices>,
        "The devices that have, or had, a token",
    )
    .query(whole::<listing::Page>)
    .errors(&[404]),
    Operation::reads(
        routes::MAKE_TOKEN,
        "makeToken",
        "people",
        of::<tokens::Made>,
        "Makes a token for a person's machine",
    )
    .body(of::<tokens::Ask>)
    .created()
    .errors(&[409]),
    Operation::reads(routes::REVOKE_TOKEN, "revokeToken", "people", of::<tokens::Revoked>, "Ends a device's token")
        .place("device", "^dev_[a-z0-9]{16}$")
        .errors(&[404]),
    Operation::reads(
        routes::ERASE_PERSON,
        "erasePerson",
        "people",
        of::<people::Erased>,
        "Destroys the keys of a person's values in the records",
    )
    .body(of::<people::Erase>)
    .errors(&[404]),
    Operation::reads(routes::LOG_IN, "logIn", "account", of::<account::LoggedIn>, "Logs in, for a browser")
        .by(By::Nothing)
        .body(of::<account::LogIn>)
        .errors(&[429]),
    Operation::reads(routes::WAYS, "ways", "account", of::<account::Ways>, "By what one can log in").by(By::Nothing),
    Operation::reads(
        routes::ASK_FOR_PASSKEY,
        "askForPasskey",
        "account",
        of::<passkeys::Question>,
        "Asks a browser for a passkey",
    )
    .by(By::Nothing)
    .errors(&[409]),
    Operation::reads(
        routes::LOG_IN_BY_PASSKEY,
        "logInByPasskey",
        "account",
        of::<account::LoggedIn>,
        "Logs in by a passkey, for a browser",
    )
    .by(By::Nothing)
    .body(of::<passkeys::Shown>)
    .errors(&[409, 429]),
    Operation::reads(
        routes::OFFER_PASSKEY,
        "offerPasskey",
        "account",
        of::<passkeys::Offer>,
        "Asks a browser to make one more passkey",
    )
    .by(By::Session)
    .errors(&[409]),
    Operation::reads(routes::ADD_PASSKEY, "addPasskey", "account", of::<passkeys::Passkey>, "Keeps one more passkey")
        .by(By::Session)
        .body(of::<passkeys::Made>)
        .created()
        .errors(&[409, 422]),
    Operation::reads(
        routes::REMOVE_PASSKEY,
        "removePasskey",
        "account",
        of::<passkeys::Removed>,
        "Removes one of the caller's own passkeys",
    )
    .by(By::Session)
    .place("passkey", PASSKEY)
    .errors(&[404, 409]),
    Operation::reads(
        routes::ADD_PROVIDER,
        "addProvider",
        "account",
        of::<account::LeadsTo>,
        "Begins to add a provider to the caller's own account",
    )
    .by(By::Session)
    .place("provider", "^[a-z0-9-]{1,32}$")
    .errors(&[404]),
    Operation::reads(routes::LOG_OUT, "logOut", "account", of::<account::Ended>, "Ends the session that asks")
        .by(By::Session),
    Operation::reads(routes::STEP_UP, "stepUp", "account", of::<account::LoggedIn>, "Shows a second factor anew")
        .by(By::Session)
        .body(of::<account::StepUp>)
        .errors(&[404, 429]),
    Operation::reads(
        routes::CHANGE_PASSWORD,
        "changePassword",
        "account",
        of::<account::Ended>,
        "Takes another password; the account's other sessions end",
    )
    .by(By::Session)
    .body(of::<account::ChangePassword>)
    .errors(&[409, 422, 429]),
    Operation::reads(routes::ACCOUNT, "account", "account", of::<account::Account>, "The caller's own account")
        .by(By::Session),
    Operation::reads(
        routes::END_SESSION,
        "endSession",
        "account",
        of::<account::Ended>,
        "Ends one of the caller's own sessions",
    )
    .by(By::Session)
    .place("session", "^ses_[a-z0-9]{16}$")
    .errors(&[404]),
    Operation::reads(
        routes::OPEN_LINK,
        "openLink",
        "account",
        of::<account::Welcome>,
        "Looks at a link that opens once",
    )
    .by(By::Nothing)
    .body(of::<account::OpenLink>)
    .errors(&[429]),
    Operation::reads(routes::JOIN, "join", "account", of::<account::Joined>, "Makes an account by a link")
        .by(By::Nothing)
        .body(of::<account::Join>)
        .created()
        .errors(&[409, 422, 429]),
    Operation::reads(routes::INVITE, "invite", "people", of::<account::Invited>, "Makes a link for somebody")
        .body(of::<account::Invite>)
        .created(),
    Operation::reads(
        routes::FIRST_LINK,
        "firstLink",
        "people",
        of::<account::Invited>,
        "Makes the link for the first steward",
    )
    .created()
    .errors(&[409]),
    Operation::reads(
        routes::RIGHTS,
        "rights",
        "people",
        of::<rights::Rights>,
        "What people's rights were used for, and fewer that would do",
    )
    .body(of::<rights::Ask>),
    Operation::reads(
        routes::IMPORT_PREVIEW,
        "previewImport",
        "people",
        of::<import::Imported>,
        "What a list of people would change",
    )
    .body(of::<import::Ask>),
    Operation::reads(
        routes::IMPORT_PEOPLE,
        "importPeople",
        "people",
        of::<import::Imported>,
        "Takes a list of people over",
    )
    .body(of::<import::Ask>)
    .errors(&[422]),
    Operation::reads(routes::SESSIONS, "sessions", "people", of::<account::Sessions>, "Where a person is logged in")
        .body(of::<account::Whom>)
        .errors(&[404]),
    Operation::reads(
        routes::CARD,
        "personCard",
        "people",
        of::<people::Card>,
        "How a person logs in, and what they have here",
    )
    .body(of::<account::Whom>)
    .errors(&[404]),
    Operation::reads(
        routes::END_SESSIONS,
        "endSessions",
        "people",
        of::<account::Ended>,
        "Ends all sessions of a person",
    )
    .body(of::<account::Whom>)
    .errors(&[404]),
    Operation::reads(
        routes::END_LOGIN,
        "endLogin",
        "people",
        of::<account::LoginEnded>,
        "Ends one way by which a person logs in",
    )
    .body(of::<account::EndLogin>)
    .errors(&[404]),
    Operation::reads(routes::LEAVER, "leaver", "people", of::<account::Leaver>, "What would end if a person left")
        .body(of::<account::Whom>)
        .errors(&[404]),
    Operation::reads(routes::LEAVE, "leave", "people", of::<account::Leaver>, "Ends what a person has here")
        .body(of::<account::Whom>)
        .errors(&[404]),
    Operation::reads(
        routes::PEOPLE,
        "people",
        "people",
        of::<people::People>,
        "Everybody known, their roles and groups",
    )
    .query(whole::<people::Find>)
    .errors(&[404]),
    Operation::reads(routes::GIVE_ROLE, "giveRole", "people", of::<people::Changed>, "Gives a person a role")
        .body(of::<people::ChangeRole>)
        .errors(&[404, 409]),
    Operation::reads(routes::TAKE_ROLE, "takeRole", "people", of::<people::Changed>, "Takes a role from a person")
        .body(of::<people::ChangeRole>)
        .errors(&[404]),
    Operation::reads(routes::JOIN_GROUP, "joinGroup", "people", of::<people::Changed>, "Puts a person into a group")
        .body(of::<people::ChangeGroup>)
        .errors(&[404, 409]),
    Operation::reads(
        routes::LEAVE_GROUP,
        "leaveGroup",
        "people",
        of::<people::Changed>,
        "Takes a person out of a group",
    )
    .body(of::<people::ChangeGroup>)
    .errors(&[404, 409]),
    Operation::reads(routes::APPS, "apps", "apps", of::<apps::Apps>, "Every app that people registered")
        .query(whole::<listing::Page>)
        .errors(&[404]),
    Operation::reads(
        routes::OWN_APPS,
        "ownApps",
        "apps",
        of::<apps::Apps>,
        "The apps that the caller owns, or has when their owner leaves",
    )
    .query(whole::<listing::Page>)
    .errors(&[404]),
    Operation::reads(routes::REGISTER_APP, "registerApp", "apps", of::<apps::App>, "Registers an app")
        .body(of::<apps::Register>)
        .created()
        .errors(&[404, 409]),
    Operation::reads(
        routes::CHANGE_APP,
        "changeApp",
        "apps",
        of::<apps::App>,
        "Changes what is said about an app, or its successor",
    )
    .place("app", APP)
    .body(of::<apps::Change>)
    .errors(&[404]),
    Operation::reads(routes::HAND_OVER_APP, "handOverApp", "apps", of::<apps::App>, "Gives an app to another owner")
        .place("app", APP)
        .body(of::<apps::HandOver>)
        .errors(&[404]),
    Operation::reads(routes::APP_USED, "appUsed", "apps", of::<apps::Used>, "What an app fetched and was refused")
        .place("app", APP)
        .errors(&[404]),
    Operation::reads(routes::END_APP, "endApp", "apps", of::<apps::App>, "Ends an app with its keys")
        .place("app", APP)
        .errors(&[404]),
    Operation::reads(routes::KEYS, "keys", "apps", of::<keys::Keys>, "Every key, without secrets")
        .query(whole::<listing::Page>)
        .errors(&[404]),
    Operation::reads(
        routes::OWN_KEYS,
        "ownKeys",
        "apps",
        of::<keys::Keys>,
        "The caller's own keys and those of their apps",
    )
    .query(whole::<listing::Page>)
    .errors(&[404]),
    Operation::reads(routes::MAKE_KEY, "makeKey", "apps", of::<keys::Made>, "Makes a key for an app, or for oneself")
        .body(of::<keys::Ask>)
        .created()
        .errors(&[404, 409]),
    Operation::reads(routes::REVOKE_KEY, "revokeKey", "apps", of::<keys::Revoked>, "Ends a key")
        .place("key", "^key_[a-z0-9]{16}$")
        .errors(&[404]),
    Operation::reads(routes::POLICIES, "policies", "policies", of::<policies::PolicySet>, "The policies in force"),
    Operation::reads(
        routes::SIMULATE,
        "simulatePolicies",
        "policies",
        of::<simulate::Simulated>,
        "What policies would have decided",
    )
    .body(of::<simulate::Ask>),
    Operation::reads(
        routes::POLICY,
        "policy",
        "policies",
        of::<policies::Written>,
        "One policy in force, as it is written",
    )
    .place("policy", "^[A-Za-z0-9._-]{1,64}$")
    .errors(&[404]),
    Operation::reads(
        routes::CHECK_POLICIES,
        "checkPolicies",
        "policies",
        of::<publishing::Checked>,
        "What is wrong with a set of policy files",
    )
    .body(of::<publishing::Check>),
    Operation::reads(
        routes::EXPLAIN,
        "explainAttempt",
        "policies",
        of::<explain::Explained>,
        "Why an attempt is judged as it is, or would be",
    )
    .body(of::<explain::Ask>)
    .errors(&[422]),
    Operation::reads(
        routes::POLICY_VERSIONS,
        "policyVersions",
        "policies",
        of::<publishing::Versions>,
        "The sets of policies that were in force",
    ),
    Operation::reads(
        routes::POLICY_VERSION,
        "policyVersion",
        "policies",
        of::<publishing::VersionText>,
        "A set of policies that was in force, with its files and what it changed",
    )
    .place("version", "^(now|[1-9][0-9]{0,8})$")
    .query(whole::<publishing::Against>)
    .errors(&[404]),
    Operation::reads(
        routes::PROPOSE_POLICIES,
        "proposePolicies",
        "policies",
        of::<publishing::Proposal>,
        "Proposes a set of policies",
    )
    .body(of::<publishing::Propose>)
    .created()
    .errors(&[404, 409, 422, 429]),
    Operation::reads(
        routes::PROPOSALS,
        "proposals",
        "policies",
        of::<publishing::Proposals>,
        "What people propose as policies",
    )
    .query(whole::<publishing::Which>),
    Operation::reads(
        routes::PROPOSAL,
        "proposal",
        "policies",
        of::<publishing::ProposalText>,
        "All there is to know before a proposal is answered",
    )
    .place("proposal", PROPOSAL)
    .errors(&[404]),
    Operation::reads(
        routes::APPROVE_PROPOSAL,
        "approveProposal",
        "policies",
        of::<publishing::Proposal>,
        "Approves a proposal and puts it in force",
    )
    .place("proposal", PROPOSAL)
    .body(of::<publishing::Approve>)
    .errors(&[404, 409, 422]),
    Operation::reads(
        routes::REFUSE_PROPOSAL,
        "refuseProposal",
        "policies",
        of::<publishing::Proposal>,
        "Refuses a proposal, with words",
    )
    .place("proposal", PROPOSAL)
    .body(of::<publishing::Refuse>)
    .errors(&[404, 409]),
    Operation::reads(
        routes::WITHDRAW_PROPOSAL,
        "withdrawProposal",
        "policies",
        of::<publishing::Proposal>,
        "Takes a proposal of the caller's own back",
    )
    .place("proposal", PROPOSAL)
    .errors(&[404]),
    Operation::reads(
        routes::SHOW_RECORDS,
        "showRecords",
        "ledger",
        of::<ledger::Head>,
        "The newest records that fit, with the names in them",
    )
    .body(of::<ledger::Ask>)
    .lines(&[of::<ledger::Head>, of::<ledger::Line>, of::<ledger::SoFar>]),
    Operation::reads(
        routes::PAGE_RECORDS,
        "pageRecords",
        "ledger",
        of::<activity::Page>,
        "The record a page at a time, the newest first, with the names in it",
    )
    .body(of::<activity::Ask>),
    Operation::reads(
        routes::EXPORT_RECORDS,
        "exportRecords",
        "ledger",
        of::<ledger::Head>,
        "Records as they are stored",
    )
    .body(of::<ledger::Range>)
    .lines(&[of::<ledger::Head>]),
    Operation::reads(
        routes::PROVE_RECORD,
        "proveRecord",
        "ledger",
        of::<ledger::Proof>,
        "The proof that a record is in the ledger",
    )
    .place("record", "^[0-9]{1,19}$")
    .errors(&[404]),
];
