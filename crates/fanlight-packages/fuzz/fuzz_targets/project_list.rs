#![no_main]

use fanlight_packages_fuzz::targets::fuzz_project_list;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_project_list(data));
