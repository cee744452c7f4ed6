// What the node's own pages share: asking the API, and saying what came of it.

export const element = (id) => document.getElementById(id);

/** Asks the API. Gives the answer's body; throws an Error with the words for people and the status. */
export async function ask(method, path, body) {
  const init = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Error("The node does not answer. Is it running?");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  // The detail ends with what to do now.
  const words = said.detail || said.title || `The node answered with ${answer.status}.`;
  throw Object.assign(new Error(words), { status: answer.status });
}

/** Shows words where a screen reader tells them, or takes them away. */
export function say(words) {
  const said = element("said");
  said.textContent = words || "";
  said.hidden = !words;
}

/** Has a form do this instead of being sent; its button waits meanwhile. */
export function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    say("");
    try {
      await act();
    } catch (error) {
      say(error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/** Has a button do this; it waits meanwhile. */
export function onPress(button, act) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("");
    try {
      await act();
    } catch (error) {
      say(error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/** A link that leads to a provider to log in there. */
export function providerLink(name, words) {
  const link = Object.assign(document.createElement("a"), { className: "button", textContent: words });
  link.href = `/login/with/${encodeURIComponent(name)}`;
  return link;
}

/** A time as people here write it. */
export const time = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
