import { ask, element, onPress, onSubmit } from "/pages/fanlight.js";
import { canHavePasskeys, deviceName, makePasskey } from "/pages/passkeys.js";

// The link's secret stands behind the `#`, which browsers do not send, and leaves the address bar and the history at once.
const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const duties = {
  steward: "You will be a steward: you run this node and answer for it.",
  reviewer: "You will be a reviewer: you answer for what is let through and what is stopped.",
  mentor: "You will be a mentor: you help others here.",
  auditor: "You will be an auditor: you read everything and change nothing.",
};

let welcome = {};

async function open() {
  if (!link) throw new Error("This page is opened by a link that a steward, or the node's first start, gave you.");
  welcome = await ask("POST", "/v1/welcome", { link });
  element("secret").textContent = welcome.secret.match(/.{1,4}/g).join(" ");
  element("uri").href = welcome.uri;
  if (welcome.picture) {
    const drawn = new DOMParser().parseFromString(welcome.picture, "image/svg+xml").documentElement;
    element("picture").replaceChildren(drawn);
  } else element("picture").hidden = true;
  if (welcome.name) {
    element("name").value = welcome.name;
    element("name").readOnly = true;
  }
  element("intro").textContent = duties[welcome.role] || "Make your account; it takes two minutes.";
  const withPasskey = welcome.passkey && canHavePasskeys();
  element("by-passkey").hidden = !withPasskey;
  element("by-password").open = !withPasskey;
  element("join").hidden = false;
  if (!welcome.name) element("name").focus();
  else element(withPasskey ? "make-passkey" : "password").focus();
}

/** What is shown when the account is there: the recovery codes of whoever took a password. */
function shown(joined) {
  const codes = joined.recovery_codes.map((code) => Object.assign(document.createElement("li"), { textContent: code }));
  element("list").replaceChildren(...codes);
  element("join").hidden = true;
  element("intro").textContent = `${joined.name}, you have an account and are logged in.`;
  const section = codes.length ? "codes" : "made";
  element(section).hidden = false;
  element(`${section}-title`).focus();
}

onPress(element("make-passkey"), async () => {
  const name = element("name");
  if (!name.reportValidity()) return;
  const passkey = await makePasskey(welcome.passkey, name.value.trim(), deviceName());
  try {
    shown(await ask("POST", "/v1/welcome/join", { link, name: name.value, passkey }));
  } catch (error) {
    // The question was answered: the next try needs another one.
    welcome = await ask("POST", "/v1/welcome", { link }).catch(() => welcome);
    throw error;
  }
});

onSubmit(element("join"), async () => {
  if (element("password").value !== element("again").value) throw new Error("The two passwords are not the same.");
  shown(
    await ask("POST", "/v1/welcome/join", {
      link,
      ticket: welcome.ticket,
      name: element("name").value,
      password: element("password").value,
      code: element("code").value,
    }),
  );
});

open().catch((error) => {
  element("intro").textContent = error.message;
});
