//! What may stand in a record as a device's id.

use super::*;

#[test]
fn only_what_has_the_form_of_a_devices_id_is_recorded_as_one() {
    assert!(is_device_id("dev_0123456789abcxyz"));
    for other in
        ["", "dev_", "asha", "dev_asha", "dev_0123456789ABCXYZ", "dev_0123456789abcxy", "dev_0123456789abcxyz0"]
    {
        assert!(!is_device_id(other), "{other}");
    }
    assert!(!is_device_id("dev_0123456789abcxé"), "16 bytes, but not of the letters");
}
