/// <reference lib="dom" />
import { byId } from "./elements.ts";

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const probe = root.appendChild(document.createElement("span"));
probe.hidden = true;

/**
 * A colour of the style sheet as it is now, in light, in dark or on paper.
 *
 * @param name of a custom property without its dashes, for instance "text".
 */
export function themeColour(name: string): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** Lets the theme's button work, and calls back whenever colours change. */
export function startTheme(onChange: () => void): void {
  const button = byId("theme", HTMLButtonElement);
  const update = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    onChange();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    update();
  });
  button.hidden = false;
  for (const query of [prefersDark, matchMedia("print")]) query.addEventListener("change", update);
  update();
}

function isDark(): boolean {
  return root.dataset.theme === undefined ? prefersDark.matches : root.dataset.theme === "dark";
}
