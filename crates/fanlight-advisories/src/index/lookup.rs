//! Questions about one project: what affects a release, and what a release fixes.
//!
//! Answers are borrowed from the snapshot. Asking costs one look into a map for a project that no advisory is about, and
//! else one comparison of versions for each event of its advisories.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::group::Group;
use crate::advisory::{Advisory, Affected, Kind};
use crate::ecosystem::{Ecosystem, Package};
use crate::severity::Severity;
use crate::version::Version;

/// What is known of one project.
#[derive(Debug, Clone, Copy)]
pub struct Project<'a> {
    package: &'a Package,
    groups: &'a [Group],
}

/// A flaw that affects a release: one, under however many ids.
#[derive(Debug)]
pub struct Affecting<'a> {
    package: &'a Package,
    group: &'a Group,
    /// Those of the group that say so.
    by: Vec<&'a Arc<Advisory>>,
    version: Version,
}

/// A flaw that a release fixes.
#[derive(Debug)]
pub struct Fix<'a> {
    package: &'a Package,
    group: &'a Group,
    /// The version at which an advisory says that it was fixed.
    pub at: &'a Version,
    /// Who says so.
    pub by: Vec<&'a Arc<Advisory>>,
    /// How close the release is to that version.
    pub how: How,
}

/// How close a release is to the version at which something was fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// It is that version.
    Named,
    /// It is the first release from there on that is not affected.
    First,
}

/// All releases of a project that are known, in their order.
#[derive(Debug, Clone)]
pub struct Releases(Box<[Version]>);

impl Releases {
    /// None: then only a release that an advisory names as the fix is found to be one.
    pub fn unknown() -> Self {
        Self([].into())
    }

    /// Of the versions' texts. A text that is no version by the ecosystem's rules is left out.
    pub fn new<'t>(ecosystem: Ecosystem, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let versions = texts.into_iter().map(|text| Version::new(ecosystem, text));
        let mut versions: Vec<_> = versions.filter(Version::is_ordered).collect();
        versions.sort();
        Self(versions.into())
    }

    /// Those from `from` on and below `to`.
    fn between(&self, from: &Version, to: &Version) -> &[Version] {
        let start = self.0.partition_point(|version| version < from);
        let end = self.0.partition_point(|version| version < to);
        &self.0[start..end.max(start)]
    }
}

impl<'a> Project<'a> {
    pub(super) const fn new(package: &'a Package, groups: &'a [Group]) -> Self {
        Self { package, groups }
    }

    /// How many flaws are known of it, each counted once.
    pub const fn flaws(&self) -> usize {
        self.groups.len()
    }

    /// All records about it that stand, those of one flaw together, what is malicious first.
    pub fn records(&self) -> impl Iterator<Item = &'a [Arc<Advisory>]> {
        self.groups.iter().map(|group| &**group)
    }

    /// Whether any release of it is called malicious.
    pub fn has_malicious(&self) -> bool {
        self.groups.iter().flat_map(|group| group.iter()).any(|advisory| advisory.kind() == Kind::Malicious)
    }

    /// What affects a release.
    pub fn affecting(&self, version: &Version) -> Vec<Affecting<'a>> {
        let affecting = self.groups.iter().filter_map(|group| {
            let by: Vec<_> = group.iter().filter(|advisory| self.is_affected(advisory, version)).collect();
            (!by.is_empty()).then(|| Affecting { package: self.package, group, by, version: version.clone() })
        });
        affecting.collect()
    }

    /// Which flaws a release fixes, given all releases of the project that are known, held ones and this one among them
    /// or not.
    ///
    /// A release `v` fixes a flaw if
    /// - an advisory about it has a `fixed` event at some `f` that is not above `v`, and
    /// - no advisory about it says that `v` is affected, and
    /// - every known release from `f` on and below `v` is still affected. Where `v` is no pre-release, pre-releases
    ///   between the two do not count, because nobody gets one without asking.
    ///
    /// So the first release that carries a fix fixes it, also where its number is not the announced one, and the releases
    /// after it do not. Where several `f` would do, the highest is given. `last_affected` and lists of versions name no
    /// fix, and an advisory that was taken back says nothing.
    pub fn fixed_by(&self, version: &Version, releases: &Releases) -> Vec<Fix<'a>> {
        if !version.is_ordered() {
            return Vec::new();
        }
        self.groups.iter().filter_map(|group| self.fix(group, version, releases)).collect()
    }

    fn fix(&self, group: &'a Group, version: &Version, releases: &Releases) -> Option<Fix<'a>> {
        let fixed = |advisory: &'a Arc<Advisory>| advisory.about(self.package).flat_map(Affected::fixed);
        let at = group.iter().flat_map(fixed).filter(|at| *at <= version).max()?;
        let still = |version: &Version| group.iter().any(|advisory| self.is_affected(advisory, version));
        let counts = |release: &&Version| version.is_prerelease() || !release.is_prerelease();
        if still(version) || !releases.between(at, version).iter().filter(counts).all(still) {
            return None;
        }
        let by = group.iter().filter(|advisory| fixed(advisory).any(|fixed| fixed == at)).collect();
        let how = if at == version { How::Named } else { How::First };
        Some(Fix { package: self.package, group, at, by, how })
    }

    fn is_affected(&self, advisory: &Advisory, version: &Version) -> bool {
        is_affected(advisory, self.package, version)
    }
}

