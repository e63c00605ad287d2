import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { gunzip, gunzipStart } from "../../lib/io/gzip.ts";
import { inflateStream } from "../../lib/io/inflate_stream.ts";
import { inflateZlib } from "../../lib/io/inflate_zlib.ts";
import { decodeNifti } from "../../lib/data/formats/nifti/decode.ts";
import { niftiBytes } from "../support/nifti.ts";

const inflaters = { inflateStream, inflateZlib };

/** Bytes that gzip makes long pieces of, with starts of members among them. */
const confusing = fc.array(
  fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(Uint8Array.of(0x1f, 0x8b, 8, 0))),
  { maxLength: 8 },
).map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

for (const [name, inflate] of Object.entries(inflaters)) {
  Deno.test(`${name}() joins the members of a file, and takes none for another`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(confusing, fc.constantFrom(0, 6)), { minLength: 1, maxLength: 4 }),
        async (members) => {
          const file = members.flatMap(([bytes, level]) => [...gzipSync(bytes, { level })]);
          const content = members.flatMap(([bytes]) => [...bytes]);
          const options = { source: "a.gz", maxBytes: 1e6, inflate };
          const found = await gunzip(Uint8Array.from(file), content.length, options);
          assert.deepEqual([...found], content);
        },
      ),
      { numRuns: 60 },
    ));

  Deno.test(`${name}() inflates no more than is asked for, nor than is allowed`, async () => {
    const bomb = gzipSync(new Uint8Array(2e8));
    const start = await gunzipStart(bomb, 10, { source: "a.gz", inflate });
    assert.deepEqual(start, new Uint8Array(10));
    await assert.rejects(
      gunzip(bomb, 10, { source: "a.gz", maxBytes: 1e6, inflate }),
      /^RangeError: a\.gz: expected at most 1000000 bytes of data, found more/,
    );
  });

  Deno.test(`${name}() refuses what is damaged anywhere`, async () => {
    const bytes = niftiBytes();
    const [first, second] = [gzipSync(bytes.subarray(0, 100)), gzipSync(bytes.subarray(100))];
    const file = Uint8Array.from([...first, ...second]);
    const { voxels } = await decodeNifti(file, "a.nii.gz", { inflate });
    assert.equal(voxels.length, 24);
    const flipped = (at: number) => file.with(at, file[at] ^ 0xff);
    const damaged = [
      file.subarray(0, -1),
      file.subarray(0, first.length - 1),
      flipped(file.length - 6), // the checksum
      flipped(file.length - 1), // the length
      flipped(first.length - 6),
      flipped(first.length - 1),
      flipped(2),
    ];
    for (const [i, content] of damaged.entries()) {
      await assert.rejects(
        decodeNifti(content, "a.nii.gz", { inflate }),
        /^SyntaxError: a\.nii\.gz: expected [^\n]*(truncated|corrupt)/,
        `damage ${i}`,
      );
    }
  });
}
