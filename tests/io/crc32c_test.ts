import assert from "node:assert/strict";
import { crc32c } from "../../lib/io/crc32c.ts";

Deno.test("crc32c() gives the values of RFC 3720, appendix B.4", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

Deno.test("crc32c() of bytes in parts is that of all", () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
  for (const at of [0, 1, 17, 32]) {
    assert.equal(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at))), 0x46dd794e);
  }
});
