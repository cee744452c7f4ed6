//! The same flaw under several ids counts once: records about one project that have an id in common, directly or through
//! others of that project, are one group.

use std::collections::HashMap;
use std::sync::Arc;

use crate::advisory::{Advisory, Kind};

/// Records of one flaw, the one it is shown as first.
pub type Group = Arc<[Arc<Advisory>]>;

/// The groups of a project's records, in the order of their first ids.
pub fn groups(records: &[Arc<Advisory>]) -> Arc<[Group]> {
    let mut leaders: Vec<usize> = (0..records.len()).collect();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        for name in record.names() {
            let other = *by_name.entry(name.to_ascii_lowercase()).or_insert(index);
            let (a, b) = (leader(&mut leaders, index), leader(&mut leaders, other));
            leaders[a.max(b)] = a.min(b);
        }
    }
    let mut members: HashMap<usize, Vec<Arc<Advisory>>> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        members.entry(leader(&mut leaders, index)).or_default().push(record.clone());
    }
    let mut groups: Vec<Group> = members.into_values().map(sorted).collect();
    groups.sort_by(|a, b| order(&a[0]).cmp(&order(&b[0])));
    groups.into()
}

/// Who speaks for a record, with the way there made shorter for the next who asks.
fn leader(leaders: &mut [usize], mut index: usize) -> usize {
    while leaders[index] != index {
        leaders[index] = leaders[leaders[index]];
        index = leaders[index];
    }
    index
}

fn sorted(mut members: Vec<Arc<Advisory>>) -> Group {
    members.sort_by(|a, b| (malice_first(a), order(a)).cmp(&(malice_first(b), order(b))));
    members.into()
}

fn malice_first(advisory: &Advisory) -> bool {
    advisory.kind() != Kind::Malicious
}

fn order(advisory: &Advisory) -> (&str, &str) {
    (advisory.id(), &advisory.reading().source)
}
