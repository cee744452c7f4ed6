//! What changes while somebody looks, as server-sent events (the HTML standard's `text/event-stream`).
//!
//! Refuses to know what changed: it says marks, and who sees one change asks for the thing and is judged. Invariant: a stream
//! ends after a bounded time, so that who has lost a session or a right is not told on for long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fanlight_api::events::Marks;
use fanlight_base::limits;
use fanlight_gate::{Context, Handled};
use fanlight_net::body::{BodySender, ClientGone};
use fanlight_net::{Body, Problem};
use http::{HeaderValue, Response, header};

use crate::Console;
use crate::admit::{admit, node, or_turned_down};
use crate::reads::store_problem;
use crate::reply::part;

/// Events that wait for a slow reader.
const QUEUE: usize = 4;
/// What comes within this time is told as one.
const GATHER: Duration = Duration::from_millis(400);
/// How soon one who listens is told that the node ends, or finds out that nobody listens.
const LOOK: Duration = Duration::from_millis(500);
/// How long a stream may be silent.
const SILENCE: Duration = Duration::from_secs(10);

impl Console {
    pub(crate) async fn events(self: &Arc<Self>, context: &Context, query: Option<&str>) -> Handled {
        let seconds = or_turned_down(context, seconds(query))?;
        let recorded = admit(context, node())?;
        let marks = match self.marks().await {
            Ok(marks) => marks,
            Err(error) => return Ok(store_problem(recorded, &error)),
        };
        let (sender, body) = Body::channel(QUEUE, None);
        let console = self.clone();
        tokio::spawn(async move {
            // Who has gone needs no end.
            let _ = console.tell_on(marks, sender, Duration::from_secs(seconds)).await;
        });
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(recorded.answer(response))
    }

    async fn marks(&self) -> Result<Marks, fanlight_store::StoreError> {
        let (packages, requests, proposals) = self.parts.store.marks().await?;
        let ledger = self.parts.gate.ledger().status();
        Ok(Marks {
            records: ledger.durable,
            packages,
            requests,
            proposals,
            epoch: self.parts.gate.guard().snapshot().epoch().number,
            ready: self.parts.board.is_serving() && ledger.failing.is_none(),
        })
    }

    async fn tell_on(&self, mut told: Marks, sender: BodySender, on: Duration) -> Result<(), ClientGone> {
        let began = Instant::now();
        let mut durable = self.parts.gate.ledger().durable();
        sender.send(event(&told)).await?;
        let mut spoke = Instant::now();
        while began.elapsed() < on && self.parts.board.is_serving() {
            // Nothing changes without a record.
            if let Ok(Ok(())) = tokio::time::timeout(LOOK, durable.changed()).await {
                tokio::time::sleep(GATHER).await;
                durable.borrow_and_update();
            }
            if sender.is_closed() {
                return Err(ClientGone);
            }
            // A database that does not answer now is asked again.
            let Ok(marks) = self.marks().await else { continue };
            if marks != told {
                told = marks;
                sender.send(event(&told)).await?;
                spoke = Instant::now();
            } else if spoke.elapsed() >= SILENCE {
                sender.send(Bytes::from_static(b":\n\n")).await?;
                spoke = Instant::now();
            }
        }
        sender.finish().await
    }
}

fn event(marks: &Marks) -> Bytes {
    // No text in it could break a line.
    let data = serde_json::to_string(marks).unwrap_or_default();
    Bytes::from(format!("retry: 1000\ndata: {data}\n\n"))
}

fn seconds(query: Option<&str>) -> Result<u64, Box<Problem>> {
    let most = limits::EVENTS_TIME.as_secs();
    let Some(said) = part(query, "seconds") else { return Ok(0) };
    let seconds = said.parse().ok().filter(|seconds| (0..=most).contains(seconds));
    seconds.ok_or_else(|| Box::new(Problem::bad_request(format!("`seconds` is a whole number from 0 to {most}."))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_data_and_a_blank_one() {
        let text = event(&Marks { records: 1, packages: 2, requests: 3, proposals: 5, epoch: 4, ready: true });
        let text = std::str::from_utf8(&text).unwrap();
        assert!(text.ends_with("}\n\n") && text.matches("\ndata: {").count() == 1, "{text}");
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        assert_eq!(serde_json::from_str::<Marks>(data).unwrap().packages, 2);
    }

    #[test]
    fn a_stream_is_bounded() {
        assert_eq!(seconds(None).unwrap(), 0);
        assert_eq!(seconds(Some("seconds=300")).unwrap(), 300);
        for wrong in ["seconds=301", "seconds=-1", "seconds=", "seconds=on"] {
            assert!(seconds(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
