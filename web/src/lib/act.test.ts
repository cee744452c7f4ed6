import { expect, it, vi } from "vitest";
import { act, fresh } from "./act.svelte";
import { Refusal } from "./api/client";

const stale = new Refusal(403, "Denied", "This needs a second factor.", undefined, ["fresh-second-factor"], undefined);

it("asks for a second factor and does it again", async () => {
  const run = vi.fn().mockRejectedValueOnce(stale).mockResolvedValue("done");
  const doing = act(run);
  await vi.waitFor(() => expect(fresh.wanted).toBe(true));
  fresh.answer(true);
  expect(await doing).toBe("done");
  expect(fresh.wanted).toBe(false);
});

it("leaves it where nobody shows one, or another refusal stands in the way", async () => {
  const run = vi.fn().mockRejectedValue(stale);
  const doing = act(run).catch((error: unknown) => error);
  await vi.waitFor(() => expect(fresh.wanted).toBe(true));
  fresh.answer(false);
  expect(await doing).toBe(stale);
  expect(run).toHaveBeenCalledOnce();
  const other = new Refusal(403, "Denied", "No.", undefined, [], undefined);
  await expect(act(() => Promise.reject(other))).rejects.toBe(other);
  expect(fresh.wanted).toBe(false);
});
