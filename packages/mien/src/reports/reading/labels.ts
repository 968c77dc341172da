// How labels look on the page of a reading.

import { type LabelSchema, type Task, unitName } from '../../labels/index.js';
import { CATEGORIES } from '../plot.js';
import { TASK_COLOURS } from '../tasks.js';
import type { PageData, PageLabel } from './page-data.js';

const [BLUE = '', ORANGE = '', GREEN = '', PINK = '', SKY = '', VERMILION = ''] = CATEGORIES;

/** The same expression has the same colour on every page. */
const EXPRESSION_COLOURS: Readonly<Record<string, string>> = {
  neutral: '#cfcfcf',
  anger: VERMILION,
  disgust: GREEN,
  fear: PINK,
  happiness: ORANGE,
  sadness: BLUE,
  surprise: SKY,
  contempt: '#7a5195',
  other: '#6b6b6b',
};

/** @param k place among the schema's expressions */
export const expressionColour = (name: string, k: number): string =>
  EXPRESSION_COLOURS[name] ?? CATEGORIES[k % CATEGORIES.length] ?? BLUE;

export const expressionLabels = ({ expressions }: LabelSchema): PageLabel[] =>
  expressions.map((name, k) => ({ name, words: '', colour: expressionColour(name, k) }));

export function pageLabels(schema: LabelSchema, tasks: readonly Task[]): Omit<PageData, 'videos'> {
  const { valence, arousal } = TASK_COLOURS;
  return {
    expressions: tasks.includes('EXPR') ? expressionLabels(schema) : [],
    units: tasks.includes('AU')
      ? schema.actionUnits.map((name) => ({ name, words: unitName(name) ?? '', colour: TASK_COLOURS.AU }))
      : [],
    affect: tasks.includes('VA') ? { valence, arousal } : undefined,
  };
}
