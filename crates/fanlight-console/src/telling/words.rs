//! What is told of a request: as JSON for a system, as a letter for a person.

use fanlight_api::requests::Judged;
use fanlight_base::clock::{for_people, rfc3339_millis};
use fanlight_store::{ExceptionRow, RequestRow, Store, StoreError, TellingRow};
use serde::Serialize;

use super::name_of;

/// A request with the names that belong to it.
pub(super) struct Told<'a> {
    about: &'a str,
    request: &'a RequestRow,
    /// The name of who asked, where they are not erased.
    pub(super) asker: Option<String>,
    exception: Option<ExceptionRow>,
    judged: Option<Judged>,
}

/// The body of a webhook.
#[derive(Serialize)]
struct Message<'a> {
    /// `request.asked`, `request.granted`, ...
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    request: &'a str,
    purl: &'a str,
    by: Option<&'a str>,
    because: &'a str,
    asked: String,
    reason: Option<&'a str>,
    policies: &'a [String],
    answer: Option<&'a str>,
    exception: Option<&'a str>,
    until: Option<String>,
    text: String,
}

impl<'a> Told<'a> {
    pub(super) async fn of(store: &Store, row: &'a TellingRow, request: &'a RequestRow) -> Result<Self, StoreError> {
        let asker = name_of(store, &request.person).await?;
        let exception = match &request.exception {
            Some(id) => store.exceptions().await?.into_iter().find(|one| one.id == *id),
            None => None,
        };
        Ok(Self { about: &row.about, request, asker, exception, judged: serde_json::from_str(&request.evidence).ok() })
    }

    fn who(&self) -> &str {
        self.asker.as_deref().unwrap_or("somebody")
    }

    pub(super) fn json(&self, row: &TellingRow) -> Vec<u8> {
        let judged = self.judged.as_ref();
        let message = Message {
            kind: format!("request.{}", self.about),
            timestamp: rfc3339_millis(row.since),
            data: Data {
                request: &self.request.id,
                purl: &self.request.thing,
                by: self.asker.as_deref(),
                because: &self.request.because,
                asked: rfc3339_millis(self.request.asked),
                reason: judged.and_then(|judged| judged.reason.as_deref()),
                policies: judged.map_or(&[], |judged| &judged.policies),
                answer: self.request.answer.as_deref().filter(|_| self.about != "asked"),
                exception: self.exception.as_ref().map(|one| one.id.as_str()),
                until: self.exception.as_ref().map(|one| rfc3339_millis(one.until)),
                text: self.sentence(),
            },
        };
        serde_json::to_vec(&message).unwrap_or_default()
    }

    pub(super) fn subject(&self) -> String {
        let purl = &self.request.thing;
        match self.about {
            "asked" => format!("Asked for: {purl}"),
            "granted" => format!("Granted: {purl}"),
            "refused" => format!("Refused: {purl}"),
            _ => format!("Not needed any more: {purl}"),
        }
    }

    /// The whole in one sentence, for a chat.
    fn sentence(&self) -> String {
        let (purl, answer) = (&self.request.thing, self.request.answer.as_deref().unwrap_or_default());
        match (self.about, &self.exception) {
            ("asked", _) => format!("{} asks for {purl}: {}", self.who(), self.request.because),
            ("granted", Some(one)) => format!("{purl} passes until {}: {answer}", for_people(one.until)),
            ("granted", None) => format!("{purl} passes: {answer}"),
            ("refused", _) => format!("{purl} is refused: {answer}"),
            _ => format!("{purl} need not be asked for any more: {answer}"),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.sentence(), String::new()];
        if let Some(reason) = self.judged.as_ref().and_then(|judged| judged.reason.as_ref()) {
            lines.push(format!("Why it was stopped: {reason}."));
        }
        lines.push(match self.about {
            "asked" => format!("The evidence, and the answer: fanlight requests show {}", self.request.id),
            "granted" => "Install it as you tried before. It ends by itself.".to_owned(),
            "refused" => format!("What can be had instead: fanlight why {}", self.request.thing),
            _ => "Install it as you tried before; if it is stopped still, ask again.".to_owned(),
        });
        lines.push(String::new());
        lines.push(format!("Request {} of {}.", self.request.id, for_people(self.request.asked)));
        lines.join("\n") + "\n"
    }
}