fn is_affected(advisory: &Advisory, package: &Package, version: &Version) -> bool {
    advisory.about(package).any(|affected| affected.contains(version))
}

impl<'a> Affecting<'a> {
    /// The versions that fix it, lowest first: above the release, and affected by nothing that is known under its ids.
    pub fn fixed(&self) -> Vec<&'a Version> {
        let (package, group) = (self.package, self.group);
        let of = |advisory: &'a Arc<Advisory>| advisory.about(package).flat_map(Affected::fixed);
        let above: BTreeSet<_> = group.iter().flat_map(of).filter(|fixed| **fixed > self.version).collect();
        let affected = |fixed: &Version| group.iter().any(|advisory| is_affected(advisory, package, fixed));
        above.into_iter().filter(|fixed| !affected(fixed)).collect()
    }
}

impl<'a> Affecting<'a> {
    /// Whether both are one flaw, of one snapshot.
    pub fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.group, other.group)
    }

    /// What its records say of this project, all of them.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &'a Affected> {
        let (package, group) = (self.package, self.group);
        group.iter().flat_map(move |advisory| advisory.about(package))
    }
}

impl Fix<'_> {
    /// Whether the flaw affects another release of the project.
    pub fn affects(&self, version: &Version) -> bool {
        self.group.iter().any(|advisory| is_affected(advisory, self.package, version))
    }
}

/// The words about a group of records that say the same of a project.
macro_rules! told {
    ($type:ident, $members:ident) => {
        impl<'a> $type<'a> {
            /// The id it is shown under.
            pub fn id(&self) -> &'a str {
                self.$members.first().map_or(self.group[0].id(), |advisory| advisory.id())
            }

            /// Every other id of the same flaw, in order.
            pub fn aliases(&self) -> BTreeSet<&'a str> {
                let all = self.group.iter().flat_map(|advisory| advisory.names()).map(|name| &**name);
                all.filter(|name| *name != self.id()).collect()
            }

            /// What it is: the worst that any of its advisories says.
            pub fn kind(&self) -> Kind {
                self.$members.iter().map(|advisory| advisory.kind()).max().unwrap_or(Kind::Vulnerability)
            }

            /// How severe it is for this project: the most that any of its advisories says.
            pub fn severity(&self) -> Option<&'a Severity> {
                let entries = self.$members.iter().flat_map(|advisory| advisory.about(self.package));
                entries.filter_map(Affected::severity).max()
            }

            /// One line about it; empty where nobody wrote one.
            pub fn summary(&self) -> &'a str {
                let lines = self.$members.iter().map(|advisory| advisory.summary());
                lines.into_iter().find(|line| !line.is_empty()).unwrap_or_default()
            }

            /// The advisories that say so, with the feeds they are from.
            pub fn advisories(&self) -> impl Iterator<Item = &'a Advisory> {
                self.$members.iter().map(|advisory| &***advisory)
            }
        }
    };
}

told!(Affecting, by);
told!(Fix, by);
