import { expect, it } from "vitest";
import { CLIENTS, commandElsewhere, withToken } from "./clients";

it.each(CLIENTS)("$name is led to the node and nowhere else", ({ settings }) => {
  const text = settings("http://127.0.0.1:7070/");
  expect(text).toContain("http://127.0.0.1:7070/");
  expect(text.match(/https?:\/\/[^/\s"]+/g)?.every((host) => host === "http://127.0.0.1:7070")).toBe(true);
});

it("puts a token where pip looks for it", () => {
  const index = { scheme: "http", host: "127.0.0.1", port: 7070, path: "/pypi/simple/" };
  expect(withToken(index, "asha k", "flk_1")).toBe("http://asha%20k:flk_1@127.0.0.1:7070/pypi/simple/");
});

it.each(CLIENTS)("$name shows a key where it is given one, and only then", ({ settings }) => {
  const key = { name: "asha k", secret: "flk_1_2" };
  expect(settings("https://fan.example:7070/")).not.toContain("flk_");
  const text = settings("https://fan.example:7070/", key);
  expect(text).toContain("flk_1_2");
  expect(text).not.toContain("asha k");
});

it("leads a client on another machine here by a key, and not by its name", () => {
  expect(commandElsewhere("pip", "https://fan.example:7070/")).toBe("fanlight use pip --at https://fan.example:7070 < key");
  expect(commandElsewhere("pnpm", "https://fan.example:7070", { name: "asha", secret: "flk_1" })).toBe("FANLIGHT_KEY=flk_1 fanlight use npm --at https://fan.example:7070");
});
