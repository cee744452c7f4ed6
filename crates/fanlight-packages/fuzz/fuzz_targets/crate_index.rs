#![no_main]

use fanlight_packages_fuzz::targets::fuzz_crate_index;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_crate_index(data));
