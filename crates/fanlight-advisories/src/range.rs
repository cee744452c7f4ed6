//! A range of versions, evaluated as the OSV schema's section "Evaluation" has it.
//!
//! Events are sorted once, when the record is read; events at one version keep the record's order. Two things go beyond
//! the schema: a Python local build (`2.0+cu117`) is covered by a `last_affected` of its public version, and an event that
//! its ecosystem's rules do not read is judged by [`Range::read`], never guessed.

use crate::ecosystem::Ecosystem;
use crate::version::Version;

#[cfg(test)]
mod tests;

/// One event: what changes, and from which version on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Affected from here; without a version from the beginning (OSV's `"0"`).
    Introduced(Option<Version>),
    /// No longer affected from here.
    Fixed(Version),
    /// Affected up to and with here, as far as was known.
    LastAffected(Version),
}

impl Event {
    fn at(&self) -> Option<&Version> {
        match self {
            Self::Introduced(at) => at.as_ref(),
            Self::Fixed(at) | Self::LastAffected(at) => Some(at),
        }
    }
}

/// One event as a record writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written<'a> {
    Introduced(&'a str),
    Fixed(&'a str),
    LastAffected(&'a str),
    Limit(&'a str),
}

/// A range of affected versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    events: Box<[Event]>,
    /// Nothing from the highest of these on is affected. Empty: no limit.
    limits: Box<[Version]>,
}

/// One stretch of affected versions without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stretch<'a> {
    /// The first one; without it from the beginning.
    pub from: Option<&'a Version>,
    /// Where it ends, and whether that one is affected, too; without it nowhere.
    pub to: Option<(&'a Version, bool)>,
}

/// A range as far as it could be read, and which of its versions could not.
#[derive(Debug)]
pub(crate) struct ReadRange {
    pub range: Option<Range>,
    pub unread: Option<String>,
}

impl Range {
    /// Reads the events of a range. `has_list` says that the record lists the affected versions as well.
    ///
    /// Where an event's version cannot be read, that list decides and the range is left out; without a list the event is
    /// left out, and an `introduced` counts from the beginning: too much is said rather than too little.
    pub(crate) fn read(ecosystem: Ecosystem, events: &[Written<'_>], has_list: bool) -> ReadRange {
        let mut unread = None;
        let mut version = |text: &str| {
            let version = Version::end_of_range(ecosystem, text);
            if !version.is_ordered() && unread.is_none() {
                unread = Some(text.to_owned());
            }
            Some(version).filter(Version::is_ordered)
        };
        let (mut sorted, mut limits, mut endless) = (Vec::with_capacity(events.len()), Vec::new(), false);
        for event in events {
            match *event {
                Written::Introduced("0") => sorted.push(Event::Introduced(None)),
                Written::Introduced(text) => sorted.push(Event::Introduced(version(text))),
                Written::Fixed(text) => sorted.extend(version(text).map(Event::Fixed)),
                Written::LastAffected(text) => sorted.extend(version(text).map(Event::LastAffected)),
                Written::Limit(text) if text.contains('*') => endless = true,
                Written::Limit(text) => match version(text) {
                    Some(limit) => limits.push(limit),
                    None => endless = true,
                },
            }
        }
        if unread.is_some() && has_list {
            return ReadRange { range: None, unread };
        }
        if endless {
            limits.clear();
        }
        // Stable, and `None` is below all versions.
        sorted.sort_by(|a, b| a.at().cmp(&b.at()));
        ReadRange { range: Some(Self { events: sorted.into(), limits: limits.into() }), unread }
    }

    /// Whether the version lies in the range.
    pub fn contains(&self, version: &Version) -> bool {
        if !self.limits.is_empty() && !self.limits.iter().any(|limit| version < limit) {
            return false;
        }
        let public = version.public();
        let mut affected = false;
        for event in &self.events {
            match event {
                Event::Introduced(at) => affected |= at.as_ref().is_none_or(|at| version >= at),
                Event::Fixed(at) => affected &= version < at,
                Event::LastAffected(at) => affected &= public.as_ref().unwrap_or(version) <= at,
            }
        }
        affected
    }

    /// The same as stretches, lowest version first.
    pub(crate) fn stretches(&self) -> Vec<Stretch<'_>> {
        let (mut all, mut since) = (Vec::new(), None);
        let mut end = |since: &mut Option<Option<_>>, to| all.extend(since.take().map(|from| Stretch { from, to }));
        for event in &self.events {
            match event {
                Event::Introduced(at) => drop(since.get_or_insert(at.as_ref())),
                Event::Fixed(at) => end(&mut since, Some((at, false))),
                Event::LastAffected(at) => end(&mut since, Some((at, true))),
            }
        }
        end(&mut since, None);
        if let Some(limit) = self.limits.iter().max() {
            for stretch in &mut all {
                stretch.to = Some(stretch.to.filter(|(to, _)| *to < limit).unwrap_or((limit, false)));
            }
        }
        let is_something = |stretch: &Stretch<'_>| match (stretch.from, stretch.to) {
            (Some(from), Some((to, with_it))) => from < to || (with_it && from == to),
            _ => true,
        };
        all.retain(is_something);
        all
    }

    /// The events, lowest version first.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The versions below one of which a version must be to be affected; none: no limit.
    pub fn limits(&self) -> &[Version] {
        &self.limits
    }

    /// The versions at which it ends because something was fixed, lowest first. A `fixed` event that ends nothing, because
    /// no version right below it is affected, is none.
    pub fn fixed(&self) -> impl Iterator<Item = &Version> {
        let mut since = None;
        self.events.iter().filter_map(move |event| match event {
            Event::Introduced(at) => {
                since.get_or_insert(at.as_ref());
                None
            }
            Event::Fixed(at) => since.take().filter(|since| *since < Some(at)).map(|_| at),
            Event::LastAffected(_) => {
                since = None;
                None
            }
        })
    }
}
