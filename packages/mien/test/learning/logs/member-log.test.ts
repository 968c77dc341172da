import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemberLog, readMetrics } from 'mien/learning/logs';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { scalars } from '../../support/events.js';
import { metricsOf } from '../../support/runs.js';

const clock = () => 1_700_000_000;

describe('MemberLog', () => {
  it('writes the same figures for programs and for TensorBoard', async () => {
    const folder = folderWith({});
    const { steps, epochs } = metricsOf({ epochs: 1, stepsPerEpoch: 2 });
    const log = new MemberLog(folder, { clock });
    for (const record of [...steps, ...epochs]) log.append(record);
    const { events } = log.state();
    log.close();
    expect(await readMetrics(join(folder, 'metrics.jsonl'))).toEqual({ steps, epochs });
    const [first, last] = [steps[0], epochs[0]];
    const written = scalars(join(folder, events.name));
    expect(written).toEqual(
      expect.arrayContaining([
        `loss/all@1 = ${Math.fround(first?.loss ?? 0)}`,
        `loss/arousal@1 = ${Math.fround(first?.parts.arousal ?? 0)}`,
        `training/learning rate@1 = ${Math.fround(first?.lr ?? 0)}`,
        `score/mean of tasks@2 = ${Math.fround(last?.scores.mean ?? 0)}`,
        `score/valence CCC@2 = ${Math.fround(last?.scores.VA?.cccValence ?? 0)}`,
      ]),
    );
    expect(written).toHaveLength(2 * 9 + 10);
  });

  it('ends up with the same bytes when it was killed and went on from a checkpoint', () => {
    const { steps } = metricsOf({ epochs: 1, stepsPerEpoch: 20 });
    const [whole, killed] = [folderWith({}), folderWith({})];
    const log = new MemberLog(whole, { clock });
    log.text('recipe', '    seed: 1');
    for (const record of steps) log.append(record);
    const { events } = log.state();
    log.close();
    const before = new MemberLog(killed, { clock });
    before.text('recipe', '    seed: 1');
    for (const record of steps.slice(0, 10)) before.append(record);
    const checkpoint = JSON.parse(JSON.stringify(before.state()));
    for (const record of steps.slice(10, 15)) before.append(record); // then the kill
    const after = new MemberLog(killed, { clock, resume: checkpoint });
    for (const record of steps.slice(10)) after.append(record);
    before.close();
    after.close();
    for (const name of ['metrics.jsonl', events.name])
      expect(readFileSync(join(killed, name)).equals(readFileSync(join(whole, name)))).toBe(true);
  });
});
