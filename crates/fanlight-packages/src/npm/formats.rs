//! What npm's clients and registries say to one another, as values: names, packuments, integrities. No I/O.

pub mod audit;
pub mod integrity;
pub mod name;
pub mod object;
pub mod packument;
pub mod render;
