//! CSAF 2.0 and 2.1 in their VEX profile: the tree of products, and each vulnerability's statuses.
//!
//! A product counts by the purl it is identified with. A component within a product has a product id of its own, and what
//! is said of the two together is never taken for the component alone.

use std::collections::HashMap;
use std::sync::Arc;

use fanlight_base::limits;
use serde::Deserialize;

use super::{Document, Justification, Product as Named, Said, Status, VexError, ids, time};
use crate::advisory::Reading;
use crate::json::{Many, Text, list};
use crate::text;

type List<T> = Option<Many<T, { limits::VEX_ENTRIES }>>;

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    document: Head<'a>,
    #[serde(borrow)]
    product_tree: Option<Tree<'a>>,
    #[serde(borrow)]
    vulnerabilities: List<Vulnerability<'a>>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    category: Text<'a>,
    #[serde(borrow)]
    csaf_version: Text<'a>,
    #[serde(borrow)]
    publisher: Publisher<'a>,
    #[serde(borrow)]
    tracking: Tracking<'a>,
}

#[derive(Deserialize)]
struct Publisher<'a> {
    #[serde(borrow)]
    name: Text<'a>,
}

#[derive(Deserialize)]
struct Tracking<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    current_release_date: Text<'a>,
}

#[derive(Deserialize)]
struct Tree<'a> {
    #[serde(borrow)]
    branches: List<Branch<'a>>,
    #[serde(borrow)]
    full_product_names: List<Product<'a>>,
    #[serde(borrow)]
    relationships: List<Relationship<'a>>,
    #[serde(borrow)]
    product_groups: List<Group<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    branches: List<Branch<'a>>,
    #[serde(borrow)]
    product: Option<Product<'a>>,
}

#[derive(Deserialize)]
struct Relationship<'a> {
    #[serde(borrow)]
    full_product_name: Product<'a>,
}

#[derive(Deserialize)]
struct Product<'a> {
    #[serde(borrow)]
    product_id: Text<'a>,
    #[serde(borrow)]
    product_identification_helper: Option<Helper<'a>>,
}

#[derive(Deserialize)]
struct Helper<'a> {
    #[serde(borrow)]
    purl: Option<Text<'a>>,
    #[serde(borrow)]
    purls: List<Text<'a>>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(borrow)]
    product_ids: List<Text<'a>>,
}

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow)]
    cve: Option<Text<'a>>,
    #[serde(borrow)]
    ids: List<Id<'a>>,
    #[serde(borrow)]
    product_status: Option<Statuses<'a>>,
    #[serde(borrow)]
    flags: List<Remark<'a>>,
    #[serde(borrow)]
    threats: List<Remark<'a>>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

#[derive(Deserialize)]
struct Statuses<'a> {
    #[serde(borrow)]
    known_not_affected: List<Text<'a>>,
    #[serde(borrow)]
    fixed: List<Text<'a>>,
    #[serde(borrow)]
    first_fixed: List<Text<'a>>,
    #[serde(borrow)]
    under_investigation: List<Text<'a>>,
    #[serde(borrow)]
    unknown: List<Text<'a>>,
    #[serde(borrow)]
    known_affected: List<Text<'a>>,
    #[serde(borrow)]
    first_affected: List<Text<'a>>,
    #[serde(borrow)]
    last_affected: List<Text<'a>>,
}

/// A flag (with a label) or a threat (with a category and details), and for which products.
#[derive(Deserialize)]
struct Remark<'a> {
    #[serde(borrow)]
    label: Option<Text<'a>>,
    #[serde(borrow)]
    category: Option<Text<'a>>,
    #[serde(borrow)]
    details: Option<Text<'a>>,
    #[serde(borrow)]
    product_ids: List<Text<'a>>,
    #[serde(borrow)]
    group_ids: List<Text<'a>>,
}

impl<'a> Statuses<'a> {
    fn all(&self) -> [(Status, &List<Text<'a>>); 8] {
        [
            (Status::NotAffected, &self.known_not_affected),
            (Status::Fixed, &self.fixed),
            (Status::Fixed, &self.first_fixed),
            (Status::UnderInvestigation, &self.under_investigation),
            (Status::UnderInvestigation, &self.unknown),
            (Status::Affected, &self.known_affected),
            (Status::Affected, &self.first_affected),
            (Status::Affected, &self.last_affected),
        ]
    }
}

/// What each product id stands for, as far as it is known here.
#[derive(Default)]
struct Products<'a>(HashMap<&'a str, Vec<Named>>);

impl<'a> Products<'a> {
    fn of(tree: Option<&'a Tree<'a>>, document: &mut Document) -> Result<Self, VexError> {
        let mut products = Self::default();
        if let Some(tree) = tree {
            products.branches(list(&tree.branches), 0, document)?;
            list(&tree.full_product_names).iter().for_each(|product| products.add(product, document));
            list(&tree.relationships).iter().for_each(|relation| products.add(&relation.full_product_name, document));
        }
        Ok(products)
    }

