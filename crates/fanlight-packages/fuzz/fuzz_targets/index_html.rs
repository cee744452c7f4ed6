#![no_main]

use fanlight_packages_fuzz::targets::fuzz_index_html;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_index_html(data));
