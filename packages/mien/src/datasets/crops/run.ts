// `mien data crops`: from faces in pictures and videos to files of crops and a manifest of them.

import type { CropRecipe } from '../../faces/index.js';
import { DataError } from '../../files/index.js';
import type { LabelSchema } from '../../labels/index.js';
import { JOBS } from '../../streams/index.js';
import type { FaceRow } from '../face-row.js';
import { dropOrThrow, importFaces, type OnProgress, type ReadContext } from '../import.js';
import { type Manifest, pathOf, readManifest } from '../manifest.js';
import { cutAll } from './cut.js';
import { detectFaces, type FaceFinders } from './detect.js';
import { type CropFormat, openCropFolder } from './folder.js';
import { type CropInput, openSources, readLandmarks } from './input.js';
import { planCrops, shardOf } from './plan.js';

export interface CropsOptions extends CropRecipe {
  /** A manifest (.parquet), a picture, a video, or a folder of them. */
  input: string;
  /** A table of landmarks or a folder of them, where the input is no manifest. */
  landmarks?: string | undefined;
  /** Folder for the crops; the new manifest's root. */
  crops: string;
  format: CropFormat;
  /** Part `index` of `count` of the clips. */
  shard?: { index: number; count: number } | undefined;
  /** Name of the data set, where the input is no manifest. */
  dataset: string;
}

export interface CropsRun {
  /** Find the faces where there is neither a manifest nor a table of landmarks. */
  finders?: FaceFinders | undefined;
  /** Of the new manifest, where the input is none. */
  schema: LabelSchema;
  strict?: boolean | undefined;
  /** Pictures and videos that are worked on at the same time. */
  jobs?: number | undefined;
  onProgress?: OnProgress | undefined;
}

export interface CropsResult {
  manifest: Omit<Manifest, 'file'>;
  /** Crops that were made now. */
  made: number;
  /** Crops that were there already. */
  finished: number;
}

const WHOLE = { index: 0, count: 1 };
/** Rows between two rounds. */
const ROUND = 1000;

const settingsOf = ({ align, size, margin, format }: CropsOptions) => ({ align, size, margin, format });

/** The faces to cut out, and the part of them that is this process's. */
async function readInput(options: CropsOptions, run: CropsRun, context: ReadContext) {
  const { input, landmarks, dataset, crops, shard = WHOLE } = options;
  const sources = await openSources(input);
  if (landmarks !== undefined)
    return { faces: await readLandmarks(sources, landmarks, { dataset, ...context }), shard };
  if (run.finders === undefined)
    throw new DataError(
      { file: input },
      {
        found: 'pictures or videos without landmarks',
        expected: 'a table of them',
        hint: 'Give --landmarks',
      },
    );
  await openCropFolder(crops, settingsOf(options)); // what is found is kept there
  const detect = { dataset, folder: crops, context, jobs: run.jobs ?? JOBS, shard };
  return { faces: await detectFaces(sources, run.finders, detect), shard: WHOLE };
}

/** The row of the new manifest: landmarks belong to the uncut picture and do not hold any more; the box says where it was. */
function cropRow({ landmarks: _, video: __, ...row }: FaceRow, image: string): FaceRow {
  return { ...row, image };
}

/**
 * Cuts out faces, and tells what there is afterwards. Crops that are finished are kept, so that a killed run can be
 * repeated, and the same run without `shard` joins the parts of several.
 * @throws DataError when the input is malformed, or the folder holds other crops
 */
export async function makeCrops(options: CropsOptions, run: CropsRun): Promise<CropsResult> {
  const { input, landmarks, crops, align, size, margin, format, shard = WHOLE } = options;
  if (landmarks !== undefined && input.endsWith('.parquet'))
    throw new DataError(
      { file: input },
      { found: 'a manifest and a table of landmarks', expected: 'one of them' },
    );
  const manifest = input.endsWith('.parquet') ? await readManifest(input) : undefined;
  const recipe = { align, size, margin };
  const count = { made: 0, finished: 0 };
  let datasets: string[] = [];
  async function* read(_: object, context: ReadContext): AsyncGenerator<FaceRow[]> {
    const { faces: found, shard: part }: { faces: CropInput; shard: typeof shard } =
      manifest === undefined ? await readInput(options, run, context) : { faces: manifest, shard };
    datasets = [...found.roots.keys()];
    const plan = shardOf(planCrops(found, format, landmarks ?? input), found, part);
    const folder = await openCropFolder(crops, settingsOf(options));
    const total = plan.sources.reduce((sum, { rows }) => sum + rows.length, 0);
    const failed = new Set<number>();
    let done = 0;
    const onFaces = (faces: number) => {
      done += faces;
      context.onProgress(done, total);
    };
    for await (const outcome of cutAll({
      input: found,
      plan,
      folder,
      recipe,
      jobs: run.jobs ?? JOBS,
      onFaces,
    })) {
      count.made += outcome.made;
      count.finished += outcome.finished;
      for (const { row, reason } of outcome.failed) {
        const frame = outcome.source.video ? { row: (found.faces.frame.get(row) ?? 0) + 1 } : {};
        dropOrThrow(context, reason, { file: pathOf(found, row), ...frame }, 'a face that can be cut out');
        failed.add(row);
      }
    }
    const rows = plan.sources
      .flatMap((source) => source.rows)
      .filter((row) => !failed.has(row))
      .sort((one, other) => one - other);
    for (let start = 0; start < rows.length; start += ROUND)
      yield rows
        .slice(start, start + ROUND)
        .map((row) => cropRow(found.faces.row(row), plan.paths[row] as string));
  }
  const made = await importFaces({
    command: 'crops',
    read,
    options: { ...options },
    schema: manifest?.faces.schema ?? run.schema,
    roots: { input },
    strict: run.strict ?? false,
    ...(run.onProgress === undefined ? {} : { onProgress: run.onProgress }),
  });
  return {
    manifest: {
      faces: made.faces,
      roots: new Map(datasets.map((name) => [name, crops])),
      history: [...(manifest?.history ?? []), ...made.history],
    },
    ...count,
  };
}