    fn branches(&mut self, branches: &'a [Branch<'a>], depth: usize, document: &mut Document) -> Result<(), VexError> {
        if depth > limits::VEX_DEPTH {
            return Err(VexError::TooDeep);
        }
        for branch in branches {
            branch.product.iter().for_each(|product| self.add(product, document));
            self.branches(list(&branch.branches), depth + 1, document)?;
        }
        Ok(())
    }

    fn add(&mut self, product: &'a Product<'a>, document: &mut Document) {
        let Some(helper) = &product.product_identification_helper else { return };
        let purls = helper.purl.iter().chain(list(&helper.purls));
        let named: Vec<_> = purls.filter_map(|purl| document.product(&purl.0)).collect();
        self.0.entry(&product.product_id.0).or_default().extend(named);
    }
}

/// What is said of products one by one: why they are not affected.
#[derive(Default)]
struct Reasons<'a> {
    flags: HashMap<&'a str, Justification>,
    prose: HashMap<&'a str, Box<str>>,
}

impl<'a> Reasons<'a> {
    /// `left` counts the products that may still be met, because many remarks may name one large group.
    fn of(vulnerability: &'a Vulnerability<'a>, groups: &Groups<'a>, left: &mut usize) -> Result<Self, VexError> {
        let mut reasons = Self::default();
        for flag in list(&vulnerability.flags) {
            let label = flag.label.as_ref().and_then(|label| Justification::of_label(&label.0));
            if let Some(label) = label {
                reasons.flags.extend(products(flag, groups, left)?.into_iter().map(|product| (product, label)));
            }
        }
        for threat in list(&vulnerability.threats) {
            let details = threat.details.as_ref().map(|details| text::one_line(&details.0));
            let details = details.filter(|details| !details.is_empty());
            if let (Some("impact"), Some(details)) = (threat.category.as_ref().map(|text| &*text.0), details) {
                reasons
                    .prose
                    .extend(products(threat, groups, left)?.into_iter().map(|product| (product, details.clone())));
            }
        }
        Ok(reasons)
    }
}

/// The products of each group.
type Groups<'a> = HashMap<&'a str, &'a [Text<'a>]>;

fn products<'a>(remark: &'a Remark<'a>, groups: &Groups<'a>, left: &mut usize) -> Result<Vec<&'a str>, VexError> {
    let of_groups = list(&remark.group_ids).iter().filter_map(|group| groups.get(&*group.0)).copied().flatten();
    let all = list(&remark.product_ids).iter().chain(of_groups).map(|product| &*product.0);
    let products: Vec<_> = all.take(*left + 1).collect();
    *left = left.checked_sub(products.len()).ok_or(VexError::TooMany)?;
    Ok(products)
}

/// Reads a document. [`VexError::Unknown`] where it is not CSAF, or not in the profile for VEX.
pub fn read(bytes: &[u8], reading: &Arc<Reading>) -> Result<Document, VexError> {
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(borrow)]
        document: Option<&'a serde_json::value::RawValue>,
    }
    let whole: Whole<'_> = serde_json::from_slice(bytes).map_err(VexError::Malformed)?;
    if whole.document.is_none() {
        return Err(VexError::Unknown);
    }
    let written: Written<'_> = serde_json::from_slice(bytes).map_err(VexError::Malformed)?;
    let head = &written.document;
    if head.category.0 != "csaf_vex" {
        return Err(VexError::Unknown);
    }
    if !matches!(&*head.csaf_version.0, "2.0" | "2.1") {
        return Err(VexError::Version(text::one_line(&head.csaf_version.0).into()));
    }
    if head.tracking.status.0 == "draft" {
        return Err(VexError::Draft);
    }
    let at = time(&head.tracking.current_release_date.0)?;
    let mut document = Document::new(&head.tracking.id.0, &head.publisher.name.0, at, reading)?;
    let tree = written.product_tree.as_ref();
    let products = Products::of(tree, &mut document)?;
    let groups = tree.map_or(&[][..], |tree| list(&tree.product_groups));
    let groups: Groups<'_> = groups.iter().map(|group| (&*group.group_id.0, list(&group.product_ids))).collect();
    let mut left = limits::VEX_STATEMENTS;
    for vulnerability in list(&written.vulnerabilities) {
        let names = vulnerability.cve.iter().chain(list(&vulnerability.ids).iter().map(|id| &id.text));
        let flaws = ids(names.map(|name| &*name.0));
        if flaws.is_empty() {
            document.note(|| "a vulnerability without an id".to_owned());
            continue;
        }
        let reasons = Reasons::of(vulnerability, &groups, &mut left)?;
        for (status, ids) in vulnerability.product_status.iter().flat_map(Statuses::all) {
            for id in list(ids).iter().map(|id| &*id.0) {
                let Some(named) = products.0.get(id).filter(|named| !named.is_empty()) else { continue };
                let said = Said {
                    flaws: flaws.clone(),
                    status,
                    justification: reasons.flags.get(id).copied().filter(|_| status == Status::NotAffected),
                    reason: reasons.prose.get(id).cloned().filter(|_| status == Status::NotAffected),
                    at,
                };
                if status == Status::NotAffected && said.justification.is_none() && said.reason.is_none() {
                    document.note(|| format!("{}: {}: not affected, and no reason why", flaws[0], text::one_line(id)));
                    continue;
                }
                for product in named {
                    document.state(product, &said)?;
                }
            }
        }
    }
    Ok(document)
}
