import fc from "fast-check";
import assert from "node:assert/strict";
import { escapeHtml, html, render, scriptJson, trusted } from "../../lib/reports/html.ts";

Deno.test("html() escapes text in elements and in attributes", () => {
  const hostile = `"><script>alert('1 & 2')</script>`;
  assert.equal(
    render(html`<p title="${hostile}">${7}</p>`),
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1 &amp; 2&#39;)&lt;/script&gt;">7</p>',
  );
});

Deno.test("html() keeps markup, and joins lists of it", () => {
  const items = ["a", "<"].map((text) => html`<li>${text}</li>`);
  assert.equal(
    render(html`<ul>${items}${trusted("<!-- -->")}</ul>`),
    "<ul><li>a</li><li>&lt;</li><!-- --></ul>",
  );
});

Deno.test("escapeHtml() leaves nothing that opens or closes anything", () => {
  fc.assert(fc.property(fc.string(), (text) => !/[<>"']/.test(escapeHtml(text))));
});

Deno.test("scriptJson() cannot end its script, and reads back as it was", () => {
  const value = { "</script><script>": ["<!--", "\u2028\u2029", 1.5, null] };
  const json = render(scriptJson(value));
  assert.doesNotMatch(json, /[<\u2028\u2029]/);
  assert.deepEqual(JSON.parse(json), value);
});
