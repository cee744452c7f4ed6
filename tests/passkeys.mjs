// A real browser with a virtual authenticator (WebDriver's of Chromium, by its DevTools protocol) on the node's own pages.
// Usage: node --experimental-websocket passkeys.mjs CHROMIUM LINK PROFILE   It says as JSON what each page showed.
import { spawn } from "node:child_process";

/** How long the browser may take for one answer, in milliseconds. */
const ANSWER = 5000;
const [chromium, link, profile] = process.argv.slice(2);
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
const browser = spawn(chromium, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
const seen = {};
try {
  const address = await new Promise((found, lost) => {
    let said = "";
    browser.stderr.on("data", (bytes) => {
      said += bytes;
      const at = said.match(/DevTools listening on (ws:\S+)/);
      if (at) found(at[1]);
    });
    browser.on("exit", () => lost(new Error(`the browser ended: ${said}`)));
  });
  const socket = new WebSocket(address);
  await new Promise((open) => socket.addEventListener("open", open));
  const waiting = new Map();
  const errors = [];
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === "Runtime.exceptionThrown") errors.push(message.params.exceptionDetails.exception?.description);
    if (message.method === "Log.entryAdded") errors.push(message.params.entry.text);
    waiting.get(message.id)?.(message);
  });
  let last = 0;
  const call = (method, params = {}, sessionId) =>
    new Promise((done, failed) => {
      const id = ++last;
      // A page that goes away while it is asked may take the answer with it.
      const late = setTimeout(() => failed(new Error(`${method}: no answer within ${ANSWER} ms`)), ANSWER);
      waiting.set(id, ({ result, error }) => {
        clearTimeout(late);
        waiting.delete(id);
        error ? failed(new Error(`${method}: ${error.message}`)) : done(result);
      });
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
  const page = (method, params) => call(method, params, sessionId);
  for (const domain of ["Page", "Runtime", "Log", "WebAuthn"]) await page(`${domain}.enable`);
  const options = {
    protocol: "ctap2",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  await page("WebAuthn.addVirtualAuthenticator", { options });
  const run = async (expression) => {
    const done = await page("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (done.exceptionDetails) throw new Error(done.exceptionDetails.exception?.description);
    return done.result.value;
  };
  const until = async (what, expression) => {
    for (let tries = 0; tries < 200; tries++) {
      if (await run(expression).catch(() => false)) return;
      await new Promise((later) => setTimeout(later, 50));
    }
    const said = await run("document.body.innerText");
    throw new Error(`waited in vain for ${what}: ${said}; ${errors.join("; ")}`);
  };
  const shows = (id) => `location.href !== "about:blank" && !document.getElementById("${id}")?.closest("[hidden]") && !!document.getElementById("${id}")`;
  const text = () => run("document.body.innerText");

  await page("Page.navigate", { url: link });
  await until("the offer of a passkey", shows("make-passkey"));
  seen.picture = await run('document.querySelectorAll("#picture svg path").length');
  seen.hash = await run("location.hash");
  await run('document.getElementById("name").value = "asha"; document.getElementById("make-passkey").click()');
  await until("the account", shows("made"));
  seen.welcome = await text();
  await page("Page.navigate", { url: new URL("/account", link).href });
  await until("one's account", shows("passkeys-table"));
  seen.account = await text();
  const leaves = (expression) => run(expression).catch(() => undefined);
  await leaves('document.getElementById("logout").click()');
  await until("the login", shows("passkey"));
  await leaves('document.getElementById("passkey").click()');
  await until("the console", 'location.pathname === "/"');
  await page("Page.navigate", { url: new URL("/account", link).href });
  await until("one's account again", `location.pathname === "/account" && ${shows("who")} && document.getElementById("who").innerText.includes("asha")`);
  seen.again = await text();
  seen.errors = errors;
  console.log(JSON.stringify(seen));
} finally {
  const ended = browser.exitCode === null && browser.signalCode === null ? new Promise((end) => browser.on("exit", end)) : undefined;
  browser.kill();
  const hard = setTimeout(() => browser.kill("SIGKILL"), ANSWER);
  await ended;
  clearTimeout(hard);
}
