// A provider at which people log in: panva's oidc-provider with its own development pages, in memory.
// Usage: node provider.mjs PORT REDIRECT...   It says "ready" when it listens.
import Provider from "oidc-provider";

const [port, ...redirects] = process.argv.slice(2);
// Nobody reads on once it is ready.
process.stdout.on("error", () => {});
const issuer = `http://127.0.0.1:${port}`;
const groups = { asha: ["finance", "Sales", "not a group!"], ben: [] };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "fanlight",
      client_secret: "a secret: with & signs",
      redirect_uris: redirects,
      grant_types: ["authorization_code"],
      response_types: ["code"],
      require_auth_time: true,
    },
  ],
  // What is claimed stands in the ID token, as with the providers that companies use.
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], profile: ["preferred_username", "groups"], email: ["email"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `subject-${id}`, preferred_username: id, groups: groups[id] ?? [] }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["a key of a test"] },
  features: { devInteractions: { enabled: true } },
});
provider.on("server_error", (_, error) => console.error(error));
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
