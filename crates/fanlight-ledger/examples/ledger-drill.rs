//! Appends from several threads and says what was acknowledged, for tests that kill it or take its disk away.
//!
//! `ledger-drill DIR [--writers N] [--seconds S] [--until N] [--publish-ms MS] [--bytes N]`
//!
//! One line each on standard output, unbuffered: `open DURABLE`, `ack INDEX SHA-256-OF-ENTRY`, `refused WHY` (at most one
//! for each run of refusals), `closed` or `not closed WHY` at the end. `--until N` ends it after N acknowledgements that
//! follow the last refusal.

use std::fs::File;
use std::io::{IoSlice, Write as _};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fanlight_base::SystemClock;
use fanlight_ledger::{AppendError, Ledger, Options};
use ring::digest::{SHA256, digest};

struct Arguments {
    dir: PathBuf,
    writers: u64,
    time: Duration,
    until: u64,
    publish_every: Duration,
    bytes: usize,
}

fn arguments() -> Result<Arguments, String> {
    let mut rest = std::env::args().skip(1);
    let dir = rest.next().ok_or("usage: ledger-drill DIR [--writers N] [--seconds S] [--until N] ...")?.into();
    let mut arguments = Arguments {
        dir,
        writers: 8,
        time: Duration::from_secs(10),
        until: u64::MAX,
        publish_every: Duration::from_millis(20),
        bytes: 100,
    };
    while let Some(name) = rest.next() {
        let value = rest.next().ok_or(format!("{name} needs a value"))?;
        let number: u64 = value.parse().map_err(|_| format!("{name} needs a number, not {value:?}"))?;
        match name.as_str() {
            "--writers" => arguments.writers = number,
            "--seconds" => arguments.time = Duration::from_secs(number),
            "--until" => arguments.until = number,
            "--publish-ms" => arguments.publish_every = Duration::from_millis(number),
            "--bytes" => arguments.bytes = number as usize,
            _ => return Err(format!("there is no option {name}")),
        }
    }
    Ok(arguments)
}

/// Standard output or error without a buffer. Lines leave through `writev`, so that faults injected into `write` hit the ledger's
/// files and not what is told about them.
struct Out(Mutex<File>);

impl Out {
    fn line(&self, text: &str) {
        let line = format!("{text}\n");
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody reads any more: then there is nothing to tell.
        let _ = file.write_vectored(&[IoSlice::new(line.as_bytes()), IoSlice::new(b"")]);
    }
}

struct Drill {
    ledger: Ledger,
    out: Out,
    is_ending: AtomicBool,
    count: Mutex<Count>,
    until: u64,
    bytes: usize,
}

/// What was said last. Held while it is said, so that the lines stand in the order in which they are counted.
#[derive(Default)]
struct Count {
    is_refusing: bool,
    since_refusal: u64,
}

impl Drill {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, writer: u64) {
        let mut number = 0_u64;
        while !self.is_ending.load(Ordering::Relaxed) {
            number += 1;
            let mut entry = format!("{} {writer} {number} ", std::process::id()).into_bytes();
            entry.resize(self.bytes.max(entry.len()), b'.');
            let hash: String = digest(&SHA256, &entry).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            match self.ledger.append(entry).and_then(fanlight_ledger::Receipt::wait) {
                Ok(index) => {
                    let mut count = self.count();
                    self.out.line(&format!("ack {index} {hash}"));
                    count.is_refusing = false;
                    count.since_refusal += 1;
                    if count.since_refusal >= self.until {
                        self.is_ending.store(true, Ordering::Relaxed);
                    }
                }
                Err(AppendError::Closed) => return,
                Err(error) => {
                    let mut count = self.count();
                    // Said once for a row of refusals.
                    if !count.is_refusing {
                        self.out.line(&format!("refused {error}"));
                    }
                    *count = Count { is_refusing: true, since_refusal: 0 };
                    drop(count);
                    thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let out = std::io::stdout().as_fd().try_clone_to_owned().map_err(|error| error.to_string())?;
    let options = Options {
        origin: "fanlight/drill/00000001".to_owned(),
        clock: Arc::new(SystemClock),
        publish_every: arguments.publish_every,
    };
    let ledger = Ledger::open(&arguments.dir, options).map_err(|error| in_words(&error))?;
    let drill = Drill {
        ledger,
        out: Out(Mutex::new(File::from(out))),
        is_ending: AtomicBool::new(false),
        count: Mutex::default(),
        until: arguments.until,
        bytes: arguments.bytes,
    };
    drill.out.line(&format!("open {}", drill.ledger.status().durable));
    let deadline = Instant::now() + arguments.time;
    thread::scope(|scope| {
        for writer in 0..arguments.writers {
            let drill = &drill;
            scope.spawn(move || drill.write(writer));
        }
        while Instant::now() < deadline && !drill.is_ending.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        drill.is_ending.store(true, Ordering::Relaxed);
    });
    match drill.ledger.close() {
        Ok(()) => drill.out.line("closed"),
        Err(error) => drill.out.line(&format!("not closed {error}")),
    }
    Ok(())
}

fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Ok(file) = std::io::stderr().as_fd().try_clone_to_owned() {
                Out(Mutex::new(File::from(file))).line(&error);
            }
            ExitCode::from(3)
        }
    }
}
