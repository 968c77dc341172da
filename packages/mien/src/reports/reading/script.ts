// The page's script as text. It is ordinary modules, compiled and checked with the rest; a page that stands alone cannot import,
// so here they become one, in the order in which they need each other.

import { readFile } from 'node:fs/promises';

const MODULES = [
  '../escape.js',
  'page-data.js',
  'cells.js',
  'time-words.js',
  'timeline-layout.js',
  'timeline-svg.js',
  'browser/view.js',
  'browser/pointer.js',
  'browser/timeline.js',
];

/** @param code of a module that exports only declarations */
const withoutDoors = (code: string): string =>
  code
    .replace(/^import [^;]*;\n/gm, '')
    .replace(/^export \{\s*\};?\n?/gm, '')
    .replace(/^export (?=(?:const|function|class|let) )/gm, '')
    .replace(/^\/\/# sourceMappingURL=.*\n?/gm, '');

/** @returns JavaScript that needs nothing else */
export async function pageScript(): Promise<string> {
  const codes = await Promise.all(MODULES.map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  return `(() => {\n'use strict';\n${codes.map(withoutDoors).join('\n')}\n})();`;
}
