#![no_main]

use fanlight_packages_fuzz::targets::fuzz_file_name;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_file_name(data));
