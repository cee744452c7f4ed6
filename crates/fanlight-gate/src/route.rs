//! The table of routes: every path of a node, with the action that guards it. A route cannot be added without saying so.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use fanlight_base::Action;
use fanlight_net::{Body, RequestBody};
use http::{HeaderMap, Method, Request, Response};

use crate::context::Context;
use crate::stop::Handled;

/// What a handler gives back, sooner or later.
pub type Handling<'a> = Pin<Box<dyn Future<Output = Handled> + Send + 'a>>;

/// Answers the requests of one guarded route.
pub trait RouteHandler: Send + Sync + 'static {
    /// Goes the one path for one request.
    fn handle(&self, context: Context, path: PathParts, request: Request<RequestBody>) -> Handling<'_>;
}

impl<F> RouteHandler for F
where
    F: Fn(Context, PathParts, Request<RequestBody>) -> Handling<'static> + Send + Sync + 'static,
{
    fn handle(&self, context: Context, path: PathParts, request: Request<RequestBody>) -> Handling<'_> {
        self(context, path, request)
    }
}

/// The named parts of a request's path, percent-decoded.
#[derive(Debug, Default)]
pub struct PathParts(pub(crate) Vec<(String, String)>);

impl PathParts {
    /// The part of that name; empty where the route has none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Who may come to a route.
pub enum Access {
    /// The guard judges each request as this action, and each is recorded.
    Guarded(Action, Arc<dyn RouteHandler>),
    /// The same also for who is on another machine and shows nothing good: this is where they log in.
    Threshold(Action, Arc<dyn RouteHandler>),
    /// The same for programs that show who they are in the body. No cookie counts here, so no page can ask in anybody's name.
    Machines(Action, Arc<dyn RouteHandler>),
    /// Anybody, unrecorded, for the reason given: such a route tells nothing about people, packages or policies.
    Open(&'static str, Arc<OpenAnswer>),
}

/// Answers an open route by what the request's head says of the form it wants, and by nothing else.
pub type OpenAnswer = dyn Fn(&HeaderMap) -> Response<Body> + Send + Sync;

/// One line of the table.
pub struct Route {
    /// The method; a GET route answers HEAD too.
    pub method: Method,
    /// The path, with `{part}` for one segment and `{*rest}` for the rest.
    pub pattern: &'static str,
    /// Who may come.
    pub access: Access,
    /// Whether the body is waited for before anything is judged: what was shown may have ended while it was on its way.
    pub waits: bool,
}

/// The table of routes.
#[derive(Default)]
pub struct Routes {
    pub(crate) routes: Vec<Route>,
}

impl Routes {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a route that the guard judges as `action`.
    #[must_use]
    pub fn guarded<F>(mut self, method: Method, pattern: &'static str, action: Action, handler: F) -> Self
    where
        F: RouteHandler,
    {
        self.routes.push(Route { method, pattern, access: Access::Guarded(action, Arc::new(handler)), waits: true });
        self
    }

    /// Adds a route that the guard judges as `action`, also for callers who show nothing that is good.
    #[must_use]
    pub fn threshold<F>(mut self, method: Method, pattern: &'static str, action: Action, handler: F) -> Self
    where
        F: RouteHandler,
    {
        self.routes.push(Route { method, pattern, access: Access::Threshold(action, Arc::new(handler)), waits: true });
        self
    }

    /// Adds a route that the guard judges as `action`, for programs that show who they are in the body.
    #[must_use]
    pub fn machines<F>(mut self, method: Method, pattern: &'static str, action: Action, handler: F) -> Self
    where
        F: RouteHandler,
    {
        self.routes.push(Route { method, pattern, access: Access::Machines(action, Arc::new(handler)), waits: true });
        self
    }

    /// Adds a route that anybody may read, with the reason why that is harmless.
    #[must_use]
    pub fn open<F>(self, pattern: &'static str, why: &'static str, answer: F) -> Self
    where
        F: Fn() -> Response<Body> + Send + Sync + 'static,
    {
        self.open_in_forms(pattern, why, move |_| answer())
    }

    /// The same for what goes out in several forms: packed or not, or not at all where the caller has it.
    #[must_use]
    pub fn open_in_forms<F>(mut self, pattern: &'static str, why: &'static str, answer: F) -> Self
    where
        F: Fn(&HeaderMap) -> Response<Body> + Send + Sync + 'static,
    {
        self.routes.push(Route {
            method: Method::GET,
            pattern,
            access: Access::Open(why, Arc::new(answer)),
            waits: true,
        });
        self
    }

    /// The body of the route added last is its handler's to read, which bounds how many it reads at once. For what changes nothing.
    #[must_use]
    pub fn reading_bodies_itself(mut self) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.waits = false;
        }
        self
    }

    /// Joins two tables.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// The lines of the table, for the tests that walk it.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}
