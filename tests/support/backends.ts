/** One test body, every backend that computes here. `PIX2REP_BACKENDS=simd` narrows them. */
import { availableBackends, type BackendName, useBackend } from "../../lib/backends/select.ts";

// Mesa's Vulkan drivers complain on stderr where no desktop session has set this.
if (!Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", Deno.cwd());

const wanted = Deno.env.get("PIX2REP_BACKENDS")?.split(",");
/** The backends that are tested. */
export const BACKENDS: readonly BackendName[] = (await availableBackends()).filter((name) =>
  wanted?.includes(name) ?? true
);

/** Registers the test once per backend. */
export function testOnBackends(
  test: { name: string; ignore?: boolean } | string,
  body: () => void | Promise<void>,
): void {
  const options = typeof test === "string" ? { name: test } : test;
  for (const backend of BACKENDS) {
    Deno.test({
      ...options,
      name: `${options.name} [${backend}]`,
      fn: async () => {
        await useBackend(backend);
        await body();
      },
    });
  }
}
