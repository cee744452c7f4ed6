/** How each package client is led to a node: the command, and its own settings by hand, with a key of one's own where there is one. */

/** Who fetches: a name to read, and the key that says so. */
export interface Key {
  name: string;
  secret: string;
}

export interface Client {
  name: string;
  /** The file that its settings stand in. */
  file: string;
  settings: (address: string, key?: Key) => string;
}

const bare = (address: string) => address.replace(/\/$/, "");

/** pip and uv take a name and a key between scheme and host. */
function withKey(address: string, key: Key | undefined): string {
  return key ? bare(address).replace("://", `://${encodeURIComponent(key.name)}:${key.secret}@`) : bare(address);
}

/** npm and those that read its file take a key for what begins so. */
const npmKey = (address: string, key: Key | undefined) => (key ? `\n${bare(address).replace(/^https?:/, "")}/npm/:_authToken=${key.secret}` : "");

function cargo(address: string, key: Key | undefined): string {
  if (!key) return `[source.crates-io]\nreplace-with = "fanlight"\n\n[source.fanlight]\nregistry = "sparse+${bare(address)}/cargo/"`;
  const registry = `index = "sparse+${bare(address)}/cargo/with-token/"\ncredential-provider = ["cargo:token"]\ntoken = "Bearer ${key.secret}"`;
  return `[source.crates-io]\nreplace-with = "fanlight"\n\n[registries.fanlight]\n${registry}`;
}

function yarn(address: string, key: Key | undefined): string {
  const lines = [`npmRegistryServer: "${bare(address)}/npm/"`];
  if (key) lines.push("npmAlwaysAuth: true", `npmAuthToken: "${key.secret}"`);
  if (address.startsWith("http:")) lines.push(`unsafeHttpWhitelist: ["${new URL(address).hostname}"]`);
  return lines.join("\n");
}

export const CLIENTS: readonly Client[] = [
  { name: "pip", file: "pip.conf", settings: (address, key) => `[global]\nindex-url = ${withKey(address, key)}/pypi/simple/` },
  { name: "uv", file: "uv.toml", settings: (address, key) => `[[index]]\nurl = "${withKey(address, key)}/pypi/simple/"\ndefault = true` },
  { name: "npm", file: ".npmrc", settings: (address, key) => `registry=${bare(address)}/npm/\nreplace-registry-host=always${npmKey(address, key)}` },
  { name: "pnpm", file: ".npmrc", settings: (address, key) => `registry=${bare(address)}/npm/${npmKey(address, key)}` },
  { name: "yarn", file: ".yarnrc.yml", settings: yarn },
  { name: "cargo", file: "~/.cargo/config.toml", settings: cargo },
];

/** The command that leads a client on another machine here, by a key that stands in a variable or a file. */
export function commandElsewhere(client: string, address: string, key?: Key): string {
  const command = `fanlight use ${client === "pnpm" ? "npm" : client} --at ${bare(address)}`;
  return key ? `FANLIGHT_KEY=${key.secret} ${command}` : `${command} < key`;
}

/** An index's address with a name and a token in it, as pip and uv take it. */
export function withToken(index: { scheme: string; host: string; port: number; path: string }, person: string, token: string): string {
  return `${index.scheme}://${encodeURIComponent(person)}:${token}@${index.host}:${index.port}${index.path}`;
}
