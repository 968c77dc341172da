import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DISTILLATION, LOSS } from 'mien/learning/losses';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../../../../test/folders.js';

describe('settings of losses', () => {
  it('have the defaults that docs/losses.md shows', () => {
    const text = readFileSync(join(ROOT, 'docs/losses.md'), 'utf8');
    const shown = parse(/```yaml\n(.*?)```/s.exec(text)?.[1] ?? '');
    expect(shown).toEqual({ loss: LOSS.parse({}), distillation: DISTILLATION.parse({}) });
  });

  it('refuse keys that they do not know, and values that make no sense', () => {
    expect(() => LOSS.parse({ gamma: 2 })).toThrow('gamma');
    for (const wrong of [{ weights: { AU: -1 } }, { labelSmoothing: 1 }, { asymmetric: { clip: 1 } }])
      expect(() => LOSS.parse(wrong)).toThrow();
    for (const wrong of [{ temperature: 0 }, { lambdaTeacher: 1.1 }])
      expect(() => DISTILLATION.parse(wrong)).toThrow();
  });
});
