// Somebody at a browser, in a few lines: follows redirects, keeps cookies by host, fills in the provider's forms.
// Usage: node visitor.mjs START NAME [COOKIE] [stop]   Says as JSON where it ended, and the cookies of each host.
const [start, name, cookie, until] = process.argv.slice(2);
const jars = new Map();
const jar = (url) => {
  const { host } = new URL(url);
  if (!jars.has(host)) jars.set(host, new Map());
  return jars.get(host);
};
if (cookie) jar(start).set(...cookie.split(/=(.*)/s).slice(0, 2));

async function visit(url, form) {
  const cookies = [...jar(url)].map(([key, value]) => `${key}=${value}`).join("; ");
  const init = { redirect: "manual", headers: cookies ? { cookie: cookies } : {} };
  // As a browser says of a link on the node's own page, and of what that page asks for.
  if (url === start) init.headers["sec-fetch-site"] = "same-origin";
  if (url === start && form) init.headers.origin = new URL(start).origin;
  if (form) Object.assign(init, { method: "POST", body: new URLSearchParams(form) });
  const answer = await fetch(url, init);
  for (const line of answer.headers.getSetCookie()) {
    const [key, value] = line.split(";")[0].split(/=(.*)/s);
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line) || !value) jar(url).delete(key);
    else jar(url).set(key, value);
  }
  return answer;
}

let url = start;
let answer = await visit(url, new URL(start).pathname.startsWith("/v1/") ? {} : undefined);
// What a page of the node's asked for: it leads on by itself.
if (answer.ok && url.includes("/v1/")) {
  url = (await answer.json()).address;
  answer = await visit(url);
}
const seen = [];
for (let step = 0; step < 20; step++) {
  const to = answer.headers.get("location");
  if (to) {
    url = new URL(to, url).href;
    seen.push(url);
    if (until === "stop" && url.includes("/login/answer")) break;
    if (/\/account$|\/login#/.test(url)) break;
    answer = await visit(url);
    continue;
  }
  const page = await answer.text();
  const action = page.match(/<form[^>]* action="([^"]+)"/)?.[1];
  if (!action) {
    seen.push(`${answer.status} ${page.slice(0, 300)}`);
    break;
  }
  const prompt = page.match(/name="prompt" value="([^"]+)"/)[1];
  url = new URL(action, url).href;
  answer = await visit(url, prompt === "login" ? { prompt, login: name, password: "any" } : { prompt });
}
const cookies = Object.fromEntries([...jars].map(([host, kept]) => [host, Object.fromEntries(kept)]));
console.log(JSON.stringify({ url, seen, cookies }));
