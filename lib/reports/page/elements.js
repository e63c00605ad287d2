/**
 * The element of an id.
 *
 * @param {string} id
 */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * A number within bounds.
 *
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
