//! How many tokens one core checks in a second where the callers are remembered, and how soon a revocation is seen while all
//! cores do that.
//!
//! `cargo run --release -p fanlight-identity --example token-bench`. To reach: 50,000 checks a second and core; a revocation seen in
//! under a second. CPU time is counted, so that what else the machine does matters less.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::error::Error;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fanlight_base::clock::SystemClock;
use fanlight_identity::{Identity, Issued, Shown, ShownToken};
use fanlight_store::Store;
use rustix::time::{ClockId, clock_gettime};

/// Callers that take turns.
const CALLERS: usize = 1000;
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(5);
/// Revocations under load.
const REVOKED: usize = 50;
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let everything = async {
        let store = Store::open(&folder.path().join("fanlight.db")).await?;
        let identity = Identity::open(store, &folder.path().join("root.key"), Arc::new(SystemClock)).await?;
        let mut issued = Vec::with_capacity(CALLERS);
        for number in 0..CALLERS {
            let drawn = identity.draw_up(&format!("person {}", number % 250), &format!("machine {number}")).await?;
            issued.push(identity.issue(drawn).await?);
        }
        let (identity, issued) = (Arc::new(identity), Arc::new(issued));
        one_core(&identity, &issued).await?;
        while_all_check(&identity, &issued).await
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(everything)
}

async fn check(identity: &Identity, token: &Issued) -> bool {
    let shown = Shown::Bearer(ShownToken(token.token.expose_secret()));
    black_box(identity.identify(shown, PEER).await).is_ok()
}

/// CPU time of this thread.
fn spent() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or_default(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

async fn one_core(identity: &Identity, issued: &[Issued]) -> Result<(), Box<dyn Error>> {
    for token in issued {
        if !check(identity, token).await {
            return Err("a token that was just made is not good".into());
        }
    }
    // Nothing of this waits, so all of it is this thread's.
    let (began, before, mut checks) = (Instant::now(), spent(), 0_u32);
    while began.elapsed() < MEASURED {
        for token in issued {
            if !check(identity, token).await {
                return Err("a token that was just made is not good".into());
            }
            checks += 1;
        }
    }
    let (cpu, clock) = (spent().saturating_sub(before).as_secs_f64(), began.elapsed().as_secs_f64());
    let checks = f64::from(checks);
    println!(
        "token checks, {CALLERS} callers remembered: {:.0} a second of CPU, {:.0} by the clock",
        checks / cpu,
        checks / clock
    );
    Ok(())
}

async fn while_all_check(identity: &Arc<Identity>, issued: &Arc<Vec<Issued>>) -> Result<(), Box<dyn Error>> {
    let (over, rounds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let cores = std::thread::available_parallelism()?.get();
    let load: Vec<_> = (0..cores)
        .map(|_| {
            let (identity, issued, over, rounds) = (identity.clone(), issued.clone(), over.clone(), rounds.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    for token in issued.iter() {
                        check(&identity, token).await;
                    }
                    rounds.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    for token in issued.iter().take(REVOKED) {
        let asked = Instant::now();
        identity.revoke_device(&token.device).await?;
        if check(identity, token).await {
            return Err("a token was good after its revocation had returned".into());
        }
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let checked = rounds.load(Ordering::Relaxed) * issued.len() as u64;
    let lasted = began.elapsed();
    over.store(true, Ordering::Relaxed);
    for task in load {
        task.await?;
    }
    println!(
        "{REVOKED} revocations in {lasted:?} while {cores} tasks checked {checked} tokens; from asking to refused at most {longest:?}"
    );
    Ok(())
}
