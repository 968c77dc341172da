// Recipes: files, presets and the command line, put together and checked.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecipe, type PhaseRecipe, readRecipe, resolveRecipe } from 'mien/learning';
import { describe, expect, it } from 'vitest';
import { folderWith, ROOT } from '../../../../test/folders.js';

const RECIPES = join(ROOT, 'recipes');
const files = readdirSync(RECIPES).filter((name) => name.endsWith('.yaml'));

const phase = (settings: object): PhaseRecipe =>
  resolveRecipe({ data: {}, ...settings }, 'the test').phases[0] as PhaseRecipe;

/** Reads a recipe of these lines. */
const read = (text: string, overrides: readonly string[] = []) =>
  readRecipe(join(folderWith({ 'r.yaml': text }), 'r.yaml'), overrides);

describe('the recipes that ship', () => {
  it.each(files)('%s resolves, and is the same when what it resolves to is read again', async (name) => {
    const recipe = await readRecipe(join(RECIPES, name));
    expect(await read(formatRecipe(recipe))).toEqual(recipe);
  });

  it('are those that are documented', () => {
    expect(files).toEqual([
      'default-m-again.yaml',
      'default-m-backbone.yaml',
      'default-m-expressions.yaml',
      'default-m-first.yaml',
      'default-m-mix.yaml',
      'default-m.yaml',
      'default-s-again.yaml',
      'default-s-backbone.yaml',
      'default-s-first.yaml',
      'default-s-mix.yaml',
      'default-s-second-teacher.yaml',
      'default-s-teacher.yaml',
      'default-s.yaml',
      'demo.yaml',
      'mien.yaml',
      'paper-cnn-rnn.yaml',
      'paper-cnn.yaml',
    ]);
  });

  it('paper-cnn has the options of the reference', async () => {
    const { phases } = await readRecipe(join(RECIPES, 'paper-cnn.yaml'));
    expect(phases).toHaveLength(1);
    expect(phases[0]).toMatchObject({
      model: { backbone: 'resnet50-ferplus', inputSize: 112, hidden: 128, dropout: 0, sequence: null },
      input: { transform: 'paper', mixup: 0, votes: false },
      batch: { perTask: 20, accumulate: 1, forward: 'per-task', balance: 'paper', epoch: 'shortest' },
      loss: {
        weights: { EXPR: 1, AU: 8, valence: 1, arousal: 1, ccc: 1 },
        AU: 'bce',
        EXPR: 'ce',
        VA: 'ccc-ce',
        labels: 'own',
        bins: 'edges',
        decoding: 'endpoints',
        labelSmoothing: 0,
      },
      distillation: {
        temperature: 1.5,
        temperatureSquared: false,
        lambdaTeacher: 0.4,
        weights: { EXPR: 1, AU: 1, valence: 1, arousal: 1 },
      },
      optimizer: { kind: 'adam', lr: 1e-4, betas: [0.5, 0.999], weightDecay: 0, clipNorm: null },
      schedule: { kind: 'constant', warmUp: 0 },
      weightAverage: null,
      precision: 'float32',
      teacher: { epochs: 8 },
      students: { count: 5, epochs: 3 },
      patience: null,
      quirks: { sharedRandomNumber: null, lastTeacher: false, frozenMoves: false },
    });
  });

  it('paper-cnn-rnn has the options of the reference', async () => {
    const { phases } = await readRecipe(join(RECIPES, 'paper-cnn-rnn.yaml'));
    expect(phases).toHaveLength(1);
    expect(phases[0]).toMatchObject({
      model: { hidden: 128, sequence: { length: 32, hidden: 64, frozen: true } },
      batch: { perTask: 20, forward: 'per-task', balance: 'none', epoch: 'shortest' },
      optimizer: { kind: 'adam', lr: 1e-4, betas: [0.5, 0.999], weightDecay: 0, clipNorm: null },
      teacher: { epochs: 3 },
      students: { count: 5, epochs: 3 },
    });
  });

  it('mien trains pictures, then clips, with all that is ours', async () => {
    const { phases } = await readRecipe(join(RECIPES, 'mien.yaml'));
    expect(phases.map(({ model }) => model.sequence?.length ?? 0)).toEqual([0, 32]);
    for (const one of phases)
      expect(one).toMatchObject({
        input: { transform: 'augmented' },
        batch: { forward: 'joint', balance: 'mien' },
        loss: { weights: { AU: 3 }, labels: 'all', bins: 'points', labelSmoothing: 0.05 },
        optimizer: { kind: 'adamw', clipNorm: 5 },
        schedule: { kind: 'cosine', warmUp: 0.05, final: 0.01 },
        weightAverage: { decay: 0.99 },
        precision: 'bf16',
      });
  });
});

