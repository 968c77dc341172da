// The worst mistakes as pictures, with what was read and what is true.

import type { Mistake } from '../judging/index.js';
import { TASKS } from '../labels/index.js';
import { escapeHtml } from './page.js';
import { figure } from './tables.js';
import { TASK_NAMES } from './tasks.js';
import { thumbnail } from './thumbnail.js';

/** The path of a judged row's picture, which may lie in a pack; undefined where there is none. */
export type ImageOf = (row: number) => string | undefined;

async function card({ row, what }: Mistake, imageOf: ImageOf | undefined): Promise<string> {
  const path = imageOf?.(row);
  const place = imageOf ? '<div class="missing">no picture</div>' : '';
  const image = path === undefined ? place : await thumbnail(path);
  const tip = path === undefined ? '' : ` title="${escapeHtml(path)}"`;
  return `<figure${tip}>${image}<figcaption>${escapeHtml(what)}<br><span class="quiet">face ${figure(row + 1)}</span></figcaption></figure>`;
}

/** @returns HTML, a heading and a grid for each task that has mistakes */
export async function mistakesHtml(mistakes: readonly Mistake[], imageOf?: ImageOf): Promise<string[]> {
  const parts: string[] = [];
  for (const task of TASKS) {
    const cards: string[] = [];
    for (const mistake of mistakes) if (mistake.task === task) cards.push(await card(mistake, imageOf));
    if (cards.length > 0)
      parts.push(`<h3>${TASK_NAMES[task]}</h3>`, `<div class="grid">\n${cards.join('\n')}\n</div>`);
  }
  return parts;
}
