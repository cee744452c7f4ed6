/** Every view of the console, fetched when it is first opened. */
import type { Component } from "svelte";

type View = () => Promise<{ default: Component }>;

export const views: Record<string, View> = {
  today: () => import("../routes/Today.svelte"),
  inbox: () => import("../routes/Inbox.svelte"),
  requests: () => import("../routes/Requests.svelte"),
  packages: () => import("../routes/Packages.svelte"),
  apps: () => import("../routes/Apps.svelte"),
  activity: () => import("../routes/Activity.svelte"),
  policies: () => import("../routes/Policies.svelte"),
  people: () => import("../routes/People.svelte"),
  setup: () => import("../routes/Setup.svelte"),
};

export const viewNames = Object.keys(views);
