import { ask, element, onPress, onSubmit } from "/pages/fanlight.js";
import { canHavePasskeys, showPasskey } from "/pages/passkeys.js";

element("by-passkey").hidden = !canHavePasskeys();

onPress(element("passkey"), async () => {
  await ask("POST", "/v1/login/passkey", await showPasskey());
  location.assign("/account");
});

onSubmit(element("login"), async () => {
  try {
    const shown = { name: element("name").value, password: element("password").value, code: element("code").value };
    await ask("POST", "/v1/login", shown);
    location.assign("/account");
  } catch (error) {
    // A code is good once: the next try needs another one.
    element("code").value = "";
    element("code").focus();
    throw error;
  }
});
