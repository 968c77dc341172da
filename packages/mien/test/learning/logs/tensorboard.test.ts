import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { crc32c, EventLog } from 'mien/learning/logs';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../../test/folders.js';
import { at, bitwiseCrc, records, scalars } from '../../support/events.js';

/** A clock that is a second later each time. */
const ticking = (start = 1_700_000_000.25) => {
  let now = start;
  return () => now++;
};

describe('crc32c', () => {
  it.each([
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s is what RFC 3720 prints', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  it('equals the bitwise formula', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => crc32c(bytes) === bitwiseCrc(bytes)));
  });
});

describe('EventLog', () => {
  it('writes a file that TensorBoard finds, with the version first', () => {
    const folder = folderWith({});
    const log = new EventLog(folder, { clock: ticking() });
    log.close();
    expect(readdirSync(folder)).toEqual([log.name]);
    expect(log.name).toMatch(/^events\.out\.tfevents\.1700000000\../);
    const [first, ...more] = records(join(folder, log.name));
    expect(more).toEqual([]);
    expect(String(at(first as Buffer, 3))).toBe('brain.Event:2');
    expect(at(first as Buffer, 1)).toBeCloseTo(1_700_000_001.25, 6);
  });

  it('writes scalars with tag, step, time and a value as float32', () => {
    const folder = folderWith({});
    const log = new EventLog(folder, { clock: ticking(0) });
    log.scalar('loss/EXPR', 0.1, 1);
    log.scalar('loss/EXPR', Number.NaN, 300);
    log.scalar('Lärm', -2, 2 ** 40 + 1);
    log.close();
    const file = join(folder, log.name);
    expect(scalars(file)).toEqual([
      `loss/EXPR@1 = ${Math.fround(0.1)}`,
      'loss/EXPR@300 = NaN',
      `Lärm@${2 ** 40 + 1} = -2`,
    ]);
    expect(records(file).map((event) => at(event, 1))).toEqual([1, 2, 3, 4]);
  });

  it('writes text as a string tensor of the plugin "text"', () => {
    const folder = folderWith({});
    const log = new EventLog(folder, { clock: ticking() });
    const words = '    seed: 1\n    wörter: "…"\n'.repeat(40); // longer than one byte of length tells
    log.text('recipe', words, 0);
    log.close();
    const value = at(records(join(folder, log.name))[1] as Buffer, 5, 1) as Buffer;
    expect(String(at(value, 1))).toBe('recipe');
    expect(at(value, 8, 1)).toBe(7); // DT_STRING
    expect(at(value, 8, 2, 2, 1)).toBe(1); // shape [1]
    expect(String(at(value, 8, 8))).toBe(words);
    expect(String(at(value, 9, 1, 1))).toBe('text');
  });

  it('goes on where a checkpoint left it: what came later is gone, also what a kill cut off', () => {
    const folder = folderWith({});
    const first = new EventLog(folder, { clock: ticking() });
    first.scalar('loss', 1, 1);
    first.flush();
    const checkpoint = { name: first.name, byteLength: first.byteLength };
    first.scalar('loss', 2, 2);
    first.close();
    appendFileSync(join(folder, checkpoint.name), Buffer.alloc(7, 1));
    const second = new EventLog(folder, { clock: ticking(), resume: checkpoint });
    second.scalar('loss', 3, 2);
    second.close();
    expect(second.name).toBe(checkpoint.name);
    expect(scalars(join(folder, checkpoint.name))).toEqual(['loss@1 = 1', 'loss@2 = 3']);
    expect(second.byteLength).toBe(readFileSync(join(folder, checkpoint.name)).length);
  });

  it('refuses to go on in a file that is not the one of the checkpoint, and leaves it as it is', () => {
    const folder = folderWith({});
    const log = new EventLog(folder, { clock: ticking() });
    log.scalar('loss', 1, 1);
    const { name, byteLength } = log;
    log.close();
    const before = readFileSync(join(folder, name));
    const resumed = (resume: { name: string; byteLength: number }) => () =>
      new EventLog(folder, { clock: ticking(), resume });
    expect(resumed({ name, byteLength: byteLength - 3 })).toThrow(/in the middle of a record/);
    expect(resumed({ name, byteLength: byteLength + 1 })).toThrow(
      `${name}: found ${byteLength} bytes; expected the file that had ${byteLength + 1} bytes`,
    );
    expect(resumed({ name: 'events.out.tfevents.9', byteLength: 20 })).toThrow(
      /tfevents\.9: found no such file/,
    );
    expect(readFileSync(join(folder, name))).toEqual(before);
    writeFileSync(join(folder, name), Buffer.alloc(before.length, 7));
    expect(resumed({ name, byteLength })).toThrow(/in the middle of a record/);
  });
});
