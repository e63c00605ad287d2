/**
 * Errors that name the file that they are about.
 *
 * @module
 */

/** What `read` returns; what it throws, with the name of the file that it is about. */
export function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) error.message = `${path}: ${error.message}`;
    throw error;
  }
}
