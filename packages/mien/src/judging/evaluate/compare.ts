// One member against another on the same faces. Draws are the same for both, so what makes a draw hard for both falls out of
// the difference.

import type { Comparison } from '../evaluation.js';
import { figureOf } from './figures.js';
import type { ScoredPart } from './part.js';

type Scored = Pick<ScoredPart, 'figures' | 'drawn'> & { name: string };

/** Differences of all figures that both have and of which more is better. @param level of intervals */
export function compareMembers(first: Scored, second: Scored, level: number): Comparison {
  const names = [...first.figures.keys()].filter(
    (name) => second.figures.has(name) && !name.endsWith('.rmse'),
  );
  const differences = names.map((name) => {
    const value = (first.figures.get(name) as number) - (second.figures.get(name) as number);
    const [one, other] = [first.drawn.get(name), second.drawn.get(name)];
    if (one === undefined || other === undefined) return [name, { value }] as const;
    const drawn = one.map((figure, draw) => figure - (other[draw] as number));
    const notBetter = drawn.reduce((count, difference) => count + Number(difference <= 0), 0);
    return [name, { ...figureOf(value, drawn, level), shareNotBetter: notBetter / drawn.length }] as const;
  });
  return { first: first.name, second: second.name, differences: Object.fromEntries(differences) };
}
