//! `fanlight ledger erase`: asks the running node, or does it under the ledger's lock where none runs.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fanlight_api::people::{Erase, Erased};
use fanlight_api::routes;
use fanlight_base::{Attempt, Facts, Record, Resource, SystemClock};
use fanlight_console::action::ERASE_PERSON;
use fanlight_identity::{EraseError, Identity, OperatorSecret, Shown, ShownToken, UNIDENTIFIED};
use fanlight_ledger::{Ledger, Options};
use fanlight_policy::{Guard, Pack};
use fanlight_store::Store;
use rustix::fs::{FlockOperation, flock};

use super::folder;
use crate::cli::client::{ClientError, Node};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::screen::{Tone, visible};
use crate::cli::thing::count;
use crate::cli::{Context, settings};
use crate::clients::{Surroundings, owner};

/// Does it, and says what was destroyed.
pub(super) fn run(context: &mut Context, state: &Path, person: &str) -> Result<Exit, Failure> {
    folder(state)?;
    let erased = match Node::find(state) {
        Ok(node) => match node.post(routes::ERASE_PERSON, &Erase { person: person.to_owned() }) {
            Err(ClientError::Refused(problem)) if problem.status == 404 => return Err(unknown(person)),
            answer => answer?,
        },
        Err(error) if error.is_not_running() => offline(context, state, person)?,
        Err(error) => return Err(error.into()),
    };
    let screen = &mut context.screen;
    if screen.json {
        screen.document(&erased)?;
        return Ok(Exit::Good);
    }
    let head = format!("The personal values of {} can no longer be read by anybody.", erased.person);
    screen.line(&screen.tone(&visible(&head), Tone::Bold))?;
    screen.line(&format!("  {} destroyed, {} ended", count(erased.keys, "key"), count(erased.tokens, "token")))?;
    screen.line("  No record changed, so every proof goes on holding: fanlight ledger verify")?;
    screen.line("  Older backups hold the keys until you destroy those, too.")?;
    Ok(Exit::Good)
}

fn unknown(person: &str) -> Failure {
    Failure::new(format!("nobody named {person:?} is known here")).exit(Exit::No)
}

/// The same path as in a node: identify, decide, record, and only then act.
fn offline(context: &Context, state: &Path, person: &str) -> Result<Erased, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::new)?;
    let (company, disabled) = settings::policies(&context.global)?;
    let pack = Pack::load(company.as_deref(), &disabled).map_err(|faults| {
        Failure::new(faults.first().map(ToString::to_string).unwrap_or_default())
            .hint("mend the policies; without them nothing is decided")
    })?;
    let _lock = state_lock(state)?;
    let clock: fanlight_base::clock::SharedClock = Arc::new(SystemClock);
    let options =
        Options { origin: "fanlight/offline".to_owned(), clock: clock.clone(), publish_every: Duration::from_secs(1) };
    let ledger = Ledger::open(&state.join("ledger"), options).map_err(Failure::new)?;
    let done = runtime.block_on(async {
        let store = Store::open(&state.join("fanlight.db")).await.map_err(Failure::new)?;
        let identity = Identity::open(store, &state.join("root.key"), clock).await.map_err(Failure::new)?;
        decided(state, &ledger, identity, Guard::new(pack), person).await
    });
    // What was recorded is durable already; the next start publishes what this could not.
    let _ = ledger.close();
    done
}

/// The lock that a node holds on its state folder while it runs; held until it is dropped.
fn state_lock(state: &Path) -> Result<File, Failure> {
    let path = state.join("lock");
    let failed = |error: std::io::Error| Failure::new(format!("could not lock {}: {error}", path.display()));
    let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => {
            Err(Failure::new(format!("a node is starting or ending on {}", state.display()))
                .hint("try again in a moment"))
        }
        Err(error) => Err(failed(error.into())),
    }
}

async fn decided(
    state: &Path,
    ledger: &Ledger,
    identity: Identity,
    guard: Guard,
    person: &str,
) -> Result<Erased, Failure> {
    let known = identity.people().await.map_err(Failure::new)?;
    let row = known.iter().find(|row| row.name.as_deref() == Some(person) || row.id.as_str() == person);
    let id = match row {
        Some(row) => row.id.to_string(),
        None if person == UNIDENTIFIED => person.to_owned(),
        None => return Err(unknown(person)),
    };
    let name = owner::person(&Surroundings::of_this_process()).unwrap_or_else(|| "operator".to_owned());
    // Whoever can write into the state folder is its operator, as with a running node.
    let run = state.join("run");
    std::fs::create_dir_all(&run).map_err(Failure::new)?;
    let token = run.join("offline.token");
    let secret = OperatorSecret::create(&token).map_err(Failure::new)?;
    let _ = std::fs::remove_file(&token);
    let shown = Shown::Bearer(ShownToken(secret.clear().expose_secret()));
    let identity = identity.with_operator(secret.clone(), &name);
    let caller = identity.identify(shown, IpAddr::V4(Ipv4Addr::LOCALHOST)).await.map_err(Failure::new)?;

    let (resource, facts) = (Resource::new("Person", id), Facts::new().with("strength", caller.strength.as_str()));
    let attempt = Attempt { principal: &caller.principal, action: ERASE_PERSON, resource: &resource, facts: &facts };
    let decision = guard.decide(&attempt);
    let origin = ledger.status().origin;
    let record = Record {
        time: fanlight_base::Timestamp::now(),
        node: &origin,
        request: None,
        who: &caller.who,
        action: ERASE_PERSON,
        resource: &resource,
        facts: &facts,
        decision: &decision,
    };
    let receipt = ledger.append(record.to_bytes().map_err(Failure::new)?).map_err(Failure::new)?;
    receipt.durable().await.map_err(Failure::new)?;
    if !decision.is_allowed() {
        return Err(Failure::new(decision.reason(&facts)).exit(Exit::No));
    }
    let erased = identity.erase(person).await.map_err(|error| match error {
        EraseError::Unknown(_) => unknown(person),
        other => Failure::new(other),
    })?;
    Ok(Erased { person: erased.person, keys: erased.keys, tokens: erased.devices })
}
