/**
 * Objects that show themselves in a Jupyter notebook, and displays that change in place.
 *
 * @module
 */

/** Contents by MIME type, of which a notebook shows the richest that it can. */
export type MimeBundle = Record<string, unknown>;

/** The method by which the Deno kernel asks a cell's last value how it looks. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** An object that shows itself as the last value of a cell. */
export interface Displayed {
  /** Its contents by MIME type. */
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

/** Sends a message to all front ends of a kernel, as `Deno.jupyter.broadcast` does. */
export type Broadcast = (
  type: "display_data" | "update_display_data",
  content: {
    data: MimeBundle;
    metadata: Record<string, unknown>;
    transient: { display_id: string };
  },
) => Promise<void>;

/**
 * Makes an object show itself. The method is not enumerable: copies, comparisons and JSON see the
 * object as it was.
 *
 * @param bundle Called each time that the object is shown.
 * @returns the same object.
 */
export function displayed<T extends object>(
  object: T,
  bundle: Displayed[typeof DISPLAY],
): T & Displayed {
  return Object.defineProperty(object, DISPLAY, { value: bundle, configurable: true }) as
    & T
    & Displayed;
}

/**
 * The kernel's broadcast. Outside a notebook nobody listens: then it does nothing.
 */
export function kernelBroadcast(): Broadcast {
  try {
    return (Deno as unknown as { jupyter: { broadcast: Broadcast } }).jupyter.broadcast;
  } catch {
    return () => Promise.resolve();
  }
}

/**
 * Opens a display: each object takes the place of the one before, in the same place of the same
 * cell, in the order in which they were shown.
 *
 * @param broadcast Where to; by default the kernel that this runs in, if any.
 * @returns shows an object, and is done when that was sent.
 */
export function openDisplay(
  broadcast: Broadcast = kernelBroadcast(),
): (object: Displayed) => Promise<void> {
  const transient = { display_id: crypto.randomUUID() };
  let type: Parameters<Broadcast>[0] = "display_data";
  let before = Promise.resolve();
  const send = async (object: Displayed) => {
    await broadcast(type, { data: await object[DISPLAY](), metadata: {}, transient });
    type = "update_display_data";
  };
  return (object) => before = before.then(() => send(object));
}
