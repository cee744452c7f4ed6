//! Every route of the admin API: its method and its path.
//!
//! A path may hold places in braces, `{device}`, as axum's router reads them; [`Route::path_with`] fills them. A test
//! of the node walks [`ALL`] and fails where a route lacks authorisation or a record.

use std::fmt;

/// The HTTP method of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or does.
    Post,
    /// Takes away.
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// One route: method and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path from the root, with places in braces.
    pub path: &'static str,
}

impl Route {
    const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path }
    }

    const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path }
    }

    const fn delete(path: &'static str) -> Self {
        Self { method: Method::Delete, path }
    }

    /// Whether a call under an `Idempotency-Key` is made once: of what is made or done. Not of what reads by POST, and not where
    /// the answer is more than its body: a session's cookie, or another state of the node.
    pub fn takes_idempotency_key(self) -> bool {
        const READS: &[Route] = &[
            HOLDINGS,
            SCAN,
            SIMULATE,
            CHECK_POLICIES,
            EXPLAIN,
            RIGHTS,
            SESSIONS,
            CARD,
            LEAVER,
            IMPORT_PREVIEW,
            SHOW_RECORDS,
            PAGE_RECORDS,
            EXPORT_RECORDS,
            RESTORE,
        ];
        let of_sessions = ["/v1/login", "/v1/logout", "/v1/step-up", "/v1/welcome", "/v1/account"];
        self.method == Method::Post
            && !READS.contains(&self)
            && !of_sessions.iter().any(|begin| self.path.starts_with(begin))
    }

    /// The path with its one place filled; the value is percent-encoded, so that it stays one segment.
    pub fn path_with(self, value: &str) -> String {
        let Some((before, rest)) = self.path.split_once('{') else { return self.path.to_owned() };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let mut out = before.to_owned();
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out + after
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

/// How the node is: answers [`crate::Status`].
pub const STATUS: Route = Route::get("/v1/status");
/// What passed and what was stopped over time: query [`crate::overview::Ask`], answers [`crate::overview::Overview`].
pub const OVERVIEW: Route = Route::get("/v1/overview");
/// The projects that somebody asked for here: query [`crate::overview::Find`], answers [`crate::overview::Projects`].
pub const PROJECTS: Route = Route::get("/v1/projects");
/// What changes while one looks, as server-sent events: query [`crate::events::Ask`], each event a [`crate::events::Marks`].
pub const EVENTS: Route = Route::get("/v1/events");
/// What a project's releases are judged to be, and why: query [`crate::why::Ask`], answers [`crate::Why`].
pub const WHY: Route = Route::get("/v1/why");
/// What is known of a release: query [`crate::look::Ask`], answers [`crate::look::Look`].
pub const LOOK: Route = Route::get("/v1/look");
/// Has a release looked into, as JSON lines: body [`crate::scan::Ask`], a [`crate::scan::Head`], then a [`crate::scan::Scanned`] a
/// file. A POST, because the node fetches what it does not have.
pub const SCAN: Route = Route::post("/v1/scan");
/// Who fetched a release and who was refused it: query [`crate::who::Ask`], answers [`crate::Who`].
pub const WHO: Route = Route::get("/v1/who");
/// What people and machines have, as JSON lines: body [`crate::holdings::Ask`], a [`crate::holdings::Head`], then a
/// [`crate::holdings::Holding`] a line; 404 where no such person or machine is known. A POST, because it may name a person.
pub const HOLDINGS: Route = Route::post("/v1/holdings");
/// How the feeds of advisories are: answers [`crate::advisories::Advisories`].
pub const ADVISORIES: Route = Route::get("/v1/advisories");
/// Looks at every feed of advisories now: answers [`crate::advisories::Advisories`] when that is done.
pub const REFRESH_ADVISORIES: Route = Route::post("/v1/advisories/refresh");
/// Says that somebody has seen to what an advisory calls malicious and was received here: body
/// [`crate::advisories::Acknowledge`], answers [`crate::advisories::Advisories`]; 404 where nothing of it was received.
pub const ACKNOWLEDGE: Route = Route::post("/v1/advisories/acknowledge");
/// Makes a device token: body [`crate::tokens::Ask`], answers [`crate::tokens::Made`] with status 201.
pub const MAKE_TOKEN: Route = Route::post("/v1/tokens");
/// The devices that have tokens: answers [`crate::tokens::Devices`].
pub const LIST_TOKENS: Route = Route::get("/v1/tokens");
/// Ends a device's token: answers [`crate::tokens::Revoked`]; 404 where no such device is known.
pub const REVOKE_TOKEN: Route = Route::delete("/v1/tokens/{device}");
/// Destroys the keys of a person's values in the records: body [`crate::people::Erase`], answers [`crate::people::Erased`].
pub const ERASE_PERSON: Route = Route::post("/v1/erase");
/// Logs in: body [`crate::account::LogIn`], answers [`crate::account::LoggedIn`] and the session's cookie; 401 where something is
/// wrong, 429 after too many tries.
pub const LOG_IN: Route = Route::post("/v1/login");
/// By what one can log in: answers [`crate::account::Ways`].
pub const WAYS: Route = Route::get("/v1/login/ways");
/// Asks for a passkey, to log in or to show a second factor: answers [`crate::passkeys::Question`]; 409 where this node can have none.
pub const ASK_FOR_PASSKEY: Route = Route::post("/v1/login/passkey/question");
/// Logs in by a passkey: body [`crate::passkeys::Shown`], answers [`crate::account::LoggedIn`] and the session's cookie; 401 where it
/// is not taken.
pub const LOG_IN_BY_PASSKEY: Route = Route::post("/v1/login/passkey");
/// Offers to keep one more passkey: answers [`crate::passkeys::Offer`].
pub const OFFER_PASSKEY: Route = Route::post("/v1/account/passkeys/offer");
/// Keeps one more passkey: body [`crate::passkeys::Made`], answers [`crate::passkeys::Passkey`] with status 201.
pub const ADD_PASSKEY: Route = Route::post("/v1/account/passkeys");
/// Removes one of one's own passkeys: answers [`crate::passkeys::Removed`]; 409 where it is the only way to log in.
pub const REMOVE_PASSKEY: Route = Route::delete("/v1/account/passkeys/{passkey}");
/// Begins to add a provider to one's own account: answers [`crate::account::LeadsTo`] and a cookie for the way back; 404 where the
/// settings name none like that.
pub const ADD_PROVIDER: Route = Route::post("/v1/account/providers/{provider}");
/// Ends the session that asks: answers [`crate::account::Ended`].
pub const LOG_OUT: Route = Route::post("/v1/logout");
/// Shows a second factor anew: body [`crate::account::StepUp`], answers [`crate::account::LoggedIn`] and another cookie.
pub const STEP_UP: Route = Route::post("/v1/step-up");
/// One's own account: answers [`crate::account::Account`].
pub const ACCOUNT: Route = Route::get("/v1/account");
/// Takes another password: body [`crate::account::ChangePassword`], answers [`crate::account::Ended`], the other sessions; 401 where
/// the one that holds is not shown, 422 where the new one is not taken.
pub const CHANGE_PASSWORD: Route = Route::post("/v1/account/password");
/// Ends one of one's own sessions: answers [`crate::account::Ended`].
pub const END_SESSION: Route = Route::delete("/v1/account/sessions/{session}");
/// Looks at a link: body [`crate::account::OpenLink`], answers [`crate::account::Welcome`].
pub const OPEN_LINK: Route = Route::post("/v1/welcome");
/// Uses a link: body [`crate::account::Join`], answers [`crate::account::Joined`] with status 201 and the session's cookie.
pub const JOIN: Route = Route::post("/v1/welcome/join");
/// Invites somebody: body [`crate::account::Invite`], answers [`crate::account::Invited`] with status 201.
pub const INVITE: Route = Route::post("/v1/invitations");
/// Makes the link for the first steward: answers [`crate::account::Invited`] with status 201; 409 where a steward can log in.
pub const FIRST_LINK: Route = Route::post("/v1/first-link");
/// What people's rights were used for, and fewer that would do: body [`crate::rights::Ask`], answers [`crate::rights::Rights`].
pub const RIGHTS: Route = Route::post("/v1/rights");
/// What a list of people would change: body [`crate::import::Ask`], answers [`crate::import::Imported`].
pub const IMPORT_PREVIEW: Route = Route::post("/v1/people/import/preview");
/// Takes a list of people over: body [`crate::import::Ask`], answers [`crate::import::Imported`]; 422 where a line cannot be taken.
pub const IMPORT_PEOPLE: Route = Route::post("/v1/people/import");
/// A person's sessions: body [`crate::account::Whom`], answers [`crate::account::Sessions`].
pub const SESSIONS: Route = Route::post("/v1/people/sessions");
/// How a person logs in, and what they have here: body [`crate::account::Whom`], answers [`crate::people::Card`].
pub const CARD: Route = Route::post("/v1/people/card");
/// Ends all sessions of a person: body [`crate::account::Whom`], answers [`crate::account::Ended`].
pub const END_SESSIONS: Route = Route::post("/v1/people/sessions/end");
/// Ends one way by which a person logs in: body [`crate::account::EndLogin`], answers [`crate::account::LoginEnded`]; 404 where they
/// have none like that.
pub const END_LOGIN: Route = Route::post("/v1/people/logins/end");
/// What would stop if a person left: body [`crate::account::Whom`], answers [`crate::account::Leaver`].
pub const LEAVER: Route = Route::post("/v1/leavers/preview");
/// Ends what a person has here: body [`crate::account::Whom`], answers [`crate::account::Leaver`], what it was.
pub const LEAVE: Route = Route::post("/v1/leavers");
/// Everybody known, with their roles and groups: answers [`crate::people::People`].
pub const PEOPLE: Route = Route::get("/v1/people");
/// The settings in force: answers [`crate::settings::Settings`].
pub const SETTINGS: Route = Route::get("/v1/settings");
/// Gives a role: body [`crate::people::ChangeRole`], answers [`crate::people::Changed`].
pub const GIVE_ROLE: Route = Route::post("/v1/roles");
/// Takes a role: body [`crate::people::ChangeRole`], answers [`crate::people::Changed`].
pub const TAKE_ROLE: Route = Route::post("/v1/roles/take");
/// Puts a person into a group: body [`crate::people::ChangeGroup`], answers [`crate::people::Changed`].
pub const JOIN_GROUP: Route = Route::post("/v1/groups");
/// Takes a person out of a group: body [`crate::people::ChangeGroup`], answers [`crate::people::Changed`].
pub const LEAVE_GROUP: Route = Route::post("/v1/groups/leave");
/// Writes a backup on the node's machine: body [`crate::backup::Ask`], answers [`crate::backup::Written`].
pub const BACKUP: Route = Route::post("/v1/backup");
/// Takes the running node back to a backup: body [`crate::restore::Ask`], answers [`crate::restore::Planned`] and goes over.
pub const RESTORE: Route = Route::post("/v1/restore");
/// The policies in force: answers [`crate::policies::PolicySet`].
pub const POLICIES: Route = Route::get("/v1/policies");
/// What policies would have decided: body [`crate::simulate::Ask`], answers [`crate::simulate::Simulated`].
pub const SIMULATE: Route = Route::post("/v1/policies/simulate");
/// One policy in force with its text: answers [`crate::policies::Written`]; 404 where none of that id is in force.
pub const POLICY: Route = Route::get("/v1/policies/{policy}");
/// What is wrong with a set of policy files: body [`crate::publishing::Check`], answers [`crate::publishing::Checked`].
pub const CHECK_POLICIES: Route = Route::post("/v1/policy-check");
/// Why an attempt is judged as it is, by the policies in force or by others: body [`crate::explain::Ask`], answers
/// [`crate::explain::Explained`]; 422 where the policies have a fault.
pub const EXPLAIN: Route = Route::post("/v1/policy-explain");
/// The sets of policies that were in force: answers [`crate::publishing::Versions`].
pub const POLICY_VERSIONS: Route = Route::get("/v1/policy-versions");
/// One of them with its files and what it changed, `now` for the one in force: query [`crate::publishing::Against`], answers
/// [`crate::publishing::VersionText`]; 404 where it is not kept.
pub const POLICY_VERSION: Route = Route::get("/v1/policy-versions/{version}");
/// Proposes a set of policies: body [`crate::publishing::Propose`], answers [`crate::publishing::Proposal`] with status 201; 404 where
/// a version to go back to is not kept, 409 where another version is in force than it was made on, 422 where it has a fault.
pub const PROPOSE_POLICIES: Route = Route::post("/v1/policy-proposals");
/// What people propose: query [`crate::publishing::Which`], answers [`crate::publishing::Proposals`].
pub const PROPOSALS: Route = Route::get("/v1/policy-proposals");
/// All there is to know before a proposal is answered: answers [`crate::publishing::ProposalText`]; 404 where there is none.
pub const PROPOSAL: Route = Route::get("/v1/policy-proposals/{proposal}");
/// Approves a proposal and puts it in force: body [`crate::publishing::Approve`], answers [`crate::publishing::Proposal`]; 404 where
/// there is none, 409 where it does not wait, another version is in force than it was made on, or the folder cannot be written.
pub const APPROVE_PROPOSAL: Route = Route::post("/v1/policy-proposals/{proposal}/approve");
/// Refuses a proposal: body [`crate::publishing::Refuse`], answers [`crate::publishing::Proposal`]; 404 where there is none, 409 where
/// it does not wait.
pub const REFUSE_PROPOSAL: Route = Route::post("/v1/policy-proposals/{proposal}/refuse");
/// Takes a proposal of the caller's own back: answers [`crate::publishing::Proposal`]; 404 where none of that id waits.
pub const WITHDRAW_PROPOSAL: Route = Route::delete("/v1/policy-proposals/{proposal}");
/// The root certificate of the node's own authority: answers [`crate::run::Authority`]; 404 where it has none.
pub const AUTHORITY: Route = Route::get("/v1/ca");

/// Registers an app: body [`crate::apps::Register`], answers [`crate::apps::App`] with status 201; 404 where the owner or successor is
/// not known, 409 where one has too many.
pub const REGISTER_APP: Route = Route::post("/v1/apps");
/// Every app: answers [`crate::apps::Apps`].
pub const APPS: Route = Route::get("/v1/apps");
/// The apps that the caller owns, or has when their owner leaves: answers [`crate::apps::Apps`].
pub const OWN_APPS: Route = Route::get("/v1/apps/own");
/// Changes what is said about an app, or its successor: body [`crate::apps::Change`], answers [`crate::apps::App`]; 404 where there is
/// none.
pub const CHANGE_APP: Route = Route::post("/v1/apps/{app}/change");
/// Gives an app to another owner: body [`crate::apps::HandOver`], answers [`crate::apps::App`]; 404 where there is none.
pub const HAND_OVER_APP: Route = Route::post("/v1/apps/{app}/hand-over");
/// What an app fetched and was refused, for its owner and whoever may see who has what: answers [`crate::apps::Used`]; 404 where
/// there is none.
pub const APP_USED: Route = Route::get("/v1/apps/{app}/used");
/// Ends an app with its keys: answers [`crate::apps::App`]; 404 where there is none.
pub const END_APP: Route = Route::delete("/v1/apps/{app}");
/// Makes a key: body [`crate::keys::Ask`], answers [`crate::keys::Made`] with status 201; 404 where there is no such app, 409 where
/// there are too many.
pub const MAKE_KEY: Route = Route::post("/v1/keys");
/// Every key, without secrets: answers [`crate::keys::Keys`].
pub const KEYS: Route = Route::get("/v1/keys");
/// The caller's own keys and those of their apps: answers [`crate::keys::Keys`].
pub const OWN_KEYS: Route = Route::get("/v1/keys/own");
/// Ends a key: answers [`crate::keys::Revoked`]; 404 where there is none.
pub const REVOKE_KEY: Route = Route::delete("/v1/keys/{key}");

/// Stops a release or a project: body [`crate::quarantine::Ask`], answers [`crate::quarantine::Done`].
pub const QUARANTINE: Route = Route::post("/v1/quarantines");
/// What is stopped: answers [`crate::quarantine::Quarantines`].
pub const QUARANTINES: Route = Route::get("/v1/quarantines");
/// Lets pass again what was stopped: body [`crate::quarantine::Lift`], answers [`crate::quarantine::Done`]; 404 where it is not
/// stopped under that purl.
pub const LIFT_QUARANTINE: Route = Route::post("/v1/quarantines/lift");
/// Makes an exception in an emergency: body [`crate::exceptions::Ask`], answers [`crate::exceptions::Exception`] with status 201;
/// 409 where nothing stands in the way, or what never gives way.
pub const BREAK_GLASS: Route = Route::post("/v1/exceptions");
/// Every exception there was: answers [`crate::exceptions::Exceptions`].
pub const EXCEPTIONS: Route = Route::get("/v1/exceptions");
/// Ends an exception: answers [`crate::exceptions::Exception`]; 404 where none of that id holds.
pub const END_EXCEPTION: Route = Route::delete("/v1/exceptions/{exception}");

/// Asks for a release that is stopped: body [`crate::requests::Ask`], answers [`crate::requests::Asked`]; 409 where nothing stops it, or what never gives way; 429 where too much was asked.
pub const ASK: Route = Route::post("/v1/requests");
/// What the caller asked for: answers [`crate::requests::Requests`], and puts down that the answers were seen.
pub const OWN_REQUESTS: Route = Route::get("/v1/requests/own");
/// Takes a request of the caller's own back: answers [`crate::requests::Request`]; 404 where none of that id waits.
pub const WITHDRAW_REQUEST: Route = Route::delete("/v1/requests/own/{request}");
/// What people asked for: query [`crate::requests::Which`], answers [`crate::requests::Requests`].
pub const REQUESTS: Route = Route::get("/v1/requests");
/// All there is to know before a request is answered: answers [`crate::requests::Evidence`]; 404 where there is no such request.
pub const REQUEST: Route = Route::get("/v1/requests/{request}");
/// Grants a request: body [`crate::requests::Grant`], answers [`crate::requests::Answered`]; 404 where there is no such request,
/// 409 where it does not wait, nothing stops it now, or what never gives way.
pub const GRANT_REQUEST: Route = Route::post("/v1/requests/{request}/grant");
/// Refuses a request: body [`crate::requests::Refuse`], answers [`crate::requests::Answered`]; 404 where there is no such request,
/// 409 where it does not wait.
pub const REFUSE_REQUEST: Route = Route::post("/v1/requests/{request}/refuse");

/// Reviews a release: body [`crate::reviews::Ask`], answers [`crate::reviews::Review`].
pub const REVIEW: Route = Route::post("/v1/reviews");
/// Every review: answers [`crate::reviews::Reviews`].
pub const REVIEWS: Route = Route::get("/v1/reviews");
/// Takes reviews over from another company's node: body [`crate::reviews::Handed`], answers [`crate::reviews::Taken`]; 422 where
/// one of them is not signed by that key.
pub const IMPORT_REVIEWS: Route = Route::post("/v1/reviews/import");

/// The newest records that fit, names opened, as JSON lines: body [`crate::ledger::Ask`]. A POST, because it may name a
/// person, and an address is no place for a name.
pub const SHOW_RECORDS: Route = Route::post("/v1/ledger/show");
/// The record a page at a time, the newest first, names opened: body [`crate::activity::Ask`], answers [`crate::activity::Page`].
pub const PAGE_RECORDS: Route = Route::post("/v1/ledger/page");
/// Records as they are stored, a line each behind the head's: body [`crate::ledger::Range`].
pub const EXPORT_RECORDS: Route = Route::post("/v1/ledger/export");
/// The proof of one record: answers [`crate::ledger::Proof`]; 404 where there is no such record.
pub const PROVE_RECORD: Route = Route::get("/v1/ledger/proof/{record}");

/// Every route, for tests that enumerate and for the document made of them.
pub const ALL: &[Route] = &[
    STATUS,
    OVERVIEW,
    PROJECTS,
    EVENTS,
    WHY,
    WHO,
    LOOK,
    SCAN,
    HOLDINGS,
    SETTINGS,
    ADVISORIES,
    REFRESH_ADVISORIES,
    ACKNOWLEDGE,
    MAKE_TOKEN,
    LIST_TOKENS,
    REVOKE_TOKEN,
    ERASE_PERSON,
    LOG_IN,
    LOG_OUT,
    STEP_UP,
    ACCOUNT,
    CHANGE_PASSWORD,
    WAYS,
    ASK_FOR_PASSKEY,
    LOG_IN_BY_PASSKEY,
    OFFER_PASSKEY,
    ADD_PASSKEY,
    REMOVE_PASSKEY,
    ADD_PROVIDER,
    END_SESSION,
    OPEN_LINK,
    JOIN,
    INVITE,
    FIRST_LINK,
    RIGHTS,
    IMPORT_PREVIEW,
    IMPORT_PEOPLE,
    SESSIONS,
    CARD,
    END_SESSIONS,
    END_LOGIN,
    LEAVER,
    LEAVE,
    PEOPLE,
    GIVE_ROLE,
    TAKE_ROLE,
    JOIN_GROUP,
    LEAVE_GROUP,
    BACKUP,
    RESTORE,
    POLICIES,
    POLICY,
    CHECK_POLICIES,
    EXPLAIN,
    POLICY_VERSIONS,
    POLICY_VERSION,
    PROPOSE_POLICIES,
    PROPOSALS,
    PROPOSAL,
    APPROVE_PROPOSAL,
    REFUSE_PROPOSAL,
    WITHDRAW_PROPOSAL,
    SIMULATE,
    AUTHORITY,
    REGISTER_APP,
    APPS,
    OWN_APPS,
    CHANGE_APP,
    HAND_OVER_APP,
    END_APP,
    APP_USED,
    MAKE_KEY,
    KEYS,
    OWN_KEYS,
    REVOKE_KEY,
    QUARANTINE,
    QUARANTINES,
    LIFT_QUARANTINE,
    BREAK_GLASS,
    EXCEPTIONS,
    END_EXCEPTION,
    ASK,
    OWN_REQUESTS,
    WITHDRAW_REQUEST,
    REQUESTS,
    REQUEST,
    GRANT_REQUEST,
    REFUSE_REQUEST,
    REVIEW,
    REVIEWS,
    IMPORT_REVIEWS,
    SHOW_RECORDS,
    PAGE_RECORDS,
    EXPORT_RECORDS,
    PROVE_RECORD,
];
