/** Light, dark, or as the system says. The choice is a cookie, so that the server draws it at once. */

type Theme = "auto" | "light" | "dark";

const COOKIE = "abaque_theme";
const YEAR_SECONDS = 31_536_000;

function asTheme(text: string | undefined): Theme {
  return text === "light" || text === "dark" ? text : "auto";
}

function apply(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  const age = theme === "auto" ? 0 : YEAR_SECONDS;
  document.cookie = `${COOKIE}=${theme}; Path=/; Max-Age=${age}; SameSite=Lax`;
}

export function offerThemes(): void {
  for (const choice of document.querySelectorAll<HTMLSelectElement>("[data-theme-choice]")) {
    choice.value = asTheme(document.documentElement.dataset["theme"]);
    choice.addEventListener("change", () => apply(asTheme(choice.value)));
  }
}
