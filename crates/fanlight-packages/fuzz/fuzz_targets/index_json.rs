#![no_main]

use fanlight_packages_fuzz::targets::fuzz_index_json;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_index_json(data));
