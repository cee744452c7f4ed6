/** Who is logged in here, and what their roles open. The node decides; this only spares people pages they cannot use. */
import { api, got, type Schemas } from "./api/client";

type Account = Schemas["Account"];

/** The views of each role besides those of everybody. */
const OPENS: Record<string, readonly string[]> = {
  mentor: ["inbox", "people"],
  reviewer: ["inbox", "policies", "people"],
  auditor: ["inbox", "activity", "policies", "people"],
  steward: ["inbox", "activity", "policies", "people"],
};

const EVERYBODY: readonly string[] = ["today", "requests", "packages", "apps", "setup"];

class Session {
  account = $state.raw<Account | undefined>();

  async load() {
    this.account = await got(api.GET("/v1/account"));
  }

  get roles(): readonly string[] {
    return this.account?.roles ?? [];
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

  async logOut() {
    await got(api.POST("/v1/logout")).catch(() => {});
    location.assign("/login");
  }
}

export const session = new Session();
