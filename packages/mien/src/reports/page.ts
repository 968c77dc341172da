// A page that stands alone: one HTML file, nothing fetched.

import { escapeHtml } from './escape.js';
import { type Cell, figure, type Table } from './tables.js';

export { escapeHtml };

const STYLE = `
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 920px; color: #222; background: #fff;
  font: 15px/1.5 system-ui, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid #ddd; }
h3 { font-size: 16px; margin: 24px 0 0; }
p { margin: 8px 0; max-width: 72ch; }
.quiet { color: #595959; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 12px 0 20px; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 18px 3px 0; text-align: right; border-bottom: 1px solid #e6e6e6; white-space: nowrap; }
th { font-weight: 600; color: #444; }
th:first-child, td:first-child, .text { text-align: left; }
figure { margin: 12px 0; overflow-x: auto; }
svg { max-width: none; }
pre { padding: 12px 16px; background: #f6f6f6; overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
summary { cursor: pointer; font-weight: 600; padding: 6px 0; }
.wide { overflow-x: auto; font-size: 13px; }
.wide th, .wide td { padding-right: 11px; }
.faces td { vertical-align: top; text-align: left; white-space: normal; padding: 8px 18px 8px 0; }
.faces th { text-align: left; }
.faces img { display: block; width: 96px; height: 96px; }
.missing { width: 96px; height: 96px; display: grid; place-items: center; text-align: center; background: #eee; color: #595959; font-size: 12px; }
td small { display: block; color: #595959; font-size: 0.82em; line-height: 1.25; }
figcaption, .note { color: #595959; font-size: 13px; max-width: 88ch; }
ul { padding-left: 20px; }
nav { margin: 12px 0; font-size: 14px; }
a { color: #00589b; }
.grid { display: flex; flex-wrap: wrap; gap: 16px 14px; margin: 12px 0 20px; }
.grid figure { width: 126px; margin: 0; }
.grid img { display: block; width: 96px; height: 96px; }
.wrong { color: #a63c00; font-weight: 600; }
[class*="-swatches"] { font: 13px system-ui, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
`;

/** @param style rules that this page alone needs */
export function htmlPage(title: string, body: readonly string[], style = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
${body.join('\n')}
</body>
</html>
`;
}

export const paragraph = (words: string): string => `<p>${escapeHtml(words)}</p>`;

/** A second line stands below the first, smaller. */
const cellHtml = (cell: Cell): string => escapeHtml(figure(cell)).replace(/\n(.*)/s, ' <small>$1</small>');

export function htmlTable({ head, rows, texts = 1, below }: Table): string {
  const line = (tag: 'th' | 'td', cells: readonly Cell[]) =>
    cells.map((cell, k) => `<${tag}${k < texts ? ' class="text"' : ''}>${cellHtml(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr>${line('td', row)}</tr>`).join('\n');
  return `<table>
<thead><tr>${line('th', head)}</tr></thead>
<tbody>
${body}
</tbody></table>${below === undefined ? '' : `\n${paragraph(below)}`}`;
}
