#![no_main]

use fanlight_packages_fuzz::targets::fuzz_audit;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_audit(data));
