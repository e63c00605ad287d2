/**
 * Markup as a template: whatever is put in is text and gets escaped, unless it is markup itself.
 *
 * @module
 */

const markup: unique symbol = Symbol("markup");

/** A piece of markup, made by {@linkcode html} or {@linkcode trusted} alone. */
export interface Html {
  /** The markup as it stands in the page. */
  readonly [markup]: string;
}

/** What a template takes: text and numbers, escaped; markup; lists of markup, joined. */
export type Content = string | number | Html | readonly Html[];

/** Builds markup from a template, escaping all text put into it. */
export function html(template: TemplateStringsArray, ...contents: Content[]): Html {
  return trusted(String.raw({ raw: template }, ...contents.map(toMarkup)));
}

/** Declares a text to be markup: for our own scripts and styles, never for data. */
export function trusted(text: string): Html {
  return { [markup]: text };
}

/** The text of a piece of markup. */
export function render(content: Html): string {
  return content[markup];
}

/** Escapes the five characters that mean something in HTML. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** Escapes text for plotly's charts, which take some markup, but no entities for quotes. */
export function plotlyText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** JSON that may stand inside a script element: no end tag, no line separator can come of it. */
export function scriptJson(value: unknown): Html {
  return trusted(
    JSON.stringify(value).replace(
      /[<\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );
}

function toMarkup(content: Content): string {
  if (typeof content === "string" || typeof content === "number") return escapeHtml(`${content}`);
  return Array.isArray(content) ? content.map(render).join("") : render(content as Html);
}
