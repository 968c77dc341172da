import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkParity, PARTS, type ParityOutcome } from 'mien/parity';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { GOLDEN, SHARED } from '../support/golden.js';

async function outcomes(
  folder: string,
  name: string,
  checkpoints?: string,
): Promise<{ all: ParityOutcome[]; skipped: string[] }> {
  const all: ParityOutcome[] = [];
  const skipped: string[] = [];
  const parts = PARTS.filter((part) => part.name === name);
  expect(parts).toHaveLength(1);
  const onSkip = (part: string, _: readonly string[], reason: string) => skipped.push(`${part}: ${reason}`);
  for await (const one of checkParity(folder, onSkip, parts, checkpoints)) all.push(one);
  return { all, skipped };
}

const failed = (all: readonly ParityOutcome[]) => all.filter(({ passed }) => !passed);

describe('text files', () => {
  it("are the reference's, byte for byte", async () => {
    const { all } = await outcomes(GOLDEN, 'text files');
    expect(all).toHaveLength(25);
    expect(failed(all)).toEqual([]);
  });

  it('differ where a single byte does, and the case says where', async () => {
    const folder = folderWith({});
    cpSync(join(GOLDEN, 'datasets/expected/text'), join(folder, 'datasets/expected/text'), {
      recursive: true,
    });
    const file = join(folder, 'datasets/expected/text/edge_VA_float64.txt');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('0.0312,0.1562', '0.0313,0.1562'));
    writeFileSync(join(folder, 'datasets/expected/text/test_cnn_VA.txt'), '\n', { flag: 'a' });
    const { all } = await outcomes(folder, 'text files');
    expect(failed(all).map(({ name }) => name)).toEqual(['text/test_cnn_VA.txt', 'text/edge_VA_float64.txt']);
    expect(failed(all)[1]?.note).toBe(`first difference at byte ${text.indexOf('0.0312') + 5}`);
  });
});

describe.skipIf(!SHARED)(
  'checkpoints and inference (skipped where golden data do not stand beside the checkout)',
  () => {
    const golden = `${SHARED}/golden`;

    it('checkpoints have the values of their pattern', async () => {
      const { all } = await outcomes(golden, 'checkpoints');
      expect(all).toHaveLength(11);
      expect(failed(all)).toEqual([]);
    });

    it("inference gives the reference's decisions and numbers", async () => {
      const { all, skipped } = await outcomes(golden, 'inference');
      expect(skipped).toEqual([]);
      expect(all).toHaveLength(27);
      expect(failed(all)).toEqual([]);
    }, 600_000);

    it('inference of exported networks does too, of clips and so of pictures', async () => {
      const folder = folderWith({});
      for (const path of ['inference/faces', 'inference/expected_cnn_rnn_seq8'])
        cpSync(join(golden, path), join(folder, path), { recursive: true });
      const checkpoints = join(golden, 'checkpoints');
      const { all, skipped } = await outcomes(folder, 'inference, exported to ONNX', checkpoints);
      expect(skipped).toEqual([]);
      expect(all).toHaveLength(12);
      expect(failed(all)).toEqual([]);
    }, 600_000);

    it('inference says what it could not check, and sees what differs', async () => {
      const folder = folderWith({});
      cpSync(join(golden, 'inference'), join(folder, 'inference'), { recursive: true });
      const checkpoints = folderWith({});
      const name = 'cnn_net_epoch_student_0_id_resnet50.pth.gz';
      cpSync(join(golden, 'checkpoints', name), join(checkpoints, name));
      const file = join(folder, 'inference/expected_cnn/student_0/VA.txt');
      const [header = '', first = '', ...rest] = readFileSync(file, 'utf8').split('\n');
      const [valence, arousal] = first.split(',').map(Number) as [number, number];
      const moved = `${(valence + 0.001).toFixed(4)},${arousal}`;
      writeFileSync(file, [header, moved, ...rest].join('\n'));
      const { all, skipped } = await outcomes(folder, 'inference', checkpoints);
      expect(all.map((one) => [one.name, one.passed])).toEqual([
        ['cnn/student_0/AU.txt', true],
        ['cnn/student_0/EXPR.txt', true],
        ['cnn/student_0/VA.txt', false],
      ]);
      expect(skipped).toEqual([
        ...['merged', 'merged_raw', 'student_1', 'teacher'].map(
          (one) => `inference, cnn/${one}: not all checkpoints of cnn are there`,
        ),
        'inference, cnn_rnn_seq8: no checkpoint cnn_rnn_seq8_net_epoch_….pth',
      ]);
    });
  },
);
