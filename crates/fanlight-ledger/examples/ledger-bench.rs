//! Measures the ledger on this machine's disk: `ledger-bench DIR [--writers N] [--seconds S] [--bytes N] [--verify N]`.
//!
//! Prints what one sync costs here, then records a second and the time from `append` to durable (p50, p99, longest) with
//! N callers that each wait for their receipt, while publishing goes on; then how long verifying N records takes.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fanlight_base::SystemClock;
use fanlight_ledger::verify::verify;
use fanlight_ledger::{AppendError, Ledger, LogFiles, Options};

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Arguments {
    dir: PathBuf,
    writers: u64,
    seconds: u64,
    bytes: usize,
    verify: u64,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut rest = std::env::args().skip(1);
    let dir = rest.next().ok_or("usage: ledger-bench DIR [--writers N] [--seconds S] [--bytes N] [--verify N]")?;
    let mut arguments = Arguments { dir: dir.into(), writers: 256, seconds: 10, bytes: 800, verify: 1_000_000 };
    while let Some(name) = rest.next() {
        let number: u64 = rest.next().ok_or(format!("{name} needs a number"))?.parse()?;
        match name.as_str() {
            "--writers" => arguments.writers = number,
            "--seconds" => arguments.seconds = number,
            "--bytes" => arguments.bytes = number as usize,
            "--verify" => arguments.verify = number,
            _ => return Err(format!("there is no option {name}").into()),
        }
    }
    Ok(arguments)
}

fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

/// What `fdatasync` costs after appends of this size.
fn measure_sync(dir: &Path, bytes: usize, out: &mut impl io::Write) -> Result<(), Failure> {
    let path = dir.join("sync-probe");
    let mut file = File::create(&path)?;
    let (block, mut times) = (vec![7; bytes], Vec::new());
    for _ in 0..500 {
        file.write_all(&block)?;
        let start = Instant::now();
        file.sync_data()?;
        times.push(start.elapsed());
    }
    std::fs::remove_file(path)?;
    times.sort_unstable();
    let (half, most) = (percentile(&times, 0.5), percentile(&times, 0.99));
    writeln!(out, "fdatasync after {bytes} bytes: p50 {half:.2?}, p99 {most:.2?}")?;
    Ok(())
}

async fn writer(ledger: Ledger, number: u64, bytes: usize, end: Instant) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let mut entry = format!("{{\"writer\":{number},\"record\":{}", times.len()).into_bytes();
        entry.resize(bytes.max(entry.len()), b' ');
        let start = Instant::now();
        match ledger.append(entry) {
            Ok(receipt) => {
                receipt.durable().await?;
                times.push(start.elapsed());
            }
            // Publishing is behind as far as it may be: the bound holds, and the caller waits.
            Err(AppendError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(times)
}

fn options() -> Options {
    Options {
        origin: "fanlight/bench/00000001".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: Duration::from_secs(1),
    }
}

fn measure_appends(arguments: &Arguments, dir: &Path, out: &mut impl io::Write) -> Result<(), Failure> {
    let Arguments { writers, seconds, bytes, .. } = *arguments;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ledger = Ledger::open(dir, options())?;
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let (mut times, took) = runtime.block_on(async {
        let tasks: Vec<_> = (0..writers).map(|i| tokio::spawn(writer(ledger.clone(), i, bytes, end))).collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        Ok::<_, Failure>((times, start.elapsed()))
    })?;
    let behind = ledger.status().durable - ledger.status().published;
    let closing = Instant::now();
    ledger.close()?;
    times.sort_unstable();
    let (half, most, longest) = (percentile(&times, 0.5), percentile(&times, 0.99), percentile(&times, 1.0));
    let rate = times.len() as f64 / took.as_secs_f64();
    writeln!(
        out,
        "{writers} writers, {bytes} bytes: {rate:.0} records/s, p50 {half:.2?}, p99 {most:.2?}, longest {longest:.2?}"
    )?;
    writeln!(out, "  at the end {behind} records were not yet published; closing took {:.2?}", closing.elapsed())?;
    Ok(())
}

fn measure_verify(arguments: &Arguments, dir: &Path, out: &mut impl io::Write) -> Result<(), Failure> {
    let ledger = Ledger::open(dir, options())?;
    let mut written = ledger.status().durable;
    while written < arguments.verify {
        let mut receipts = Vec::new();
        for number in written..arguments.verify.min(written + 5_000) {
            let mut entry = format!("{{\"record\":{number}").into_bytes();
            entry.resize(arguments.bytes.max(entry.len()), b' ');
            match ledger.append(entry) {
                Ok(receipt) => receipts.push(receipt),
                Err(AppendError::Busy { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        if receipts.is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
        for receipt in receipts {
            written = receipt.wait()? + 1;
        }
    }
    ledger.close()?;
    drop(ledger);
    let start = Instant::now();
    let reopened = Ledger::open(dir, options())?;
    writeln!(out, "opening a ledger of {written} records: {:.2?}", start.elapsed())?;
    drop(reopened);
    let key = LogFiles::open(dir)?.key().clone();
    let start = Instant::now();
    let verified = verify(dir, &key, |_| {})?;
    writeln!(out, "verifying {} records of {} bytes: {:.2?}", verified.size, arguments.bytes, start.elapsed())?;
    Ok(())
}

fn main() -> ExitCode {
    let mut out = io::stdout();
    let run = || -> Result<(), Failure> {
        let arguments = arguments()?;
        std::fs::create_dir_all(&arguments.dir)?;
        measure_sync(&arguments.dir, arguments.bytes, &mut out)?;
        measure_sync(&arguments.dir, arguments.bytes * 200, &mut out)?;
        measure_appends(&arguments, &arguments.dir.join("appends"), &mut out)?;
        measure_verify(&arguments, &arguments.dir.join("verify"), &mut out)
    };
    match { run }() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(3)
        }
    }
}
