import { ask, element, onSubmit } from "/pages/fanlight.js";

// The link's secret stands behind the `#`, which browsers do not send, and leaves the address bar and the history at once.
const link = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const duties = {
  steward: "You will be a steward: you run this node and answer for it.",
  reviewer: "You will be a reviewer: you answer for what is let through and what is stopped.",
  mentor: "You will be a mentor: you help others here.",
  auditor: "You will be an auditor: you read everything and change nothing.",
};

let ticket = "";

async function open() {
  if (!link) throw new Error("This page is opened by a link that a steward, or the node's first start, gave you.");
  const welcome = await ask("POST", "/v1/welcome", { link });
  ticket = welcome.ticket;
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
  element("join").hidden = false;
  element(welcome.name ? "password" : "name").focus();
}

onSubmit(element("join"), async () => {
  if (element("password").value !== element("again").value) throw new Error("The two passwords are not the same.");
  const joined = await ask("POST", "/v1/welcome/join", {
    link,
    ticket,
    name: element("name").value,
    password: element("password").value,
    code: element("code").value,
  });
  const codes = joined.recovery_codes.map((code) => Object.assign(document.createElement("li"), { textContent: code }));
  element("list").replaceChildren(...codes);
  element("join").hidden = true;
  element("intro").textContent = `${joined.name}, you have an account and are logged in.`;
  element("codes").hidden = false;
  element("codes-title").focus();
});

open().catch((error) => {
  element("intro").textContent = error.message;
});
