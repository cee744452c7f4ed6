//! The formats of a Python package index as pure functions: read a page (`index`), read a file's name (`name`), choose a
//! format (`negotiate`), write a page (`render`).
//!
//! Refuses to know any I/O, any policy and who asks. Everything read here was written by a stranger: sizes and counts are
//! bounded by `fanlight_base::limits`, a fault in one file never takes the page with it, and no error shows page content
//! other than a cleaned file name.

pub mod index;
pub mod name;
pub mod negotiate;
pub mod render;
