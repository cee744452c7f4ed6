/** Who is logged in here, and what their roles open. The node decides; this only spares people pages they cannot use. */
import { api, got, type Schemas } from "./api/client";

type Account = Schemas["Account"];

/** The views of each role besides those of everybody, and the parts of Set-up. */
const OPENS: Record<string, readonly string[]> = {
  mentor: ["inbox", "people", "machines"],
  reviewer: ["inbox", "policies", "people", "machines"],
  auditor: ["inbox", "activity", "policies", "people", "machines", "settings"],
  steward: ["inbox", "activity", "policies", "people", "machines", "settings"],
};

/** The roles that open a view. */
export const rolesFor = (view: string): string[] => Object.keys(OPENS).filter((role) => OPENS[role]?.includes(view));

const EVERYBODY: readonly string[] = ["today", "requests", "packages", "apps", "setup", "clients", "sources", "node"];

/** Under which the roles stand of whoever was logged in here last. */
const KEY = "fanlight.roles";

const read = (): readonly string[] | undefined => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : undefined;
  } catch {
    return undefined;
  }
};

class Session {
  account = $state.raw<Account | undefined>();
  #expected = read();

  async load() {
    this.account = await got(api.GET("/v1/account"));
    localStorage.setItem(KEY, JSON.stringify(this.account.roles));
  }

  /** Whether pages may be drawn before the node has said who this is, because somebody was logged in here. */
  get isExpected(): boolean {
    return this.account !== undefined || this.#expected !== undefined;
  }

  get roles(): readonly string[] {
    return this.account?.roles ?? this.#expected ?? [];
  }

  opens(view: string): boolean {
    return EVERYBODY.includes(view) || this.roles.some((role) => OPENS[role]?.includes(view));
  }

  /** Whether they may answer requests and stop releases. */
  get judges(): boolean {
    return this.roles.some((role) => role === "reviewer" || role === "steward");
  }

  get isSteward(): boolean {
    return this.roles.includes("steward");
  }

  /** Nobody is expected here any more. */
  forget() {
    localStorage.removeItem(KEY);
  }

  async logOut() {
    await got(api.POST("/v1/logout")).catch(() => {});
    this.forget();
    location.assign("/login");
  }
}

export const session = new Session();
