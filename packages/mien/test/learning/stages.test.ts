// A run in parts, and again: what is trained depends on recipe, data and seed alone.

import { readFileSync } from 'node:fs';
import { ABAW3 } from 'mien/labels';
import type { Summary, TrainingEvent } from 'mien/learning';
import { describe, expect, it } from 'vitest';
import {
  digest,
  drawn,
  drawnFaces,
  PATIENCE,
  type Settings,
  saveStart,
  stepsOf,
  trained,
} from './support.js';

const faces = drawnFaces();
const MEMBERS = ['teacher', 'student_0', 'student_1'];

/** Everything that draws random numbers is on. */
const settings = (over: Settings = {}): Settings => ({
  data: drawn(faces),
  model: { dropout: 0.3 },
  input: { transform: 'augmented', mixup: 0.4 },
  batch: { balance: 'mien' },
  precision: 'bf16',
  students: { count: 2, epochs: 1 },
  ...over,
});

const hash = (run: string, member: string) => digest(faces.at(run, 'cnn', member, 'best.safetensors'));
const begun = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.kind === 'begin' ? [event.member] : []));

describe('a run', () => {
  it('trains a teacher, then students, and scores them all', PATIENCE, async () => {
    const events = await trained(faces.at('whole'), settings());
    expect(begun(events)).toEqual(MEMBERS);
    const { phases } = JSON.parse(readFileSync(faces.at('whole/summary.json'), 'utf8')) as Summary;
    expect(phases[0]?.members.map(({ member }) => member)).toEqual([...MEMBERS, 'ensemble']);
    expect(hash('whole', 'student_0')).not.toBe(hash('whole', 'student_1'));
  });

  it('in stages and by student is the same bit for bit', PATIENCE, async () => {
    const folder = faces.at('parts');
    expect(begun(await trained(folder, settings(), { stage: 'teacher' }))).toEqual(['teacher']);
    const parts = { stage: 'students', students: [1] } as const;
    expect(begun(await trained(folder, undefined, parts))).toEqual(['student_1']);
    expect(begun(await trained(folder, undefined))).toEqual(['student_0']); // what is done is not done again
    for (const member of MEMBERS) expect(hash('parts', member), member).toBe(hash('whole', member));
  });

  it('of another seed differs', PATIENCE, async () => {
    await trained(faces.at('other'), settings({ seed: 2 }), { stage: 'teacher' });
    expect(hash('other', 'teacher')).not.toBe(hash('whole', 'teacher'));
  });

  it('refuses a student that its recipe does not have', PATIENCE, async () => {
    await expect(trained(faces.at('beyond'), settings(), { students: [0, 2] })).rejects.toThrow(
      'recipe.yaml: found no student 2; expected numbers below students.count, which is 2',
    );
  });
});

describe('a given teacher', () => {
  it(
    'takes the place of the trained one: its students are those of the run that it is from',
    PATIENCE,
    async () => {
      const teacher = faces.at('whole/cnn/teacher/best.safetensors');
      const events = await trained(faces.at('given'), settings(), { teacher, students: [1] });
      expect(begun(events)).toEqual(['student_1']);
      expect(hash('given', 'student_1')).toBe(hash('whole', 'student_1'));
      expect(stepsOf(events)).toHaveLength(2);
    },
  );

  it('is asked for where students have none', PATIENCE, async () => {
    await expect(trained(faces.at('orphans'), settings(), { stage: 'students' })).rejects.toThrow(
      /orphans\/cnn\/teacher: found no teacher; expected a trained one\. .*--teacher/,
    );
  });

  it('must speak of the same labels, and read the same pictures', PATIENCE, async () => {
    const teacher = await saveStart(faces.at('abaw3.safetensors'), { schema: ABAW3 });
    await expect(trained(faces.at('labels'), settings(), { teacher })).rejects.toThrow(
      /abaw3\.safetensors: found labels .*other.*; expected labels .*, as its students have/,
    );
    const clips = await saveStart(faces.at('clips.safetensors'), { sequence: { length: 4, hidden: 8 } });
    await expect(trained(faces.at('clips'), settings(), { teacher: clips })).rejects.toThrow(
      /clips\.safetensors: found a network for clips; expected a network for pictures/,
    );
  });
});
