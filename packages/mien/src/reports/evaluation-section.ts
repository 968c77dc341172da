// What the sections of an evaluation's page are made of.

import type { Evaluation, MemberEvaluation } from '../judging/index.js';
import { escapeHtml, htmlTable } from './page.js';
import type { Table } from './tables.js';

/** HTML below a heading that the page's first lines link to. */
export interface Section {
  /** Of the link. */
  id: string;
  title: string;
  body: readonly string[];
}

/** @param title of a section; with the name of the member that it is about where there are several */
export const titled = (title: string, { members }: Evaluation, { name }: MemberEvaluation): string =>
  members.length > 1 ? `${title}: ${name}` : title;

export const wide = (table: Table) => `<div class="wide">${htmlTable(table)}</div>`;
export const note = (words: string) => `<p class="note">${escapeHtml(words)}</p>`;

export function figureHtml(svg: string, caption = ''): string[] {
  if (svg === '') return [];
  return [
    `<figure>${svg}${caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>`}</figure>`,
  ];
}
