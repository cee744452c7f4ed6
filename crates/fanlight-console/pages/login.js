import { ask, element, onPress, onSubmit, providerLink, say } from "/pages/fanlight.js";
import { canHavePasskeys, showPasskey } from "/pages/passkeys.js";

// What came of a login at a provider: the node leads back here with one of these words.
const wrongs = {
  "not-begun": "That login was not begun in this browser, or took too long. Begin it here.",
  "provider-refused": "The provider did not let you in.",
  "provider-failed": "The login at the provider came to nothing: it did not answer as it should. Tell a steward; the node's log says more.",
  "name-taken": "Somebody of your name is known here, or was. If that is you: log in as before, or ask a steward for an invitation, and add the provider on the page of your account.",
  "no-name": "The provider gives you no name that can be one here. Tell a steward.",
};
say(wrongs[location.hash.slice(1)] || "");
history.replaceState(null, "", location.pathname);

ask("GET", "/v1/login/ways")
  .then((ways) => {
    element("by-passkey").hidden = !ways.passkeys || !canHavePasskeys();
    element("providers").replaceChildren(...ways.providers.map((name) => providerLink(name, `Log in at ${name}`)));
    element("by-provider").hidden = !ways.providers.length;
  })
  .catch((error) => say(error.message));

onPress(element("passkey"), async () => {
  await ask("POST", "/v1/login/passkey", await showPasskey());
  location.assign("/");
});

onSubmit(element("login"), async () => {
  try {
    const shown = { name: element("name").value, password: element("password").value, code: element("code").value };
    await ask("POST", "/v1/login", shown);
    location.assign("/");
  } catch (error) {
    // A code is good once: the next try needs another one.
    element("code").value = "";
    element("code").focus();
    throw error;
  }
});
