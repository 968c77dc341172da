import { type FaceRow, type Reader, Tally, type TallyRecord } from 'mien/datasets';
import { ABAW1, type LabelSchema } from 'mien/labels';

export interface ReadResult {
  rows: FaceRow[];
  tally: TallyRecord;
}

/** Everything that a reader yields and counts. */
export async function readAll<Options>(
  read: Reader<Options>,
  options: Options,
  { schema = ABAW1, strict = false }: { schema?: LabelSchema; strict?: boolean } = {},
): Promise<ReadResult> {
  const tally = new Tally();
  const rows: FaceRow[] = [];
  for await (const some of read(options, { schema, tally, onProgress: () => {}, strict })) rows.push(...some);
  tally.keep(rows.length);
  return { rows, tally: tally.record() };
}
