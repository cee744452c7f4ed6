//! Which crate may use which: ARCHITECTURE.md's table as data, held against what cargo says.
//!
//! A crate that the table does not know, or an edge that it does not allow, is wrong. So is an edge that the table
//! allows and nobody uses any more: a permission nobody needs is taken back.

use cargo_metadata::{DependencyKind, Package};

use crate::repository::Repository;

#[cfg(test)]
mod tests;

/// A crate of the workspace, and the workspace's crates it may use.
type Row = (&'static str, &'static [&'static str]);

/// Mechanisms first, then the path, then the doors, then the binary.
const ALLOWED: &[Row] = &[
    ("fanlight-base", &[]),
    ("fanlight-config", &["fanlight-base"]),
    ("fanlight-policy", &["fanlight-base"]),
    ("fanlight-advisories", &["fanlight-base"]),
    ("fanlight-scan", &["fanlight-base"]),
    ("fanlight-credentials", &["fanlight-base"]),
    ("fanlight-ledger", &["fanlight-base"]),
    ("fanlight-api", &["fanlight-base"]),
    ("fanlight-store", &["fanlight-base"]),
    ("fanlight-net", &["fanlight-base"]),
    ("fanlight-identity", &["fanlight-base", "fanlight-credentials", "fanlight-store"]),
    (
        "fanlight-gate",
        &[
            "fanlight-base",
            "fanlight-credentials",
            "fanlight-identity",
            "fanlight-ledger",
            "fanlight-net",
            "fanlight-policy",
        ],
    ),
    ("fanlight-packages", &["fanlight-base", "fanlight-gate", "fanlight-net", "fanlight-scan", "fanlight-store"]),
    (
        "fanlight-feeds",
        &[
            "fanlight-advisories",
            "fanlight-api",
            "fanlight-base",
            "fanlight-gate",
            "fanlight-net",
            "fanlight-packages",
            "fanlight-store",
        ],
    ),
    ("fanlight-tell", &["fanlight-base", "fanlight-net"]),
    ("fanlight-web", &["fanlight-gate", "fanlight-net"]),
    (
        "fanlight-console",
        &[
            "fanlight-api",
            "fanlight-base",
            "fanlight-credentials",
            "fanlight-feeds",
            "fanlight-gate",
            "fanlight-identity",
            "fanlight-ledger",
            "fanlight-net",
            "fanlight-packages",
            "fanlight-policy",
            "fanlight-store",
            "fanlight-tell",
        ],
    ),
    (
        "fanlight",
        &[
            "fanlight-api",
            "fanlight-base",
            "fanlight-config",
            "fanlight-console",
            "fanlight-feeds",
            "fanlight-gate",
            "fanlight-identity",
            "fanlight-ledger",
            "fanlight-net",
            "fanlight-packages",
            "fanlight-policy",
            "fanlight-scan",
            "fanlight-store",
            "fanlight-tell",
            "fanlight-web",
        ],
    ),
    // Fakes and real clients know the product only by its binary and its wire.
    (TESTKIT, &[]),
    ("fanlight-tests", &[TESTKIT]),
    ("xtask", &[]),
];

/// For tests alone: elsewhere only as a dev-dependency.
const TESTKIT: &str = "fanlight-testkit";

/// What is heavy, or a mechanism that one crate exists to keep to itself: the only crate that may use it.
const KEPT_IN: &[(&str, &str)] = &[
    ("argon2", "fanlight-credentials"),
    ("ast-grep-config", "fanlight-scan"),
    ("boreal", "fanlight-scan"),
    ("cedar-policy", "fanlight-policy"),
    ("lettre", "fanlight-tell"),
    ("clap", "fanlight"),
    ("cvss", "fanlight-advisories"),
    ("html5gum", "fanlight-packages"),
    ("opentelemetry", "fanlight"),
    ("opentelemetry_sdk", "fanlight"),
    ("sqlx", "fanlight-store"),
    ("tokio-rustls", "fanlight-net"),
    ("tree-sitter", "fanlight-scan"),
    ("zxcvbn", "fanlight-credentials"),
];

/// One edge of the tree: who uses what, and as what.
#[derive(Debug, Clone, Copy)]
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    dev: bool,
}

/// Every edge that is not allowed, every crate without a row, every permission that nobody uses.
pub fn check(repository: &Repository) -> Vec<String> {
    let names: Vec<_> = repository.packages.iter().map(|package| package.name.as_str()).collect();
    let edges: Vec<_> = repository.packages.iter().flat_map(edges_of).collect();
    judge(&names, &edges)
}

fn edges_of(package: &Package) -> impl Iterator<Item = Edge<'_>> {
    package.dependencies.iter().map(|dependency| Edge {
        from: package.name.as_str(),
        to: &dependency.name,
        dev: dependency.kind == DependencyKind::Development,
    })
}

fn judge(names: &[&str], edges: &[Edge<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in names.iter().filter(|name| !ALLOWED.iter().any(|(known, _)| known == *name)) {
        wrong.push(format!("{name} has no row in the table of crate edges (xtask/src/edges.rs and ARCHITECTURE.md)"));
    }
    for Edge { from, to, dev } in edges.iter().copied() {
        let row = ALLOWED.iter().find(|(name, _)| *name == from).map_or(&[][..], |(_, row)| row);
        if names.contains(&to) && !row.contains(&to) && !(dev && to == TESTKIT) {
            let as_what = if dev { " for its tests" } else { "" };
            wrong.push(format!("{from} uses {to}{as_what}, which the table of crate edges does not allow"));
        }
        if let Some((_, home)) = KEPT_IN.iter().find(|(name, home)| *name == to && *home != from) {
            wrong.push(format!("{from} uses {to}, which is kept in {home}"));
        }
    }
    for (from, row) in ALLOWED {
        for to in row.iter().filter(|to| !edges.iter().any(|edge| edge.from == *from && edge.to == **to)) {
            wrong.push(format!("the table lets {from} use {to}, and it does not: take the permission back"));
        }
    }
    wrong
}
