//! What a node keeps beside its ledger: [`Store`], a SQL database, and [`Blobs`], a folder of files by content.
//!
//! Refuses to know what a decision means, what a page says or what a key opens: it keeps rows and bytes. SQL and its
//! driver never show in the public types. Invariant: a change is either wholly on disk or not made.

mod blobs;
mod digest;
mod store;

pub use blobs::{BlobError, BlobFile, Blobs, Lookup, PartialBlob, PartialReader, Progress, Usage};
pub use digest::{Algorithm, Digest, NotADigest, Sha256};
pub use store::accesses::{
    AccessRow, Accesses, Counted, Delivery, Fetcher, Holder, Holding, Holdings, MostStopped, Person, PolicyStops,
    ProjectRow, Received, ShownAccess,
};
pub use store::accounts::{AccountRow, Joined, LinkRow};
pub use store::advisories::{AdvisoryHit, KeptAdvisory, SeenTo};
pub use store::apps::{AppRow, LetGo};
pub use store::browsers::{BrowserNoticeRow, BrowserRow, BrowsersSeen};
pub use store::caller_keys::{CallerKeyRow, KeyHolder};
pub use store::devices::DeviceRow;
pub use store::directory::{DirectoryGroupRow, DirectoryPersonRow, GroupChange, Kept, PersonChange};
pub use store::error::StoreError;
pub use store::exceptions::ExceptionRow;
pub use store::idempotency::IdempotentCall;
pub use store::import::ImportedPerson;
pub use store::keys::SealingKey;
pub use store::leaving::LeftRows;
pub use store::lists::{APPS, CALLER_KEYS, DEVICES, Having, List, PEOPLE, PROJECTS, Part, Place};
pub use store::logins::{EndedLogin, LoginWay, ShownAtLogin};
pub use store::looks::Look;
pub use store::marks::MarkRow;
pub use store::passkeys::{PasskeyGone, PasskeyKept, PasskeyRow};
pub use store::people::{ErasedRows, PersonRow};
pub use store::policies::{ProposalCounts, ProposalRow, SetRow, VersionRow};
pub use store::providers::{ProviderPersonKept, ProviderPersonRow};
pub use store::quarantines::QuarantineRow;
pub use store::requests::{AnswerRow, RequestRow, RequestsWanted, WAITING};
pub use store::reviews::ReviewRow;
pub use store::roles::{MembershipRow, RoleRow};
pub use store::scans::ScanRow;
pub use store::sessions::SessionRow;
pub use store::tellings::TellingRow;
pub use store::trusts::{Trust, TrustedBy};
pub use store::{SCHEMA_VERSION, Store};
