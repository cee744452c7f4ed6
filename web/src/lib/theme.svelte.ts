/** Light or dark: as the system says, until somebody says otherwise on this browser. */
export type Theme = "system" | "light" | "dark";

const KEY = "fanlight.theme";
const THEMES: Theme[] = ["system", "light", "dark"];

class ThemeChoice {
  chosen = $state<Theme>(THEMES.find((one) => one === localStorage.getItem(KEY)) ?? "system");

  choose(theme: Theme) {
    this.chosen = theme;
    localStorage.setItem(KEY, theme);
    this.apply();
  }

  next() {
    this.choose(THEMES[(THEMES.indexOf(this.chosen) + 1) % THEMES.length] ?? "system");
  }

  apply() {
    if (this.chosen === "system") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset.theme = this.chosen;
  }
}

export const theme = new ThemeChoice();
