/** How each package client is led to a node: the command, and its own settings by hand. */

export interface Client {
  name: string;
  /** The file that its settings stand in. */
  file: string;
  settings: (address: string) => string;
}

const bare = (address: string) => address.replace(/\/$/, "");

export const CLIENTS: readonly Client[] = [
  { name: "pip", file: "pip.conf", settings: (address) => `[global]\nindex-url = ${bare(address)}/pypi/simple/` },
  { name: "uv", file: "uv.toml", settings: (address) => `[[index]]\nurl = "${bare(address)}/pypi/simple/"\ndefault = true` },
  { name: "npm", file: ".npmrc", settings: (address) => `registry=${bare(address)}/npm/\nreplace-registry-host=always` },
  { name: "pnpm", file: ".npmrc", settings: (address) => `registry=${bare(address)}/npm/` },
  { name: "yarn", file: ".yarnrc.yml", settings: (address) => `npmRegistryServer: "${bare(address)}/npm"${address.startsWith("http:") ? `\nunsafeHttpWhitelist: ["${new URL(address).hostname}"]` : ""}` },
  {
    name: "cargo",
    file: "~/.cargo/config.toml",
    settings: (address) => `[source.crates-io]\nreplace-with = "fanlight"\n\n[source.fanlight]\nregistry = "sparse+${bare(address)}/cargo/"`,
  },
];

/** An index's address with a name and a token in it, as pip and uv take it. */
export function withToken(index: { scheme: string; host: string; port: number; path: string }, person: string, token: string): string {
  return `${index.scheme}://${encodeURIComponent(person)}:${token}@${index.host}:${index.port}${index.path}`;
}
