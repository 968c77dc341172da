import { type Command, InvalidArgumentError } from 'commander';
import { type MouthProgress, runMouthDemo } from '../demo/index.js';

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected an integer ≥ 1');
  return value;
}

function line({ epoch, loss, error, ccc, imagesPerSecond }: MouthProgress): string {
  const bar = '█'.repeat(Math.max(1, Math.round(40 * Math.min(1, Math.sqrt(loss)))));
  return [
    String(epoch).padStart(5),
    loss.toFixed(4).padStart(8),
    error.toFixed(3).padStart(7),
    ccc.toFixed(3).padStart(7),
    imagesPerSecond.toFixed(0).padStart(9),
    ` ${bar}`,
  ].join(' ');
}

export function define(command: Command): void {
  command
    .option('--epochs <n>', 'passes over the drawings', positiveInteger, 12)
    .option('--seed <n>', 'of the drawings and the weights', positiveInteger, 1)
    .action(async (options: { epochs: number; seed: number }) => {
      const { torchInfo } = await import('@mien/torch');
      const { version, threads, cpuCapability } = torchInfo();
      console.log(`libtorch ${version}, ${threads} threads, ${cpuCapability}`);
      console.log('Learning to read valence off a drawn mouth (2,048 drawings; scored on 512 others)\n');
      console.log('epoch     loss   error     CCC  images/s');
      await runMouthDemo(options, (progress) => console.log(line(progress)));
    });
}
