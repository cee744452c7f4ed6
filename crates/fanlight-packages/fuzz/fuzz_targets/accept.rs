#![no_main]

use fanlight_packages_fuzz::targets::fuzz_accept;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_accept(data));
