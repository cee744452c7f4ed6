//! Fuzz targets for `fanlight-packages`, for libFuzzer. See README.md.

pub mod targets;
