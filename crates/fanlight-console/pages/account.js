import { ask, element, onPress, onSubmit, providerLink, say, time } from "/pages/fanlight.js";
import { deviceName, makePasskey, showPasskey } from "/pages/passkeys.js";

function row(session) {
  const line = document.createElement("tr");
  const known = session.new_browser ? `${session.browser}, new when it logged in` : session.browser;
  const browser = session.current ? `${known} (here)` : known;
  for (const text of [browser, time(session.begun), time(session.seen), time(session.ends)]) {
    line.append(Object.assign(document.createElement("td"), { textContent: text }));
  }
  const cell = document.createElement("td");
  if (!session.current) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "End" });
    button.setAttribute("aria-label", `End the session of ${session.browser} since ${time(session.begun)}`);
    button.addEventListener("click", () => act(() => ask("DELETE", `/v1/account/sessions/${session.session}`)));
    cell.append(button);
  }
  line.append(cell);
  return line;
}

function passkeyRow(passkey) {
  const line = document.createElement("tr");
  for (const text of [passkey.name, time(passkey.created), passkey.used ? time(passkey.used) : "never"]) {
    line.append(Object.assign(document.createElement("td"), { textContent: text }));
  }
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Remove" });
  button.setAttribute("aria-label", `Remove the passkey ${passkey.name}`);
  onPress(button, async () => {
    await ask("DELETE", `/v1/account/passkeys/${passkey.passkey}`);
    await show();
  });
  const cell = document.createElement("td");
  cell.append(button);
  line.append(cell);
  return line;
}

let account = {};

async function show() {
  account = await ask("GET", "/v1/account");
  const roles = account.roles.length ? account.roles.join(", ") : "builder";
  element("who").textContent = `You are ${account.name}: ${roles}.`;
  element("fresh").textContent = account.fresh_until
    ? `Shown lately: until ${time(account.fresh_until)} you may do what asks for a fresh one.`
    : "Acts that widen rights or destroy something ask for one shown within the last 10 minutes.";
  const few = account.recovery_codes < 4 ? " Ask a steward for a new invitation before they run out." : "";
  // By it a password manager knows whose the new password is.
  element("username").value = account.name;
  element("step-up").hidden = !account.has_password;
  element("recovery").hidden = !account.has_password;
  element("password-part").hidden = !account.has_password;
  element("passkey-part").hidden = !account.passkeys.length;
  element("no-passkeys").hidden = account.passkeys.length > 0;
  element("passkeys-table").hidden = !account.passkeys.length;
  element("passkeys").replaceChildren(...account.passkeys.map(passkeyRow));
  element("recovery").textContent = `${account.recovery_codes} recovery codes are left.${few}`;
  element("sessions").replaceChildren(...account.sessions.map(row));
  element("all").hidden = false;
}

async function act(what) {
  say("");
  try {
    await what();
    await show();
  } catch (error) {
    if (error.status === 401 || error.status === 403) location.assign("/login");
    else say(error.message);
  }
}

onSubmit(element("step-up"), async () => {
  const code = element("code");
  try {
    await ask("POST", "/v1/step-up", { code: code.value });
    await show();
  } finally {
    code.value = "";
  }
});

onPress(element("show-passkey"), async () => {
  await ask("POST", "/v1/step-up", { passkey: await showPasskey() });
  await show();
});

/** A button that begins to add a provider: a change, so that no other page can begin it by a link. */
function adds(name, words) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  onPress(button, async () => {
    const { address } = await ask("POST", `/v1/account/providers/${encodeURIComponent(name)}`, {});
    location.assign(address);
  });
  return button;
}

async function showProviders() {
  const { providers } = await ask("GET", "/v1/login/ways");
  element("providers-part").hidden = !providers.length;
  const known = account.providers.length ? `You log in here at ${account.providers.join(" and ")}.` : "You log in at none of them yet.";
  element("providers-said").textContent = `${known} To add one, show a second factor first.`;
  const words = (name) => (account.providers.includes(name) ? `Show at ${name} who you are` : `Add ${name}`);
  const leads = (name) => (account.providers.includes(name) ? providerLink(name, words(name)) : adds(name, words(name)));
  element("providers").replaceChildren(...providers.map(leads));
}

element("passkey-name").value = deviceName();
onPress(element("add-passkey"), async () => {
  const offer = await ask("POST", "/v1/account/passkeys/offer", {});
  const name = element("passkey-name").value.trim() || deviceName();
  await ask("POST", "/v1/account/passkeys", await makePasskey(offer, account.name, name));
  await show();
});

onSubmit(element("password-form"), async () => {
  element("changed").hidden = true;
  if (element("new").value !== element("again").value) throw new Error("The two new passwords are not the same.");
  const ended = await ask("POST", "/v1/account/password", { current: element("current").value, new: element("new").value });
  for (const field of ["current", "new", "again"]) element(field).value = "";
  const others = { 0: "You were logged in nowhere else.", 1: "One other session ended." }[ended.sessions];
  element("changed").textContent = `It is changed. ${others || `${ended.sessions} other sessions ended.`}`;
  element("changed").hidden = false;
  await show();
});

element("logout").addEventListener("click", async () => {
  await ask("POST", "/v1/logout", {}).catch(() => {});
  location.assign("/login");
});

act(async () => {}).then(() => account.person && showProviders().catch((error) => say(error.message)));