describe('presets', () => {
  it('give way to what a recipe says', () => {
    const { optimizer, teacher, weightAverage } = phase({
      preset: 'paper',
      optimizer: { lr: 0.5 },
      weightAverage: { decay: 0.5 },
    });
    expect(optimizer).toMatchObject({ kind: 'adam', lr: 0.5, betas: [0.5, 0.999] });
    expect(teacher.epochs).toBe(8);
    expect(weightAverage).toEqual({ decay: 0.5 });
  });

  it('paper: clips are not balanced, and their teacher has three epochs', () => {
    const { batch, teacher } = phase({ preset: 'paper', model: { sequence: {} } });
    expect([batch.balance, teacher.epochs]).toEqual(['none', 3]);
  });

  it('mien is the one without a name', () => {
    expect(phase({})).toEqual(phase({ preset: 'mien' }));
  });
});

describe('next', () => {
  const { phases } = resolveRecipe(
    {
      seed: 3,
      data: { EXPR: 'e.parquet' },
      optimizer: { lr: 0.5, clipNorm: 1 },
      teacher: { epochs: 7 },
      next: { model: { sequence: { length: 8 } }, data: { AU: ['a.parquet'] }, optimizer: { lr: 0.25 } },
    },
    'the test',
  );
  const [first, second] = phases as [PhaseRecipe, PhaseRecipe];

  it('changes what it names, and keeps the rest of the first phase', () => {
    expect(second.optimizer).toEqual({ ...first.optimizer, lr: 0.25 });
    expect(second.data).toEqual({ ...first.data, AU: ['a.parquet'] });
    expect([second.seed, second.teacher.epochs]).toEqual([3, 7]);
    expect(second.model.sequence).toEqual({ length: 8, hidden: 64, frozen: true, from: null });
  });

  it('leaves the first phase alone', () => {
    expect(first.data).not.toHaveProperty('AU');
    expect(first.model.sequence).toBeNull();
  });

  it.each([
    ['that is no clips', { data: {}, next: { teacher: { epochs: 1 } } }],
    ['after clips', { data: {}, model: { sequence: {} }, next: { model: { sequence: {} } } }],
  ])('is refused %s', (_, settings) => {
    expect(() => resolveRecipe(settings, 'r.yaml')).toThrow(
      'r.yaml: found two phases that are not pictures and then clips; expected model.sequence in the second phase alone',
    );
  });

  it('is refused when it is no settings', () => {
    expect(() => resolveRecipe({ data: {}, next: 3 }, 'r.yaml')).toThrow('found no settings for next');
  });
});

