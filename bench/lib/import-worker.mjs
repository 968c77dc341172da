// Imports the Aff-Wild2 tree named by the first argument, in a process of its own; prints seconds and peak memory.
import { AFF_WILD2, importManifest, readAffWild2 } from 'mien/datasets';
import { ABAW1 } from 'mien/labels';

const { annotations, crops, out } = JSON.parse(process.argv[2]);
const start = performance.now();
const { faces } = await importManifest(out, {
  command: 'import aff-wild2',
  read: readAffWild2,
  options: { annotations, crops, partial: 'keep', join: false },
  schema: ABAW1,
  roots: { [AFF_WILD2]: crops },
});
const seconds = (performance.now() - start) / 1000;
console.log(
  JSON.stringify({ rows: faces.length, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }),
);
