//! Every limit on what comes from outside, by name. An error that meets one says the name's meaning and the number.

use std::time::Duration;

/// Bytes of one record in the ledger. An entry of a tlog-tiles bundle has a 16-bit length (C2SP tlog-tiles), so at most 65,535.
pub const RECORD_BYTES: usize = 32 * 1024;
/// Records waiting to be synced in the ledger's tail; one more is answered "busy".
pub const LEDGER_QUEUE_RECORDS: usize = 65_536;
/// Bytes waiting to be synced in the ledger's tail.
pub const LEDGER_QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// Bytes of records that are durable in the ledger's tail but not yet in its tiles; above it, appends are answered "busy".
pub const LEDGER_UNPUBLISHED_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of a signed note: a checkpoint with its witnesses' signatures, some of which may be post-quantum ones of 5 KB.
pub const NOTE_BYTES: usize = 256 * 1024;
/// Signature lines of a note (C2SP signed-note asks for at least 16).
pub const NOTE_SIGNATURES: usize = 64;
/// Bytes of a proof's text: an entry in base64, at most 64 hashes, a checkpoint.
pub const PROOF_BYTES: usize = 512 * 1024;
/// Bytes of one text fact. Longer text is cut and marked with an ellipsis.
pub const FACT_TEXT_BYTES: usize = 1024;
/// Bytes of an HTTP/1.1 reason phrase: one line of visible ASCII, as clients show it.
pub const REASON_PHRASE_BYTES: usize = 200;
/// Characters of a refusal's body that a client shows as it is; cargo cuts there, and says that it has.
pub const SHOWN_BODY_CHARACTERS: usize = 512;
/// Bytes of a request's head (request line and headers).
pub const REQUEST_HEAD_BYTES: usize = 16 * 1024;
/// Headers in a request.
pub const REQUEST_HEADERS: usize = 100;
/// How long a client may take to send a request's head.
pub const REQUEST_HEAD_TIME: Duration = Duration::from_secs(10);
/// Bytes of a request's body on the admin API.
pub const REQUEST_BODY_BYTES: usize = 1024 * 1024;
/// Bytes of a body that is waited for before anything is judged: no address takes more.
pub const WAITED_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Connections a listener holds at once; more wait in the system's queue.
pub const CONNECTIONS: usize = 4096;
/// How long a client may take nothing of an answer that is being sent to it.
pub const CLIENT_SILENCE_TIME: Duration = Duration::from_secs(60);
/// Bytes of a certificate or key file.
pub const TLS_FILE_BYTES: u64 = 1024 * 1024;
/// Bytes of `fanlight.toml`.
pub const CONFIG_FILE_BYTES: u64 = 1024 * 1024;
/// How long a stopping node waits for requests in flight.
pub const DRAIN_TIME: Duration = Duration::from_secs(20);
/// How long the upstream may take to accept a connection.
pub const UPSTREAM_CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long the upstream may stay silent while we read from it.
pub const UPSTREAM_SILENCE_TIME: Duration = Duration::from_secs(30);
/// How long an index page may take from the first byte asked to the last received.
pub const UPSTREAM_PAGE_TIME: Duration = Duration::from_secs(60);
/// Upstreams of one door.
pub const UPSTREAMS: usize = 10;
/// Patterns of names that are reserved for upstreams of the company's own.
pub const PRIVATE_PATTERNS: usize = 1000;
/// Redirects followed for one request to an upstream.
pub const UPSTREAM_REDIRECTS: usize = 5;
/// How long a page that is known waits for an upstream that is silent; then it goes out as it was, and the look goes on.
/// Clients give up after 15 seconds.
pub const KNOWN_PAGE_WAIT_TIME: Duration = Duration::from_secs(3);
/// Bytes of an index page, after decompression.
pub const INDEX_PAGE_BYTES: usize = 64 * 1024 * 1024;
/// Files listed on one index page.
pub const INDEX_PAGE_FILES: usize = 100_000;
/// Versions listed on one index page.
pub const INDEX_PAGE_VERSIONS: usize = 100_000;
/// Notes kept about what was wrong in parts of one index page.
pub const INDEX_PAGE_NOTES: usize = 100;
/// Projects in an upstream's list of all projects.
pub const INDEX_PROJECTS: usize = 2_000_000;
/// How long the list of all projects stays in memory after it was last asked for.
pub const PROJECT_LIST_IDLE_TIME: Duration = Duration::from_secs(5 * 60);
/// Audiences whose judgement is kept for one version of a project's page. Only callers whom a policy names are audiences
/// of their own; each takes about two hundred bytes.
pub const PAGE_AUDIENCES: usize = 16 * 1024;
/// Bytes of what an upstream says that is passed on as it is: its keys, a release's attestations.
pub const PASSED_ON_BYTES: usize = 4 * 1024 * 1024;
/// Pages kept of one judgement: a project's page in each form, for each address under which clients know the door.
pub const PAGE_PLACES: usize = 8;
/// Bytes of projects held in memory, by default; those asked for longest ago are read from the store again. The setting
/// `packages.memory` has another.
pub const PROJECTS_IN_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// Bytes of a text on an index page that is shown to people: a reason, a range of Python versions. Longer reasons are cut.
pub const INDEX_TEXT_BYTES: usize = 1024;
/// Bytes of an address on an index page.
pub const INDEX_URL_BYTES: usize = 4096;
/// Hashes stated for one file.
pub const INDEX_FILE_HASHES: usize = 16;
/// Bytes read of what a client says about its settings.
pub const CLIENT_SETTINGS_BYTES: usize = 256 * 1024;
/// Folders looked at of those a client keeps for the indexes it has used.
pub const CLIENT_INDEXES: usize = 1000;
/// How long a client may take to say its settings.
pub const CLIENT_SETTINGS_TIME: Duration = Duration::from_secs(15);
/// Names in use here that others are compared with; those that most use come first.
pub const NAMES_IN_USE: u32 = 20_000;
/// Names of projects that are read at once where all that were ever fetched are looked through for the company's own.
pub const NAMES_AT_ONCE: u32 = 5_000;
/// Bytes of a list of known names that a steward gives.
pub const NAMES_LIST_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of one file of a release.
pub const FILE_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Files on their way from upstreams at once; others wait for their turn.
pub const FLIGHTS: usize = 64;
/// Files that are on their way or wait for their turn; one more is answered "busy" at once.
pub const FLIGHTS_AND_WAITING: usize = 1024;
/// How long a file waits for its turn before those who ask for it are told "busy". Clients give up on silence after 15
/// seconds and more.
pub const FLIGHT_WAIT_TIME: Duration = Duration::from_secs(10);
/// Bytes of a file that an upstream sends at least in each [`FILE_PACE_TIME`]; one that sends less is given up on, so that
/// it does not keep others waiting for ever.
pub const FILE_PACE_BYTES: u64 = 256 * 1024;
/// See [`FILE_PACE_BYTES`].
pub const FILE_PACE_TIME: Duration = Duration::from_secs(60);
/// Bytes of the disk that the cache of files leaves to others, the ledger before all; see
/// [`CACHE_LEAVES_FREE_PART`] for small disks.
pub const CACHE_LEAVES_FREE_BYTES: u64 = 512 * 1024 * 1024;
/// On a disk where it is less, the cache leaves one part in so many of it.
pub const CACHE_LEAVES_FREE_PART: u64 = 20;
/// How often the cache looks whether it must give way.
pub const CACHE_LOOKS_EVERY: Duration = Duration::from_secs(1);
/// Bytes of one `.metadata` file (PEP 658).
pub const METADATA_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of a project's, version's or file's name.
pub const NAME_BYTES: usize = 255;
/// Bytes of a group's name.
pub const GROUP_BYTES: usize = 64;
/// Characters of a person's or a machine's name.
pub const NAME_CHARACTERS: usize = 255;
/// Bytes of what a company says to use instead of a project.
pub const ALTERNATIVE_BYTES: usize = 80;
/// Bytes of a purl.
pub const PURL_BYTES: usize = 1024;
/// Bytes of one policy file.
pub const POLICY_FILE_BYTES: u64 = 1024 * 1024;
/// Policy files in one folder.
pub const POLICY_FILES: usize = 1000;
/// Bytes of all policy files in one folder together.
pub const POLICY_FOLDER_BYTES: u64 = 16 * 1024 * 1024;
/// Policies in all files together.
pub const POLICIES: usize = 2_000;
/// Bytes of a policy file's name, where a set of them comes through the admin API.
pub const POLICY_NAME_BYTES: usize = 100;
/// Bytes of all policy files of such a set together.
pub const PROPOSED_BYTES: usize = 1024 * 1024;
/// Bytes of a body with such a set: JSON may write a byte as six.
pub const PROPOSED_BODY_BYTES: usize = 6 * PROPOSED_BYTES + 64 * 1024;
/// Sets of policies that are looked at through the admin API at once; each takes a processor for tens of milliseconds.
pub const POLICY_CHECKS_AT_ONCE: usize = 2;
/// Proposals of policies that wait at once.
pub const PROPOSALS_WAITING: u64 = 50;
/// Of them those of one person.
pub const PROPOSALS_WAITING_OF_ONE: u64 = 10;
/// Bytes of texts that are kept because proposals of one person wait.
pub const PROPOSED_BYTES_OF_ONE: u64 = 4 * 1024 * 1024;
/// Proposals that one person may make within an hour.
pub const PROPOSALS_AN_HOUR: u64 = 60;
/// Proposals that are kept, answered ones among them.
pub const PROPOSALS_KEPT: u64 = 1_000;
/// Sets of policies that were in force and are kept.
pub const POLICY_VERSIONS: u64 = 1_000;
/// Bytes of all texts of policies that are kept; the oldest sets go first.
pub const POLICY_HISTORY_BYTES: u64 = 64 * 1024 * 1024;
/// Brackets within brackets in a policy.
pub const POLICY_DEPTH: usize = 32;
/// Signs of operators in one policy: `&&` counts twice. Cedar takes them apart by recursion, in a time that grows with
/// their square.
pub const POLICY_OPERATORS: usize = 500;
/// Bytes of a policy's id: records and refusals show it.
pub const POLICY_ID_BYTES: usize = 64;
/// Bytes of a policy's reason or advice, before facts are filled in: clients show it on one line.
pub const POLICY_TEXT_BYTES: usize = 300;
/// Bytes of all decisions a node remembers within an epoch, roughly.
pub const REMEMBERED_DECISIONS_BYTES: u64 = 16 * 1024 * 1024;
/// Changes that a replay of records lists; more are counted.
pub const SIMULATED_CHANGES: usize = 10_000;
/// Bytes of an attempt that somebody asks to have explained.
pub const ATTEMPT_BYTES: u64 = 64 * 1024;
/// Characters of a reason that a person gives for a quarantine, an exception or a review. It ends up in refusals, which clients
/// show on one line.
pub const BECAUSE_CHARACTERS: usize = 300;
/// Calls of the admin API that one caller may make a second in the long run.
pub const API_CALLS_A_SECOND: u64 = 100;
/// Calls by which a company's directory may say who is here, a second in the long run.
pub const DIRECTORY_CALLS_A_SECOND: u64 = 1_000;
/// And at once.
pub const DIRECTORY_CALLS_AT_ONCE: u32 = 5_000;
/// Calls of the admin API that one caller may make at once.
pub const API_CALLS_AT_ONCE: u32 = 1_000;
/// How long the calls too many of one caller wait for the record that stands for all of them.
pub const TOO_OFTEN_TIME: Duration = Duration::from_secs(1);
/// How long the record is searched for one page; what was found by then is the answer, and the next page goes on there.
pub const PAGE_SEARCH_TIME: Duration = Duration::from_millis(60);
/// Characters of a text that records are searched for.
pub const SEARCHED_CHARACTERS: usize = 300;
/// Bytes of a file of reviews that another company hands over.
pub const REVIEWS_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Releases and projects in quarantine at once.
pub const QUARANTINES: usize = 10_000;
/// Exceptions that hold at once.
pub const EXCEPTIONS: usize = 10_000;
/// How long an exception that was asked for may last.
pub const GRANTED_TIME: Duration = Duration::from_secs(90 * 24 * 3600);
/// Requests for what is stopped that wait at once.
pub const REQUESTS_WAITING: u64 = 10_000;
/// Requests that one person may ask within an hour.
pub const ASKS_AN_HOUR: u64 = 30;
/// How long a request waits for an answer.
pub const REQUEST_TIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long it is tried to tell somebody of a request.
pub const TELLING_TIME: Duration = Duration::from_secs(3 * 24 * 3600);
/// How long a mail server may be silent.
pub const MAIL_SILENCE_TIME: Duration = Duration::from_secs(20);
/// How long sending one mail may take.
pub const MAIL_TIME: Duration = Duration::from_secs(60);
/// How long an exception made in an emergency may last.
pub const BREAK_GLASS_TIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// Bytes of all upstream pages kept in the store; those looked at longest ago are dropped first.
pub const KEPT_PAGES_BYTES: u64 = 1024 * 1024 * 1024;
/// Projects that were asked for and not there, noted in the store; those asked for longest ago are dropped first. Each is
/// a few hundred bytes.
pub const KEPT_ABSENCES: u64 = 100_000;
/// Bytes of an `Authorization` header's value.
pub const AUTHORIZATION_BYTES: usize = 8 * 1024;
/// Characters of an `Idempotency-Key` header's value, at the least: what a call was answered is sealed under it.
pub const IDEMPOTENCY_KEY_LEAST: usize = 16;
/// The same at most.
pub const IDEMPOTENCY_KEY_MOST: usize = 128;
/// For how long a call made under such a key is not made again.
pub const IDEMPOTENCY_TIME: Duration = Duration::from_secs(24 * 3600);
/// Calls under such keys remembered of each caller.
pub const IDEMPOTENT_CALLS: u64 = 1000;
/// Callers remembered between requests. Each is a few hundred bytes.
pub const REMEMBERED_CALLERS: usize = 10_000;
/// Bytes of one advisory (an OSV record).
pub const ADVISORY_BYTES: usize = 4 * 1024 * 1024;
/// Entries of one feed of advisories. The largest public one has a quarter of a million.
pub const ADVISORY_FEED_ENTRIES: u64 = 1_000_000;
/// Bytes of all records of one feed together, after decompression.
pub const ADVISORY_FEED_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Bytes of the archive of a feed at an address, as it comes.
pub const ADVISORY_ARCHIVE_BYTES: u64 = 1024 * 1024 * 1024;
/// How long a feed's archive may take to come whole.
pub const ADVISORY_FETCH_TIME: Duration = Duration::from_secs(15 * 60);
/// Releases listed in one answer that somebody received and that are malicious, those noticed last first.
pub const ADVISORY_HITS_SHOWN: usize = 200;
/// Releases of one advisory that one answer tells the receivers of.
pub const ADVISORY_RELEASES_SHOWN: usize = 200;
/// Flaws of a project that are shown to whoever looks at one of its releases.
pub const FLAWS_SHOWN: usize = 200;
/// Releases of which an advisory may be about for all who have them to be asked for at once.
pub const HOLDINGS_RELEASES: usize = 5_000;
/// Bytes of memory, roughly, that all advisories together may take: some 700,000 of them. What comes after is refused.
pub const ADVISORIES_BYTES: usize = 1024 * 1024 * 1024;
/// Folders within folders in a feed.
pub const ADVISORY_FEED_DEPTH: usize = 8;
/// Bytes of the name of an entry in a feed.
pub const ADVISORY_ENTRY_BYTES: usize = 1024;
/// Faults, and notes, kept of one reading of a feed. All are counted.
pub const ADVISORY_FAULTS: usize = 100;
/// Feeds of advisories a node knows.
pub const ADVISORY_SOURCES: usize = 100;
/// Advisories about one project.
pub const ADVISORY_OF_PACKAGE: usize = 20_000;
/// Advisories that may name the same other id; more are known by their own ids alone.
pub const ADVISORY_OF_ALIAS: usize = 1_000;
/// Other ids of one advisory.
pub const ADVISORY_ALIASES: usize = 200;
/// Projects one advisory is about.
pub const ADVISORY_AFFECTED: usize = 10_000;
/// Ranges of versions of one project in an advisory.
pub const ADVISORY_RANGES: usize = 1_000;
/// Events of one range.
pub const ADVISORY_EVENTS: usize = 5_000;
/// Versions listed for one project in an advisory.
pub const ADVISORY_VERSIONS: usize = 50_000;
/// Bytes in which it is written for an audit which versions a flaw affects; beyond it, only of those asked about.
pub const ADVISORY_COMPARATORS_BYTES: usize = 16 * 1024;
/// Bytes of the body of an audit: as it comes, and unpacked. Old clients send the whole lock file.
pub const AUDIT_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of what an audit says of one package.
pub const AUDIT_PACKAGE_BYTES: usize = 256 * 1024;
/// Audits that are read at once.
pub const AUDITS_READ: usize = 32;
/// How long an audit waits for its turn to be read.
pub const AUDIT_TURN_TIME: Duration = Duration::from_secs(10);
/// Audits that are looked up and answered at once; others wait.
pub const AUDITS: usize = 4;
/// Places in a lock file that the answer to an audit tells: a flaw counts at each place of each release that has it.
pub const AUDIT_PLACES: usize = 20_000;
/// How long the body of an audit may take to come.
pub const AUDIT_BODY_TIME: Duration = Duration::from_secs(30);
/// Releases that one audit asks about.
pub const AUDIT_RELEASES: usize = 20_000;
/// Packages within packages in a lock file that is audited.
pub const AUDIT_DEPTH: usize = 50;
/// Flaws that the answer to an audit tells; where there are more, it has to be asked in parts.
pub const AUDIT_FLAWS: usize = 5_000;
/// Severities an advisory lists in one place.
pub const ADVISORY_SEVERITIES: usize = 10;
/// Pages an advisory refers to.
pub const ADVISORY_REFERENCES: usize = 1_000;
/// Weaknesses or categories an advisory lists in one place.
pub const ADVISORY_LABELS: usize = 100;
/// Bytes of an advisory's summary, or of a statement's reason. Longer ones are cut.
pub const ADVISORY_TEXT_BYTES: usize = 300;
/// Bytes of a CVSS vector.
pub const ADVISORY_VECTOR_BYTES: usize = 400;
/// Bytes of one VEX document.
pub const VEX_BYTES: usize = 16 * 1024 * 1024;
/// Products, vulnerabilities or product groups in one VEX document, each, and ids in one list of it.
pub const VEX_ENTRIES: usize = 50_000;
/// Branches within branches in a VEX document's tree of products.
pub const VEX_DEPTH: usize = 30;
/// Statements of one VEX document, counted for each product and vulnerability.
pub const VEX_STATEMENTS: usize = 100_000;
/// VEX documents a node knows.
pub const VEX_DOCUMENTS: usize = 10_000;
/// Packed bytes of an archive that is opened to be held against another release's.
pub const CONTENTS_BYTES: u64 = 64 * 1024 * 1024;
/// Files of such an archive that are told of.
pub const CONTENTS_FILES: usize = 20_000;
/// Bytes of the path of such a file.
pub const CONTENTS_NAME_BYTES: usize = 1024;
/// Unpacked bytes after which no further file of such an archive is read.
pub const CONTENTS_UNPACKED_BYTES: u64 = 512 * 1024 * 1024;
/// Bytes of such an archive's manifest that are read.
pub const CONTENTS_TEXT_BYTES: usize = 256 * 1024;
/// Manifests of such an archive that are kept.
pub const CONTENTS_TEXTS: usize = 8;
/// Bytes of one value that a manifest or an index tells of a release.
pub const ABOUT_BYTES: usize = 200;
/// Maintainers of a release that are read.
pub const ABOUT_MAINTAINERS: usize = 200;
/// Files of one release that a node fetches to look into them, where nobody says which.
pub const LOOKED_INTO_FILES: usize = 4;
/// Packages that a company names as an alternative whose pages are looked at.
pub const ALTERNATIVE_PACKAGES: usize = 3;
/// Entries of an archive that the scan looks at.
pub const SCAN_ENTRIES: usize = 100_000;
/// Bytes that an archive may unpack to while it is scanned; what is beyond is not looked at, and the report says so.
pub const SCAN_UNPACKED_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// How many times its packed size an archive may unpack to.
pub const SCAN_RATIO: u64 = 200;
/// Bytes an archive or one of its entries may unpack to before [`SCAN_RATIO`] counts: small files of zeros are ordinary.
pub const SCAN_RATIO_FREE_BYTES: u64 = 32 * 1024 * 1024;
/// Bytes of a file whose answer waits for the scan; larger ones flow at once, all but their end.
pub const SCAN_WAITED_FOR_BYTES: u64 = 32 * 1024 * 1024;
/// Archives that a node looks into at once.
pub const SCANS: usize = 2;
/// How long a node waits for the verdict on one archive, from when its turn has come.
pub const SCAN_TIME: Duration = Duration::from_secs(60);
/// How long a scan may work before it ends without a report: less than [`SCAN_TIME`], so that its turn is free again before whoever waits
/// for it goes away.
pub const SCAN_WORK_TIME: Duration = Duration::from_secs(50);
/// Verdicts that a node keeps in memory.
pub const SCAN_VERDICTS: usize = 200_000;
/// Archives within archives that the scan opens.
pub const SCAN_DEPTH: usize = 3;
/// Bytes of an archive within an archive that is opened: it is held in memory.
pub const SCAN_NESTED_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of one file of source text that are looked at.
pub const SCAN_TEXT_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of one file of source text that a company's own rules are matched against.
pub const SCAN_TREE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of one file of source text that are read as a syntax tree whole; of larger ones, what stands around suspicious
/// words.
pub const SCAN_WHOLE_TREE_BYTES: usize = 24 * 1024;
/// The same for a `setup.py` or a `build.rs`.
pub const SCAN_INSTALL_TREE_BYTES: usize = 256 * 1024;
/// Bytes that are read as a syntax tree of one larger file.
pub const SCAN_EXCERPT_BYTES: usize = 256 * 1024;
/// Steps of reading one file as a syntax tree: a parser's own, and those for each piece of text that it goes through again. A count and no
/// time, so that the same file is read as far on every machine.
pub const SCAN_TREE_STEPS: usize = 8_000_000;
/// Expressions within expressions that are followed.
pub const SCAN_EXPRESSION_DEPTH: usize = 100;
/// Steps of one file that are followed to see what flows where.
pub const SCAN_STEPS: usize = 200_000;
/// Findings of a report. Those beyond it are counted, and never the gravest.
pub const SCAN_FINDINGS: usize = 200;
/// Findings of one rule in a report.
pub const SCAN_FINDINGS_OF_A_RULE: usize = 20;
/// Bytes of a finding's evidence.
pub const SCAN_EVIDENCE_BYTES: usize = 240;
/// Bytes of an entry's name in an archive.
pub const SCAN_NAME_BYTES: usize = 4096;
/// Bytes of a tar archive's extended header.
pub const SCAN_TAR_HEADER_BYTES: u64 = 1024 * 1024;
/// Bytes of a zip archive's list of entries.
pub const SCAN_ZIP_DIRECTORY_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of a company's own rules for the scan.
pub const SCAN_RULES_BYTES: usize = 1024 * 1024;
/// Bytes of a password as it is typed.
pub const PASSWORD_BYTES: usize = 1024;
/// Characters of a new password, at least.
pub const PASSWORD_CHARACTERS_LEAST: usize = 12;
/// Bytes of each part of what a browser answers with a passkey.
pub const PASSKEY_PART_BYTES: usize = 16 * 1024;
/// Bytes of a passkey's id (WebAuthn, section 4, credential ID).
pub const PASSKEY_ID_BYTES: usize = 1023;
/// Bytes of a passkey's public key.
pub const PASSKEY_KEY_BYTES: usize = 2 * 1024;
/// How deep what an authenticator says may be nested.
pub const PASSKEY_DEPTH: usize = 8;
/// Passkeys of one person.
pub const PASSKEYS: usize = 20;
/// Characters of a passkey's name.
pub const PASSKEY_NAME_CHARACTERS: usize = 60;
/// How long a browser has to answer with a passkey.
pub const PASSKEY_TIME: Duration = Duration::from_secs(300);
/// Answers with passkeys that are remembered as given, so that none counts twice.
pub const PASSKEYS_USED: usize = 100_000;
/// Names in a client's certificate.
pub const CERTIFICATE_NAMES: usize = 100;
/// Bytes of a list of revoked certificates.
pub const REVOCATIONS_BYTES: usize = 16 * 1024 * 1024;
/// Issuers whose tokens apps may call with.
pub const TRUSTED_ISSUERS: usize = 20;
/// Claims beside its subject that a token may have to have.
pub const TRUSTED_CLAIMS: usize = 10;
/// How old an issuer's keys are when they are asked for anew, while those at hand still count.
pub const ISSUER_KEYS_RENEWED: Duration = Duration::from_secs(5 * 60);
/// How long a key that an issuer took out of its set may still count, where the issuer can be asked.
pub const ISSUER_KEYS_TIME: Duration = Duration::from_secs(10 * 60);
/// How long an issuer's keys count that cannot be asked.
pub const ISSUER_KEYS_BELIEVED: Duration = Duration::from_secs(3600);
/// How often an issuer is asked at most because a token names a key that it did not publish.
pub const ISSUER_KEYS_ANEW: Duration = Duration::from_secs(60);
/// How long an issuer has to answer with its keys.
pub const ISSUER_TIME: Duration = Duration::from_secs(5);
/// Providers at which people log in.
pub const LOGIN_PROVIDERS: usize = 20;
/// How long somebody has to log in at a provider.
pub const PROVIDER_LOGIN_TIME: Duration = Duration::from_secs(600);
/// Groups that are taken from a provider for one person.
pub const PROVIDER_GROUPS: usize = 200;
/// Bytes of what a provider answers: what it says of itself, a token.
pub const PROVIDER_ANSWER_BYTES: usize = 256 * 1024;
/// How long the link for the first steward opens.
pub const FIRST_LINK_TIME: Duration = Duration::from_secs(24 * 3600);
/// How long a session lives without use, by default.
pub const SESSION_IDLE_TIME: Duration = Duration::from_secs(12 * 3600);
/// How long a session lives at all, by default.
pub const SESSION_TIME: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a second factor that was shown counts as fresh, by default.
pub const SECOND_FACTOR_FRESH_TIME: Duration = Duration::from_secs(10 * 60);
/// Bytes of all cookies of a request.
pub const COOKIE_BYTES: usize = 8 * 1024;
/// Browsers a person is known in; the one unseen for longest is forgotten for another.
pub const KNOWN_MACHINES: usize = 20;
/// How long a browser is known after it was last seen. Browsers keep no cookie longer.
pub const KNOWN_MACHINE_TIME: Duration = Duration::from_secs(400 * 24 * 3600);
/// Bytes of a signed token (a JWT).
pub const TOKEN_BYTES: usize = 16 * 1024;
/// Bytes of a key's id, of a type, and of the like in a token's header.
pub const KEY_ID_BYTES: usize = 256;
/// Bytes of a published set of keys.
pub const KEY_SET_BYTES: usize = 256 * 1024;
/// Keys of a published set.
pub const KEY_SET_KEYS: usize = 100;
/// Objects and lists within one another in a token's claims.
pub const CLAIMS_DEPTH: usize = 8;
/// Bytes of a claim that is a text.
pub const CLAIM_TEXT_BYTES: usize = 2048;
/// Those a token is for.
pub const CLAIM_AUDIENCES: usize = 20;
/// How long an access token of ours is good, at most.
pub const ACCESS_TOKEN_TIME: Duration = Duration::from_secs(15 * 60);
/// How long an app's assertion about itself may be good.
pub const ASSERTION_TIME: Duration = Duration::from_secs(3600);
/// Proofs and assertions remembered until they are over, of each; one more is answered "busy".
pub const PROOFS_REMEMBERED: usize = 200_000;
/// How long an app's key is good, at most.
pub const APP_KEY_TIME: Duration = Duration::from_secs(366 * 24 * 3600);
/// Bytes of a path to an attribute that a directory names.
pub const SCIM_PATH_BYTES: usize = 256;
/// Bytes of a directory's filter.
pub const SCIM_FILTER_BYTES: usize = 4096;
/// Comparisons in a directory's filter.
pub const SCIM_FILTER_TERMS: usize = 100;
/// Brackets within brackets in a directory's filter.
pub const SCIM_FILTER_DEPTH: usize = 16;
/// Objects and lists within one another in what a directory sends.
pub const SCIM_DEPTH: usize = 12;
/// Steps of one change of a directory's.
pub const SCIM_OPERATIONS: usize = 1000;
/// Values of one attribute: members of a group.
pub const SCIM_VALUES: usize = 50_000;
/// Bytes of a text that a directory sends for an attribute.
pub const SCIM_TEXT_BYTES: usize = 2048;
/// Comparisons that one change may need in all.
pub const SCIM_COMPARISONS: usize = 4_000_000;
/// Characters of an app's title.
pub const APP_TITLE_CHARACTERS: usize = 60;
/// Characters of an app's headline.
pub const APP_HEADLINE_CHARACTERS: usize = 120;
/// Characters of what is said about an app.
pub const APP_ABOUT_CHARACTERS: usize = 600;
/// Sentences of what is said about an app.
pub const APP_SENTENCES: usize = 3;
/// Apps of one owner that have not ended.
pub const APPS_OF_ONE: u64 = 500;
/// Characters of a key's label: where it is used.
pub const KEY_LABEL_CHARACTERS: usize = 80;
/// How long an app's keys go on after its owner left, so that the new owner has time to make others.
pub const LEFT_KEY_TIME: Duration = Duration::from_secs(14 * 24 * 3600);
/// Keys of one holder that are good.
pub const KEYS_OF_ONE: u64 = 50;
/// How far back the console's overview goes.
pub const OVERVIEW_TIME: Duration = Duration::from_secs(90 * 24 * 3600);
/// Things on one page of a list.
pub const LIST_PAGE: usize = 1000;
/// Characters of what is searched for.
pub const SEARCH_CHARACTERS: usize = 100;
/// How long one stream of events goes on; browsers ask for the next by themselves, and are judged anew.
pub const EVENTS_TIME: Duration = Duration::from_secs(300);
/// Characters of policies that are tried.
pub const SIMULATED_CHARACTERS: usize = 64 * 1024;
/// Records that are judged again for one question of the console.
pub const SIMULATED_RECORDS: u64 = 50_000;
/// Bytes of a form that is sent to the token endpoint: an assertion and a few words.
pub const OAUTH_FORM_BYTES: usize = 64 * 1024;
/// Different attempts of one person that are kept to find out which rights they need.
pub const RIGHTS_ATTEMPTS: usize = 10_000;
/// Bytes of a list of people that is taken over.
pub const IMPORT_BYTES: usize = 8 * 1024 * 1024;
/// People on such a list.
pub const IMPORT_PEOPLE: usize = 50_000;
/// Bytes of what a directory sends at once: a group with [`SCIM_VALUES`] members fits.
pub const SCIM_BODY_BYTES: usize = 8 * 1024 * 1024;
/// Resources on one page for a directory, at most.
pub const SCIM_PAGE: u64 = 1000;
/// Resources on one page for a directory that does not say how many.
pub const SCIM_PAGE_ORDINARY: u64 = 100;
