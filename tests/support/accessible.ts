/** Whether people can use a page by keys, by a screen reader, and with weak eyes. */
import assert from "node:assert/strict";
import axe from "axe-core/axe.min.js" with { type: "text" };
import type { Page } from "playwright-core";

/** What is checked: WCAG 2.2 A and AA, and what axe's makers recommend besides. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What the script gives its page. */
interface Axe {
  run(options: { runOnly: string[] }): Promise<{ passes: unknown[]; violations: Violation[] }>;
}

interface Violation {
  id: string;
  help: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** Checks a page as it stands with axe-core: contrast, names, roles, order of headings and focus. */
export async function expectAccessible(page: Page): Promise<void> {
  // Not a script of the page, which its content security policy would refuse.
  await page.evaluate(axe);
  const { passes, violations } = await page.evaluate(
    (runOnly) => (globalThis as unknown as { axe: Axe }).axe.run({ runOnly }),
    TAGS,
  );
  assert.ok(passes.length > 10, `${passes.length} rules applied`);
  assert.deepEqual(
    violations.map(({ id, help, nodes }) => ({
      ...{ id, help },
      nodes: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
    })),
    [],
  );
}
