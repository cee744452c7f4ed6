//! The end of one way by which somebody logs in: a phone that was lost, a key that was stolen.
//!
//! Invariant: while this is judged nobody takes a steward away beside it, so that one is left who can log in.

use fanlight_api::account::{EndLogin, LoginEnded};
use fanlight_base::Facts;
use fanlight_gate::{Context, Handled};
use fanlight_identity::LoginWay;
use fanlight_net::{Problem, RequestBody};
use http::{Request, StatusCode};

use super::account::{account_problem, own};
use crate::Console;
use crate::admit::{admit_with, asked, turned_down};
use crate::reply::json;

impl Console {
    pub(crate) async fn end_login(&self, context: &Context, request: Request<RequestBody>) -> Handled {
        let ask: EndLogin = asked(context, request).await?;
        let Some(way) = LoginWay::of(&ask.way) else {
            let words = "A way to log in is `password`, the id of a passkey, or `provider:` and a provider's name.";
            let advice = "`fanlight people logins NAME` lists what somebody has.".to_owned();
            return turned_down(context, Problem::bad_request(words).advice(Some(advice)));
        };
        let roster = self.parts.roster.hold().await;
        let person = self.person_asked(context, &ask.person).await?;
        let ways = match self.parts.gate.identity().login_ways(&person.id).await {
            Ok(ways) => ways,
            Err(error) => return turned_down(context, account_problem(&error)),
        };
        let mut facts = Facts::new();
        // A name is told in the record only where it is one: whatever else was asked for is somebody's words.
        let known = ways.contains(&way).then(|| way.to_string());
        facts.set("login", known.as_deref().unwrap_or("unknown"));
        if ways == [way.clone()] {
            match roster.is_last_steward(&person.id).await {
                Ok(false) => {}
                Ok(true) => {
                    facts.set("last_steward", true);
                }
                Err(error) => return super::roles::no_person(context, Some(&error)),
            }
        }
        let recorded = admit_with(context, own(&person.id), facts)?.durable().await?;
        Ok(match self.parts.gate.identity().end_login(&person.id, &way).await {
            Ok(Some(ended)) => {
                let said = LoginEnded { way: way.to_string(), sessions: ended.sessions, can_log_in: ended.can_log_in };
                json(recorded, StatusCode::OK, &said)
            }
            Ok(None) => {
                let advice = format!("`fanlight people logins {}` lists what they have.", ask.person);
                let words = "The person has no such way to log in.";
                recorded.problem(Problem::not_found(words).advice(Some(advice)))
            }
            Err(error) => recorded.problem(account_problem(&error)),
        })
    }
}
