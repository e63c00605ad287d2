/**
 * Hostile files: how many there are, how they are made of sound ones, and what each must come to.
 *
 * FUZZ_CASES says how many cases all files of this folder run together, FUZZ_SEED repeats a failure
 * with the seed that it printed.
 */
import assert from "node:assert/strict";
import fc from "fast-check";

const CASES = Number(Deno.env.get("FUZZ_CASES") ?? 1000);
const SEED = Deno.env.get("FUZZ_SEED");

/** A case takes no longer, also on a loaded machine. */
const MOST_MS = 5000;

/** No typed array of a case is larger: the files are of kilobytes. */
const MOST_BYTES = 2 ** 26;

/** What engines say, and no message of ours. */
const INTERNAL =
  /Cannot (read|set|convert|destructure|mix)|is not (a function|iterable|a constructor)|Invalid (typed |array|string|time)|allocation failed|out of memory|call stack|out of bounds|Offset is|E[A-Z]{4,}:/;

/** A property of `share` of all cases; fast-check prints seed and path of one that fails. */
export function fuzz<T>(
  name: string,
  share: number,
  { of, holds }: { of: fc.Arbitrary<T>; holds: (value: T) => void | Promise<void> },
): void {
  const numRuns = Math.ceil(share * CASES);
  Deno.test(`${name}: ${numRuns} cases`, async () => {
    await fc.assert(
      fc.asyncProperty(of, async (value) => {
        const start = performance.now();
        await withinMemory(() => holds(value));
        const took = performance.now() - start;
        assert.ok(took < MOST_MS, `expected an answer within ${MOST_MS} ms, found ${took}`);
      }),
      { numRuns, ...(SEED !== undefined && { seed: Number(SEED) }) },
    );
  });
}

/** Reads something: the result is sound, or it is refused in a line that names its source. */
export async function soundOrRefused<T>(
  source: string,
  read: () => T | Promise<T>,
  sound: (value: T) => void = () => {},
): Promise<void> {
  let value: T;
  try {
    value = await read();
  } catch (error) {
    assert.ok(error instanceof Error, `${error}`);
    const { message, name } = error;
    assert.match(name, /^(Error|SyntaxError|RangeError|TypeError)$/);
    assert.ok(message.includes(source), `expected ${source} in: ${message}`);
    assert.doesNotMatch(message, /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
    assert.doesNotMatch(message, INTERNAL);
    assert.ok(message.length < 1200, `expected a line, found ${message.length} characters`);
    return;
  }
  sound(value);
}

/** A file that was sound once: bits flipped, bytes replaced, cut, inserted, moved, numbers huge. */
export function damaged(sound: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.oneof(fc.nat(sound.length), fc.nat(Math.min(sound.length, 360)));
  const extreme = fc.constantFrom(
    [0, 0, 0, 0],
    [255, 255, 255, 255],
    [255, 255, 255, 127],
    [0, 0, 0, 128],
    [0, 0, 128, 127],
    [0, 0, 192, 127],
    [255, 127, 255, 127],
    [1, 0, 0, 0],
  );
  type Change = (bytes: number[]) => void;
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.tuple(at, fc.nat(7)).map(([i, bit]): Change => (bytes) => bytes[i] ^= 1 << bit),
    fc.tuple(at, fc.nat(255)).map(([i, byte]): Change => (bytes) => bytes[i] = byte),
    fc.tuple(at, extreme).map(([i, word]): Change => (bytes) => bytes.splice(i & ~1, 4, ...word)),
    at.map((i): Change => (bytes) => bytes.splice(i)),
    fc.tuple(at, fc.uint8Array({ maxLength: 40 })).map(([i, more]): Change => (bytes) =>
      bytes.splice(i, 0, ...more)
    ),
    fc.tuple(at, at, fc.nat(60)).map(([from, to, length]): Change => (bytes) =>
      bytes.splice(to, 0, ...bytes.slice(from, from + length))
    ),
  );
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const bytes = [...sound];
    for (const one of changes) one(bytes);
    return Uint8Array.from(bytes);
  });
}

/** JSON of a sound value, with values in it replaced, added or taken away, or its text damaged. */
export function damagedJson(sound: unknown): fc.Arbitrary<string> {
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      null,
      -1,
      0.5,
      1e300,
      "",
      "\x1b[31m\n",
      "../../x",
      "__proto__",
      [],
      {},
    ),
    fc.string({ unit: "binary", maxLength: 300 }),
  );
  const text = JSON.stringify(sound);
  const replaced = fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      let value: unknown = structuredClone(sound);
      for (const [n, other] of changes) value = replaceNode(value, n, other);
      return JSON.stringify(value);
    });
  const infinite = fc.nat().map((n) => {
    const numbers = [...text.matchAll(/\d+/g)];
    const found = numbers[n % (numbers.length || 1)];
    if (!found) return text;
    return text.slice(0, found.index) + "1e999" + text.slice(found.index + found[0].length);
  });
  const bytes = damaged(new TextEncoder().encode(text)).map((b) => new TextDecoder().decode(b));
  const deep = fc.constantFrom("[", '{"a":').map((open) => open.repeat(100_000));
  return fc.oneof(
    { weight: 20, arbitrary: replaced },
    { weight: 8, arbitrary: bytes },
    { weight: 4, arbitrary: infinite },
    { weight: 4, arbitrary: fc.json() },
    { weight: 1, arbitrary: deep },
  );
}

/** A value with its n-th node, in any order that is fixed, replaced. */
function replaceNode(value: unknown, n: number, other: unknown): unknown {
  const nodes: [parent: Record<string, unknown>, key: string][] = [];
  const walk = (node: unknown) => {
    if (node === null || typeof node !== "object") return;
    for (const key of Object.keys(node)) {
      nodes.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(value);
  if (nodes.length === 0 || n % 20 === 0) return other;
  const [parent, key] = nodes[n % nodes.length];
  if (n % 7 === 0) delete parent[key];
  else parent[key] = other;
  return value;
}

/** Runs a body in which no typed array may be beyond all measure. */
async function withinMemory(body: () => void | Promise<void>): Promise<void> {
  const names = ["Uint8Array", "Float32Array", "Float64Array"] as const;
  const kept = names.map((name) => globalThis[name]);
  names.forEach((name, i) => {
    // deno-lint-ignore no-explicit-any -- stands in for three constructors
    (globalThis as any)[name] = new Proxy(kept[i] as any, {
      construct(target, args, made) {
        const bytes = typeof args[0] === "number" ? args[0] * target.BYTES_PER_ELEMENT : 0;
        if (bytes > MOST_BYTES) throw new Error(`allocation failed the test: ${bytes} bytes`);
        return Reflect.construct(target, args, made);
      },
    });
  });
  try {
    await body();
  } finally {
    // deno-lint-ignore no-explicit-any -- as above
    names.forEach((name, i) => (globalThis as any)[name] = kept[i]);
  }
}
