// Makes the types of the admin API's client out of the document that the node serves, as this checkout's own crate writes it: what
// the console asks and what the node answers cannot drift apart, because a difference does not pass the type check. Beside it the
// paths of all that is done once under an `Idempotency-Key`.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import openapi, { astToString } from "openapi-typescript";

const here = new URL("..", import.meta.url);
const text = execFileSync(
  "cargo",
  ["run", "--quiet", "--locked", "--package", "fanlight-api", "--example", "document"],
  { cwd: new URL("..", here), encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio: ["ignore", "pipe", "inherit"] },
);
const document = JSON.parse(text);
const takesKey = ({ post }) => post?.parameters?.some(({ name }) => name === "Idempotency-Key");
const keyed = Object.keys(document.paths).filter((path) => takesKey(document.paths[path]));
writeFileSync(new URL("src/lib/api/schema.d.ts", here), astToString(await openapi(document)));
writeFileSync(new URL("src/lib/api/keyed.json", here), `${JSON.stringify(keyed)}\n`);
