// Our side of bench/train-epoch.mjs, in a process of its own: a run of the trainer. argv: JSON settings.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { torchInfo } from '@mien/torch';
import { resolveRecipe, train } from 'mien/learning';

/** Trains a teacher and a student for one epoch each; what was measured of both. */
async function trainEpochs(settings) {
  const { manifests, folder, batch, size, balance, forward, precision, threads, seed } = settings;
  const { steps, warmUp } = settings;
  const recipe = resolveRecipe(
    {
      preset: 'paper',
      seed,
      data: manifests,
      model: { inputSize: size },
      batch: { perTask: batch, balance, forward, epoch: warmUp + steps },
      precision,
      threads,
      teacher: { epochs: 1 },
      students: { count: 1, epochs: 1 },
    },
    'bench',
  );
  const members = [];
  const onEvent = (event) => {
    if (event.kind === 'begin') members.push({ records: [], peakBytes: 0 });
    if (event.kind !== 'step') return;
    const { records } = members.at(-1);
    records.push(event.record);
    members.at(-1).peakBytes = process.resourceUsage().maxRSS * 1024;
  };
  await train({ folder: mkdtempSync(join(folder, 'run-')), recipe, onEvent });
  return members.map(({ records, peakBytes }) => {
    if (records.length !== warmUp + steps)
      throw new Error(`${records.length} of ${warmUp + steps} steps were reported`);
    const seconds = records.map(({ imagesPerSecond }) => (3 * batch) / imagesPerSecond);
    return {
      seconds: seconds.slice(warmUp),
      waitingSeconds: records.map(({ waiting }, i) => waiting * seconds[i]).slice(warmUp),
      firstLoss: records[0].loss,
      lastLoss: records.at(-1).loss,
      peakBytes,
    };
  });
}

const [teacher, student] = await trainEpochs(JSON.parse(process.argv[2]));
console.log(JSON.stringify({ engine: 'mien', version: torchInfo().version, teacher, student }));
