/** Waits until something holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { seconds = 60 } = {},
): Promise<void> {
  const deadline = Date.now() + 1000 * seconds;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
