#![no_main]

use fanlight_packages_fuzz::targets::fuzz_packument;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_packument(data));