describe('what does not suit', () => {
  it('an unknown key is named with its line and the nearest one', async () => {
    const wrong = read('data: {}\noptimizer:\n  kind: sgd\n  learningrate: 1\n');
    await expect(wrong).rejects.toThrow(
      /r\.yaml:4: found "learningrate" in optimizer; expected one of kind, lr,/,
    );
    await expect(read('data: {}\nteachr: { epochs: 1 }\n')).rejects.toThrow(
      /r\.yaml:2: found "teachr"; .*Did you mean "teacher"\?/,
    );
  });

  it('an unknown key deep inside, and in next', async () => {
    await expect(read('data: {}\nloss:\n  weights:\n    aus: 3\n')).rejects.toThrow(
      /r\.yaml:4: found "aus" in loss\.weights; .*Did you mean "AU"\?/,
    );
    await expect(read('data: {}\nnext:\n  model:\n    sequence:\n      lenght: 3\n')).rejects.toThrow(
      /r\.yaml:5: found "lenght" in model\.sequence; .*Did you mean "length"\?/,
    );
  });

  it.each([
    ['batch: { perTask: 0 }', /r\.yaml:2: found 0 for batch\.perTask; expected number ≥ 1/],
    ['precision: fp16', /r\.yaml:2: found "fp16" for precision; .*"bf16".*"float32"/],
    ['optimizer: { betas: [0.5] }', /r\.yaml:2: .*optimizer\.betas/],
    ['batch: { epoch: most }', /r\.yaml:2: .*batch\.epoch/],
    ['seed: -1', /r\.yaml:2: found -1 for seed; expected number ≥ 0/],
  ])('%s', async (line, message) => {
    await expect(read(`data: {}\n${line}\n`)).rejects.toThrow(message);
  });

  it('a file that is no YAML, or no settings', async () => {
    await expect(read('data: {\n')).rejects.toThrow(/r\.yaml:\d: .*expected YAML/);
    await expect(read('- 1\n')).rejects.toThrow(/r\.yaml: found no settings; expected a recipe/);
    await expect(readRecipe('/none/r.yaml')).rejects.toThrow('/none/r.yaml: found no such file');
  });
});

describe('--set', () => {
  const TEXT = 'data: { EXPR: e.parquet }\noptimizer: { lr: 0.5 }\n';

  it('changes values, the last one counting', async () => {
    const { phases } = await read(TEXT, [
      'optimizer.lr=1e-4',
      'data.AU=[a.parquet, b.parquet]',
      'seed=2',
      'seed=4',
    ]);
    expect(phases[0]).toMatchObject({
      seed: 4,
      optimizer: { lr: 1e-4 },
      data: { EXPR: ['e.parquet'], AU: ['a.parquet', 'b.parquet'] },
    });
  });

  it('gives each task its own number of pictures, 32 where nothing is said', async () => {
    const { phases } = await read(TEXT, ['batch.perTask={ EXPR: 8, VA: 4 }']);
    expect(phases[0]?.batch.perTask).toEqual({ EXPR: 8, AU: 32, VA: 4 });
    await expect(read(TEXT, ['batch.perTask={ BODY: 8 }'])).rejects.toThrow(/BODY/);
  });

  it('takes null, and changes the preset underneath', async () => {
    const { phases } = await read(TEXT, ['weightAverage=null', 'preset=paper']);
    expect(phases[0]).toMatchObject({ weightAverage: null, optimizer: { kind: 'adam', lr: 0.5 } });
  });

  it('counts for both phases where next says nothing else', async () => {
    const { phases } = await read(`${TEXT}next: { model: { sequence: {} }, teacher: { epochs: 2 } }\n`, [
      'batch.perTask=5',
      'teacher.epochs=9',
      'next.optimizer.lr=0.125',
    ]);
    expect(phases.map(({ batch }) => batch.perTask)).toEqual([5, 5]);
    expect(phases.map(({ teacher }) => teacher.epochs)).toEqual([9, 2]);
    expect(phases.map(({ optimizer }) => optimizer.lr)).toEqual([0.5, 0.125]);
  });

  it('gives data to a recipe that has none', async () => {
    const { phases } = await read('seed: 1\n', ['data.VA=v.parquet']);
    expect(phases[0]?.data.VA).toEqual(['v.parquet']);
  });

  it.each([
    ['optimizer.lrr=1', /^--set optimizer\.lrr=1: found "lrr" in optimizer; .*Did you mean "lr"\?/],
    ['optimizer.lr=fast', /^--set optimizer\.lr=fast: found "fast" for optimizer\.lr; expected number/],
    ['optimizer.lr', /^--set optimizer\.lr: found no setting; expected a\.b=value/],
    ['=1', /^--set =1: found no setting/],
    ['a..b=1', /^--set a\.\.b=1: found no setting/],
    ['data.EXPR=[a', /^--set data\.EXPR=\[a: .*expected YAML/],
  ])('%s is refused by its own name', async (override, message) => {
    await expect(read(TEXT, [override])).rejects.toThrow(message);
  });
});
