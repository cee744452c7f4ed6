//! Filters (RFC 7644, section 3.4.2.2): a text in, a question about a resource out.

mod judge;
mod parse;

use fanlight_base::limits;
use serde_json::Number;

use super::path::{Path, PathFault};
use crate::json::Object;

/// A question about a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `path pr`: there is a value.
    Present(Path),
    /// `path op value`.
    Compare(Path, Operator, Literal),
    /// `path[filter]`: one of the values answers the filter.
    Has(Path, Box<Filter>),
    /// `not (filter)`.
    Not(Box<Filter>),
    /// All of them.
    And(Vec<Filter>),
    /// One of them.
    Or(Vec<Filter>),
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater, later.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less, earlier.
    Lt,
    /// Less or equal.
    Le,
}

/// What is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A text.
    Text(String),
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// Nothing.
    Null,
}

/// Why a text is no filter: `invalidFilter` for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    /// Too long.
    #[error("the filter is longer than {} bytes", limits::SCIM_FILTER_BYTES)]
    TooLong,
    /// Too many comparisons.
    #[error("the filter has more than {} comparisons", limits::SCIM_FILTER_TERMS)]
    TooMany,
    /// Too deep.
    #[error("the filter has more than {} brackets within one another", limits::SCIM_FILTER_DEPTH)]
    TooDeep,
    /// Something else is expected.
    #[error("the filter is not readable at character {at}: expected {expected}")]
    Expected {
        /// Characters before it.
        at: usize,
        /// What is expected.
        expected: &'static str,
    },
    /// A path.
    #[error("the filter names something else than an attribute at character {at}")]
    Path {
        /// Characters before it.
        at: usize,
        /// Why.
        source: PathFault,
    },
}

impl Filter {
    /// Reads a filter.
    pub fn read(text: &str) -> Result<Self, FilterFault> {
        parse::read(text)
    }

    /// Whether a resource answers it.
    pub fn matches(&self, resource: &Object) -> bool {
        judge::matches(self, resource)
    }

    /// Comparisons in it: what answering it for one resource costs, roughly.
    pub fn terms(&self) -> usize {
        match self {
            Self::Present(_) | Self::Compare(..) => 1,
            Self::Has(_, inner) | Self::Not(inner) => inner.terms(),
            Self::And(all) | Self::Or(all) => all.iter().map(Self::terms).sum(),
        }
    }

    /// The text, where the filter asks for nothing but one attribute equal to one: for a look into an index, which is what
    /// directories do before each change.
    pub fn wants(&self, name: &str) -> Option<&str> {
        match self {
            Self::Compare(path, Operator::Eq, Literal::Text(text))
                if path.schema.is_none() && path.part.is_none() && path.name.eq_ignore_ascii_case(name) =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    /// What an element must have to answer it, where it is `eq` to texts and truths joined by `and` alone: so an element
    /// that is asked for and not there can be made.
    pub(super) fn as_element(&self) -> Option<Object> {
        match self {
            Self::Compare(Path { schema: None, name, part: None }, Operator::Eq, literal) => {
                let value = match literal {
                    Literal::Text(text) => text.as_str().into(),
                    Literal::Boolean(truth) => (*truth).into(),
                    Literal::Number(_) | Literal::Null => return None,
                };
                Some(Object::from_iter([(name.clone(), value)]))
            }
            Self::And(all) => {
                let mut element = Object::new();
                for one in all {
                    element.append(&mut one.as_element()?);
                }
                Some(element)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
