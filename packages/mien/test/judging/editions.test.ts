import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ActionUnitMetric,
  EDITIONS,
  type Edition,
  ExpressionMetric,
  editionScores,
  resultsOf,
  scoresOf,
  ValenceArousalMetric,
} from 'mien/judging';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../../../test/folders.js';

const EXPR = new ExpressionMetric(3);
EXPR.update([0, 1, 1], [0, 1, 0]);
const AU = new ActionUnitMetric(2);
AU.update([1, 1, 0, 0], [1, 0, 0, 0]);
const VA = new ValenceArousalMetric();
VA.update([0, 0, 1, 1], [0, 1, 1, 0]);
// EXPR: F1 2/3, 2/3 and a class that never occurs; accuracy 2/3. AU: F1 1 and 0; accuracy 3/4. VA: CCC 1 and −1.
const f1OfAll = 4 / 9;

describe('editions of the challenge', () => {
  it('until 2021 weigh F1 with accuracy', () => {
    const scores = editionScores(resultsOf({ EXPR, AU, VA }, 'all'));
    for (const edition of ['fg2020', 'abaw2']) {
      expect(Object.keys(scores[edition] ?? {})).toEqual(['EXPR', 'AU', 'VA']);
      expect(scores[edition]?.EXPR).toBeCloseTo(0.67 * f1OfAll + 0.33 * (2 / 3), 15);
      expect(scores[edition]?.AU).toBeCloseTo(0.5 * (1 / 2) + 0.5 * (3 / 4), 15);
      expect(scores[edition]?.VA).toBe(0);
    }
    expect(scoresOf({ EXPR, AU, VA }).EXPR?.score).toBeCloseTo(0.67 * (2 / 3) + 0.33 * (2 / 3), 15);
  });

  it('from 2022 on take F1 alone, and their sum for all tasks at once where they ask for that', () => {
    const scores = editionScores(resultsOf({ EXPR, AU, VA }, 'all'));
    for (const edition of ['abaw3', 'abaw5', 'abaw6', 'abaw8'])
      expect(scores[edition]).toMatchObject({ EXPR: f1OfAll, AU: 1 / 2, VA: 0 });
    expect(scores.abaw3?.MTL).toBeCloseTo(f1OfAll + 1 / 2, 15);
    expect(scores.abaw4).toEqual({ MTL: scores.abaw3?.MTL });
    expect(scores.abaw7).toEqual({ MTL: scores.abaw3?.MTL });
    expect(scores.abaw5).not.toHaveProperty('MTL');
  });

  it('rank what has labels: not all tasks at once where one is missing', () => {
    const scores = editionScores(resultsOf({ EXPR, VA: new ValenceArousalMetric() }, 'all'));
    expect(scores.fg2020).not.toHaveProperty('VA');
    expect(scores.abaw3).toEqual({ EXPR: f1OfAll });
    expect(scores).not.toHaveProperty('abaw4');
    expect(editionScores({})).toEqual({});
  });

  it('say their formulas and where these stand', () => {
    for (const { title, source, criteria } of Object.values(EDITIONS)) {
      expect(title).toMatch(/^ABAW \d, /);
      expect(source).toMatch(/arXiv \d{4}\.\d{5}$|github\.io/);
      for (const { formula } of Object.values(criteria)) expect(formula).not.toBe('');
    }
  });
});

it('the table of docs/metrics.md lists them all, with challenge and source', () => {
  const docs = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
  for (const [name, { title, source, criteria }] of Object.entries<Edition>(EDITIONS)) {
    const line = docs.split('\n').find((one) => one.startsWith(`| \`${name}\` | ${title} |`)) ?? '';
    const [EXPR, AU, VA, MTL] = line
      .split('|')
      .slice(3, 7)
      .map((cell) => cell.trim());
    expect([EXPR, AU].map((one) => one || undefined)).toEqual([criteria.EXPR?.formula, criteria.AU?.formula]);
    expect([VA, MTL].map(Boolean)).toEqual([criteria.VA, criteria.MTL].map(Boolean));
    expect(line).toContain(`| ${source} |`);
  }
});
