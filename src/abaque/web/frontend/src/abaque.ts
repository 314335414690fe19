/** The script of every page: htmx, the choice of theme, and the search key. Pages work without it. */
import "htmx.org";
import { offerThemes } from "./theme";

document.documentElement.dataset["scripted"] = "";
offerThemes();

/** "/" goes to the search box, as long as nothing is being typed. */
document.addEventListener("keydown", (press) => {
  if (press.key !== "/" || press.ctrlKey || press.metaKey || press.altKey) return;
  const within = press.target instanceof Element && press.target.closest("input, textarea, select, [contenteditable]");
  const box = document.querySelector<HTMLInputElement>('[role="search"] input[type="search"]');
  if (within || !box || !box.checkVisibility()) return;
  press.preventDefault();
  box.focus();
  box.select();
});

/** A box that ticks all others of its table: `<input type="checkbox" data-ticks="name">`. */
document.addEventListener("change", (change) => {
  const all = change.target;
  if (!(all instanceof HTMLInputElement) || all.dataset["ticks"] === undefined) return;
  for (const box of document.querySelectorAll<HTMLInputElement>(`input[name="${all.dataset["ticks"]}"]`)) {
    if (!box.disabled) box.checked = all.checked;
  }
});

/** A line named in the address (`#line-3`) opens by itself. */
function openNamed(): void {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}
addEventListener("hashchange", openNamed);
openNamed();
