/**
 * The look of the report.
 *
 * @module
 */

/** The report's style sheet. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #ffffff;
  --panel: #f6f7f9;
  --text: #1b1f24;
  --muted: #57606a;
  --line: #d8dee4;
  --accent: #0065a3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b;
    --panel: #1a2027;
    --text: #e4e8ec;
    --muted: #9aa6b2;
    --line: #323b45;
    --accent: #6cb8ee;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 16px/1.55 system-ui, sans-serif;
}
header, main { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3rem; }
main { padding-bottom: 4rem; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 3.2rem 0 0.6rem; font-size: 1.25rem; }
h3 { margin: 1.6rem 0 0.5rem; font-size: 1rem; font-weight: 600; }
p { margin: 0.5rem 0; max-width: 46rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.subtitle { color: var(--muted); }
.finding {
  margin: 1.6rem 0 1.2rem;
  padding-left: 1rem;
  border-left: 4px solid var(--accent);
  font-size: 1.15rem;
}
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: 0.8rem; margin: 0; }
.facts div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: 0.9rem 1rem; border-radius: 0.5rem; background: var(--panel); }
.facts dt { color: var(--muted); font-size: 0.85rem; line-height: 1.35; }
.facts dd { margin: 0; font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption, figcaption { color: var(--muted); font-size: 0.88rem; line-height: 1.45; }
figure { margin: 0; }
.chart { margin: 0.6rem 0; break-inside: avoid; }
.chart h3 { margin-bottom: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 0 1.5rem; }
.charts .chart { min-width: 0; }
.plot { min-height: 20rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { caption-side: bottom; padding-top: 0.6rem; text-align: left; }
th, td { padding: 0.4rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { color: var(--muted); font-weight: 600; border-bottom-width: 2px; }
.number { text-align: right; }
tbody tr:hover { background: var(--panel); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 0.6rem 0 0; padding: 0; list-style: none; }
.swatch { width: 0.9em; height: 0.9em; vertical-align: -0.08em; border-radius: 2px; }
.slice { break-inside: avoid; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 0.9rem; }
.pictures img { display: block; width: 100%; border-radius: 4px; background: #000; }
.pictures figcaption { margin-top: 0.35rem; color: var(--text); overflow-wrap: anywhere; }
.note { color: var(--muted); white-space: nowrap; }
.origin { margin: 0.8rem 0; }
.origin div { display: grid; grid-template-columns: 7rem 1fr; }
.origin dt { color: var(--muted); }
.origin dd { margin: 0; }
details { margin-top: 0.6rem; padding: 0.7rem 1rem; border: 1px solid var(--line); border-radius: 0.5rem; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow-x: auto; font-size: 0.82rem; line-height: 1.4; }
@media print {
  :root { color-scheme: light; --page: #fff; --panel: #f6f7f9; --text: #000; --muted: #444; --line: #ccc; --accent: #0065a3; }
  body { font-size: 10.5pt; }
  header { padding-top: 0; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  .facts div { border: 1px solid var(--line); }
}
`;
