// What a reader kept and dropped, and why: printed at the end and stored in the manifest.

import * as z from 'zod';

/** Examples that are remembered of each reason. */
const EXAMPLES = 5;

export const TALLY = z.strictObject({
  kept: z.number(),
  dropped: z.record(z.string(), z.strictObject({ count: z.number(), examples: z.array(z.string()) })),
  /** Things worth knowing that dropped nothing, such as label lines without a picture. */
  noted: z.record(z.string(), z.strictObject({ count: z.number(), examples: z.array(z.string()) })),
});

export type TallyRecord = z.infer<typeof TALLY>;

export class Tally {
  #kept = 0;
  readonly #dropped: TallyRecord['dropped'] = {};
  readonly #noted: TallyRecord['noted'] = {};

  get kept(): number {
    return this.#kept;
  }

  keep(count = 1): void {
    this.#kept += count;
  }

  /** @param reason a phrase such as `no label`; @param example where, such as `video1.txt:17` */
  drop(reason: string, example: string, count = 1): void {
    add(this.#dropped, reason, example, count);
  }

  note(what: string, example: string, count = 1): void {
    add(this.#noted, what, example, count);
  }

  record(): TallyRecord {
    return structuredClone({ kept: this.#kept, dropped: this.#dropped, noted: this.#noted });
  }
}

function add(counts: TallyRecord['dropped'], key: string, example: string, count: number): void {
  counts[key] ??= { count: 0, examples: [] };
  const entry = counts[key];
  entry.count += count;
  if (entry.examples.length < EXAMPLES) entry.examples.push(example);
}

/** One line per figure, for people. */
export function describeTally({ kept, dropped, noted }: TallyRecord): string {
  const lines = [`kept ${kept.toLocaleString('en')}`];
  const list = (verb: string, counts: TallyRecord['dropped']) => {
    for (const [reason, { count, examples }] of Object.entries(counts)) {
      const rest = count > examples.length ? ', …' : '';
      lines.push(`${verb} ${count.toLocaleString('en')}: ${reason} (${examples.join(', ')}${rest})`);
    }
  };
  list('dropped', dropped);
  list('noted', noted);
  return lines.join('\n');
}
