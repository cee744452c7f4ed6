//! What can be done at the console, as the policy schema names it. Who may is for policies to say.

use fanlight_base::Action;

/// See how the node is.
pub const READ_STATUS: Action = Action::new("console:read-status");
/// Ask why a release is judged as it is.
pub const READ_PACKAGES: Action = Action::new("console:read-packages");
/// Have a release looked into, also one that is refused.
pub const SCAN: Action = Action::new("console:scan");
/// Ask who fetched what.
pub const READ_PEOPLE: Action = Action::new("console:read-people");
/// Read the ledger: records shown with their names, records as stored, the proof of one.
pub const READ_LEDGER: Action = Action::new("console:read-ledger");
/// See what rights were used for.
pub const READ_RIGHTS: Action = Action::new("console:read-rights");
/// Read the policies in force.
pub const READ_POLICIES: Action = Action::new("console:read-policies");
/// Propose policies.
pub const PROPOSE_POLICIES: Action = Action::new("console:propose-policies");
/// Take such a proposal back.
pub const WITHDRAW_PROPOSAL: Action = Action::new("console:withdraw-proposal");
/// Refuse one.
pub const REFUSE_PROPOSAL: Action = Action::new("console:refuse-proposal");
/// Approve one, which puts it in force.
pub const PUBLISH_POLICIES: Action = Action::new("console:publish-policies");
/// Read how the feeds of advisories are.
pub const READ_ADVISORIES: Action = Action::new("console:read-advisories");
/// Look at the settings in force.
pub const READ_SETTINGS: Action = Action::new("console:read-settings");
/// Have the feeds of advisories read now.
pub const REFRESH_ADVISORIES: Action = Action::new("console:refresh-advisories");
/// Say that somebody has seen to what is malicious and was received here.
pub const ACKNOWLEDGE: Action = Action::new("console:acknowledge");
/// Make a device token.
pub const ISSUE_TOKEN: Action = Action::new("console:issue-token");
/// End a device token.
pub const REVOKE_TOKEN: Action = Action::new("console:revoke-token");
/// Destroy the keys of a person's values.
pub const ERASE_PERSON: Action = Action::new("console:erase-person");
/// Give a role.
pub const GIVE_ROLE: Action = Action::new("console:give-role");
/// Take a role.
pub const TAKE_ROLE: Action = Action::new("console:take-role");
/// Put a person into a group.
pub const JOIN_GROUP: Action = Action::new("console:join-group");
/// Take a person out of a group.
pub const LEAVE_GROUP: Action = Action::new("console:leave-group");
/// Make a link for somebody.
pub const INVITE: Action = Action::new("console:invite");
/// Take a list of people over.
pub const IMPORT_PEOPLE: Action = Action::new("console:import-people");
/// Make the link for the first steward.
pub const MAKE_FIRST_LINK: Action = Action::new("console:make-first-link");
/// End the sessions of somebody.
pub const END_SESSIONS: Action = Action::new("console:end-sessions");
/// End one way by which somebody logs in.
pub const END_LOGIN: Action = Action::new("console:end-login");
/// End all that somebody has here, who leaves.
pub const END_PERSON: Action = Action::new("console:end-person");
/// Log in.
pub const LOG_IN: Action = Action::new("account:log-in");
/// Log out.
pub const LOG_OUT: Action = Action::new("account:log-out");
/// Show a second factor anew.
pub const STEP_UP: Action = Action::new("account:step-up");
/// See one's own account.
pub const READ_ACCOUNT: Action = Action::new("account:read");
/// End one of one's own sessions.
pub const END_SESSION: Action = Action::new("account:end-session");
/// Look at a link that opens once.
pub const OPEN_LINK: Action = Action::new("account:open-link");
/// Make an account by it.
pub const JOIN: Action = Action::new("account:join");
/// Take another password.
pub const CHANGE_PASSWORD: Action = Action::new("account:change-password");
/// Ask how to log in.
pub const ASK_HOW: Action = Action::new("account:ask-how");
/// Have one more way to log in: a passkey, a provider.
pub const ADD_LOGIN: Action = Action::new("account:add-login");
/// Remove a passkey, one of the ways to log in.
pub const REMOVE_LOGIN: Action = Action::new("account:remove-login");
/// See every app and key.
pub const READ_APPS: Action = Action::new("console:read-apps");
/// See one's own apps and keys.
pub const READ_OWN_APPS: Action = Action::new("console:read-own-apps");
/// Register an app.
pub const REGISTER_APP: Action = Action::new("console:register-app");
/// Change what is said about an app.
pub const CHANGE_APP: Action = Action::new("console:change-app");
/// Give an app to another owner.
pub const HAND_OVER_APP: Action = Action::new("console:hand-over-app");
/// End an app.
pub const END_APP: Action = Action::new("console:end-app");
/// Make a key.
pub const MAKE_KEY: Action = Action::new("console:make-key");
/// End a key.
pub const REVOKE_KEY: Action = Action::new("console:revoke-key");
/// Write a backup.
pub const BACKUP: Action = Action::new("console:backup");
/// Replace the node's state by a backup.
pub const RESTORE: Action = Action::new("console:restore");
/// Stop a release or a project.
pub const QUARANTINE: Action = Action::new("console:quarantine");
/// Let pass again what was stopped.
pub const LIFT_QUARANTINE: Action = Action::new("console:lift-quarantine");
/// Make an exception in an emergency.
pub const BREAK_GLASS: Action = Action::new("console:break-glass");
/// End an exception before its time.
pub const END_EXCEPTION: Action = Action::new("console:end-exception");
/// Ask for a release that is stopped.
pub const ASK: Action = Action::new("console:ask");
/// Take such a request back.
pub const WITHDRAW_REQUEST: Action = Action::new("console:withdraw-request");
/// See what one asked for, and what was answered.
pub const READ_OWN_REQUESTS: Action = Action::new("console:read-own-requests");
/// Ask again for the answer of a call that was made under a key of one's own.
pub const REPEAT: Action = Action::new("console:repeat");
/// See what everybody asked for.
pub const READ_REQUESTS: Action = Action::new("console:read-requests");
/// Grant a request.
pub const GRANT_REQUEST: Action = Action::new("console:grant-request");
/// Refuse a request.
pub const REFUSE_REQUEST: Action = Action::new("console:refuse-request");
/// Review a release.
pub const REVIEW: Action = Action::new("console:review");
/// Take over reviews of another company.
pub const IMPORT_REVIEWS: Action = Action::new("console:import-reviews");
