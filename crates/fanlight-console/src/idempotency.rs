//! A call under an `Idempotency-Key` is made once: whoever did not get its answer asks again, and gets the same one.
//!
//! Invariants: nothing is done twice under one key; a repetition is judged and recorded as what it is, a question of who made the
//! call; what failed is not kept, so that it may be tried again.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use fanlight_base::{Facts, limits};
use fanlight_gate::{Context, Handled, Handling, Recorded, Stop};
use fanlight_identity::CallKey;
use fanlight_net::{Body, Problem, RequestBody};
use fanlight_store::{IdempotentCall, Sha256};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use parking_lot::Mutex;

use crate::admit::{admit_as, node};
use crate::reads::store_problem;
use crate::{Console, action};

/// The header of the request.
pub(crate) const HEADER: &str = "idempotency-key";
/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// SHA-256 of the request's body, told by whoever reads it.
#[derive(Clone, Default)]
pub(crate) struct BodyDigest(Arc<OnceLock<Sha256>>);

impl BodyDigest {
    /// Tells the bytes.
    pub(crate) fn tell(&self, bytes: &[u8]) {
        // A body is read once.
        let _ = self.0.set(Sha256::of(bytes));
    }

    /// What was told; nothing where no body was looked at.
    fn told(&self) -> Option<&Sha256> {
        self.0.get()
    }
}

/// The calls under way in this process.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashSet<[u8; 32]>>);

/// One of them, until it is dropped.
struct Running<'a>(&'a UnderWay, [u8; 32]);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.0.lock().remove(&self.1);
    }
}

/// The key that a request has, or what is wrong with it.
fn key_of(headers: &HeaderMap) -> Result<String, Box<Problem>> {
    let mut keys = headers.get_all(HEADER).iter();
    let key = keys.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = (limits::IDEMPOTENCY_KEY_LEAST..=limits::IDEMPOTENCY_KEY_MOST).contains(&key.len());
    if fits && keys.next().is_none() && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.to_owned());
    }
    Err(Box::new(Problem::bad_request(format!(
        "The Idempotency-Key must be {} to {} visible ASCII characters, such as a random UUID, and there can be but one.",
        limits::IDEMPOTENCY_KEY_LEAST,
        limits::IDEMPOTENCY_KEY_MOST
    ))))
}

/// What a call is: the address and the body. Where nobody looks at a body, the address alone: it is the same call with another.
fn digest(target: &str, body: Option<&Sha256>) -> Sha256 {
    let body = body.map_or_else(|| "not read".to_owned(), Sha256::to_string);
    Sha256::of(format!("{target}\n{body}").as_bytes())
}

/// The id of what a call makes under its key: the same where it is made again after its answer was lost. Nothing without a key.
pub(crate) fn id_under_key(context: &Context, headers: &HeaderMap, prefix: &str) -> Option<String> {
    let key = headers.contains_key(HEADER).then(|| key_of(headers).ok())??;
    let caller = context.caller.principal.entity().1;
    Some(format!("{prefix}{}", CallKey::of(caller, &key).pseudonym()))
}

/// Nothing is done, so what is judged and recorded is the asking.
fn repeated(context: &Context) -> Result<Recorded, Stop> {
    admit_as(context, action::REPEAT, node(), Facts::new().with("call", context.action.as_str()))
}

fn conflict(words: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "conflict", "That key was used", words)
}

/// A call, when it may be made.
type Call = Box<dyn FnOnce(Context, Request<RequestBody>) -> Handling<'static> + Send>;

impl Console {
    /// Makes a call once for its key. It goes on where the caller leaves, for then they will ask again.
    pub(crate) async fn once(self: Arc<Self>, context: Context, request: Request<RequestBody>, call: Call) -> Handled {
        let made = tokio::spawn(async move { self.once_through(context, request, call).await });
        match made.await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    async fn once_through(&self, context: Context, mut request: Request<RequestBody>, call: Call) -> Handled {
        let key = match key_of(request.headers()) {
            Ok(key) => key,
            Err(problem) => return Ok(repeated(&context)?.problem(*problem)),
        };
        let caller = context.caller.principal.entity().1.to_owned();
        let key = CallKey::of(&caller, &key);
        let target = format!("{} {}", request.method(), request.uri());
        // Under way first, so that of two at the same time one begins and the other sees it.
        let is_first = self.under_way.0.lock().insert(*key.id());
        if !is_first {
            let problem = conflict("A call under this Idempotency-Key is under way; ask again for its answer.");
            let problem = problem.header(header::RETRY_AFTER, HeaderValue::from_static("1"));
            return Ok(repeated(&context)?.problem(problem));
        }
        let _running = Running(&self.under_way, *key.id());
        let known = match self.parts.store.begin_call(key.id(), &caller, context.now).await {
            Ok(None) => {
                let body = BodyDigest::default();
                request.extensions_mut().insert(body.clone());
                let done = call(context, request).await;
                return self.keep(&key, &digest(&target, body.told()), done).await;
            }
            Ok(Some(known)) => known,
            Err(error) => return Ok(store_problem(repeated(&context)?, &error)),
        };
        let recorded = repeated(&context)?;
        let (most, within) = (limits::IMPORT_BYTES, limits::REQUEST_HEAD_TIME);
        let Ok(body) = fanlight_net::body::read_body(request.into_body(), most, within).await else {
            return Ok(recorded.problem(Problem::bad_request("The request's body cannot be read.")));
        };
        let same = [digest(&target, Some(&Sha256::of(&body))), digest(&target, None)];
        Ok(again(recorded, &key, &known, &same))
    }

    /// Keeps the answer of a call that was made; forgets one that failed.
    async fn keep(&self, key: &CallKey, asked: &Sha256, done: Handled) -> Handled {
        let mut answer = None;
        let done = done.map(|made| {
            made.map(|response| {
                if let (true, Body::Full(bytes)) = (response.status().is_success(), response.body()) {
                    answer = Some((response.status().as_u16(), bytes.clone()));
                }
                response
            })
        });
        let store = &self.parts.store;
        let kept = match &answer {
            Some((status, bytes)) => match key.seal(bytes) {
                Ok(sealed) => store.finish_call(key.id(), asked, *status, &sealed).await,
                Err(error) => {
                    tracing::error!(%error, "an answer could not be sealed");
                    Ok(())
                }
            },
            None => store.forget_call(key.id()).await,
        };
        // What was done stands; who asks again is told that nobody knows.
        if let Err(error) = kept {
            tracing::error!(%error, "what a call was answered could not be kept");
        }
        done
    }
}

/// The answer to a call that was made before.
fn again(recorded: Recorded, key: &CallKey, known: &IdempotentCall, same: &[Sha256]) -> fanlight_gate::Answer {
    let Some((status, sealed)) = &known.answer else {
        return recorded.problem(conflict(
            "A call under this Idempotency-Key was begun, and the node ended before its answer was known: look whether \
             it was done, and ask under another key if not.",
        ));
    };
    if !known.asked.as_ref().is_some_and(|asked| same.contains(asked)) {
        return recorded.problem(conflict(
            "Something else was asked under this Idempotency-Key before; each call needs a key of its own.",
        ));
    }
    let (Ok(status), Some(body)) = (StatusCode::from_u16(*status), key.open(sealed)) else {
        tracing::error!("the answer of an earlier call does not open");
        return recorded.problem(Problem::internal());
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    recorded.answer(response)
}
