//! Pieces of JSON from outside: texts that are borrowed where they can be, and lists with an end.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

/// A text, without a copy where the bytes hold it as it is.
#[derive(Debug, serde::Deserialize)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// A list of at most `N`.
#[derive(Debug)]
pub struct Many<T, const N: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Many<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded<T, const N: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Bounded<T, N> {
            type Value = Many<T, N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {N}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut many = Vec::new();
                while let Some(next) = list.next_element()? {
                    if many.len() == N {
                        return Err(A::Error::custom(format_args!("a list has over {N} entries")));
                    }
                    many.push(next);
                }
                Ok(Many(many))
            }
        }
        deserializer.deserialize_seq(Bounded(PhantomData))
    }
}

/// The entries of a list that may be missing.
pub fn list<T, const N: usize>(many: &Option<Many<T, N>>) -> &[T] {
    many.as_ref().map_or(&[], |Many(list)| list)
}
