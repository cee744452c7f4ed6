//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim/v2`: how a company's directory says who is here, who has left, and who is in which
//! group.
//!
//! Owns the routes and the order of each act. Refuses to know what a right is: no attribute gives one, and groups count for
//! what policies say of them. Invariants: each act goes the one path; what is said of people is kept sealed; who has left
//! has nothing that is good from the moment the answer leaves.

mod answer;
mod asked;
mod discovery;
mod group;
mod groups;
mod user;
mod users;

use fanlight_net::RequestBody;
use std::sync::Arc;

use fanlight_gate::{Context, Handling, PathParts, Routes};
use http::{Method, Request};

use crate::Console;

/// What can be done, as the policy schema names it.
pub(crate) mod action {
    use fanlight_base::Action;

    /// Look at what is kept.
    pub const READ: Action = Action::new("directory:read");
    /// Say that a person is here, and more of them.
    pub const KEEP_PERSON: Action = Action::new("directory:keep-person");
    /// Say that a person has left.
    pub const END_PERSON: Action = Action::new("directory:end-person");
    /// Say who is in a group.
    pub const KEEP_GROUP: Action = Action::new("directory:keep-group");
    /// Keep a group no longer.
    pub const END_GROUP: Action = Action::new("directory:end-group");
}

/// Where it all is.
const ROOT: &str = "/scim/v2";
const USERS: &str = "/scim/v2/Users";
const USER: &str = "/scim/v2/Users/{person}";
const GROUPS: &str = "/scim/v2/Groups";
const GROUP: &str = "/scim/v2/Groups/{group}";

impl Console {
    /// The directory's routes.
    pub fn directory_routes(self: &Arc<Self>) -> Routes {
        use action::{END_GROUP, END_PERSON, KEEP_GROUP, KEEP_PERSON, READ};
        let table = Routes::new();
        let table = self.scim(table, Method::GET, USERS, READ, |c, x, _, r| {
            Box::pin(async move { c.list_users(&x, r.uri().query()).await })
        });
        let table = self.scim(table, Method::POST, USERS, KEEP_PERSON, |c, x, _, r| {
            Box::pin(async move { c.enter_user(&x, r).await })
        });
        let table = self.scim(table, Method::GET, USER, READ, |c, x, p, r| {
            Box::pin(async move { c.show_user(&x, p.get("person"), &r).await })
        });
        let table = self.scim(table, Method::PUT, USER, KEEP_PERSON, |c, x, p, r| {
            Box::pin(async move { c.change_user(&x, p.get("person"), r, users::How::Whole).await })
        });
        let table = self.scim(table, Method::PATCH, USER, KEEP_PERSON, |c, x, p, r| {
            Box::pin(async move { c.change_user(&x, p.get("person"), r, users::How::Steps).await })
        });
        let table = self.scim(table, Method::DELETE, USER, END_PERSON, |c, x, p, r| {
            Box::pin(async move { c.end_user(&x, p.get("person"), &r).await })
        });
        let table = self.scim(table, Method::GET, GROUPS, READ, |c, x, _, r| {
            Box::pin(async move { c.list_groups(&x, r.uri().query()).await })
        });
        let table = self.scim(table, Method::POST, GROUPS, KEEP_GROUP, |c, x, _, r| {
            Box::pin(async move { c.make_group(&x, r).await })
        });
        let table = self.scim(table, Method::GET, GROUP, READ, |c, x, p, r| {
            Box::pin(async move { c.show_group(&x, p.get("group"), &r).await })
        });
        let table = self.scim(table, Method::PUT, GROUP, KEEP_GROUP, |c, x, p, r| {
            Box::pin(async move { c.replace_group(&x, p.get("group"), r).await })
        });
        let table = self.scim(table, Method::PATCH, GROUP, KEEP_GROUP, |c, x, p, r| {
            Box::pin(async move { c.patch_group(&x, p.get("group"), r).await })
        });
        let table = self.scim(table, Method::DELETE, GROUP, END_GROUP, |c, x, p, r| {
            Box::pin(async move { c.end_group(&x, p.get("group"), &r).await })
        });
        let table = self.scim(table, Method::POST, "/scim/v2/Users/.search", READ, |c, x, _, r| {
            Box::pin(async move { c.search_users(&x, r).await })
        });
        let table = self.scim(table, Method::POST, "/scim/v2/Groups/.search", READ, |c, x, _, r| {
            Box::pin(async move { c.search_groups(&x, r).await })
        });
        let table = self.scim(table, Method::POST, "/scim/v2/.search", READ, |c, x, _, r| {
            Box::pin(async move { c.search_all(&x, r).await })
        });
        self.discovery_routes(table)
    }

    fn scim<F>(
        self: &Arc<Self>,
        table: Routes,
        method: Method,
        path: &'static str,
        action: fanlight_base::Action,
        handler: F,
    ) -> Routes
    where
        F: Fn(Arc<Self>, Context, PathParts, Request<RequestBody>) -> Handling<'static> + Send + Sync + 'static,
    {
        let console = self.clone();
        table.guarded(method, path, action, move |context, parts, request| {
            let console = console.clone();
            match console.directory_pace.count(&context) {
                Ok(()) => handler(console, context, parts, request),
                Err(too_often) => Box::pin(console.directory_pace.clone().refuse(context, too_often)),
            }
        })
    }

    /// The address of a resource.
    fn location(&self, kind: &str, id: &str) -> String {
        let url = self.parts.board.url.get().map_or("", String::as_str);
        format!("{}{ROOT}/{kind}/{id}", url.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests;
