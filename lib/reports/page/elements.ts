/// <reference lib="dom" />

/** The element of an id and of a type, or null where the page has none. */
export function findById<T extends HTMLElement>(id: string, type: new () => T): T | null {
  const element = document.getElementById(id);
  return element instanceof type ? element : null;
}

/**
 * The element of an id and of a type.
 *
 * @throws {TypeError} if the page has none.
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = findById(id, type);
  if (!element) throw new TypeError(`expected an element "${id}" of ${type.name}, found none`);
  return element;
}

/** Sets the text of an element. */
export function setText(id: string, text: string): void {
  byId(id, HTMLElement).textContent = text;
}

/** A number within bounds. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
