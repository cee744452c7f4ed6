import { render } from "@testing-library/svelte";
import { expect, it } from "vitest";
import PolicyText from "./PolicyText.svelte";

const TEXT = '// why\n@id("no-demo")\nforbid (principal, action, resource);';

it("shows each letter of a policy, its words told apart from its rules", () => {
  const { container } = render(PolicyText, { text: `\n${TEXT}\n`, place: "own.cedar:1" });
  const pre = container.querySelector("pre") as HTMLElement;
  expect(pre.textContent).toBe(TEXT);
  expect(pre.querySelector(".word")?.textContent).toBe("forbid");
  expect(pre.querySelector(".remark")?.textContent).toContain("// why");
  expect(container.querySelector("figcaption")?.textContent).toBe("own.cedar:1");
  // It scrolls, so the keyboard has to reach it.
  expect(pre.tabIndex).toBe(0);
});
