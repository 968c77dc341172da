// Specs and inputs for tests of models.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { manualSeed, nn, randn, type Tensor } from '@mien/torch';
import { ABAW1, TASKS } from 'mien/labels';
import type { NetworkOutput, NetworkSpec } from 'mien/models';
import { afterAll, beforeAll } from 'vitest';
import { SHARED } from '../support/golden.js';

export function spec(over: Partial<NetworkSpec> = {}): NetworkSpec {
  return {
    backbone: 'compact',
    inputSize: 32,
    tasks: [...TASKS],
    schema: ABAW1,
    hidden: 16,
    dropout: 0,
    ...over,
  };
}

/** The same pictures every time. */
export function pictures(shape: readonly number[], seed = 1): Tensor {
  manualSeed(seed);
  return randn([...shape]);
}

export const numbers = (tensor: Tensor): number[] => Array.from(tensor.toTypedArray() as Float32Array);

export const parameterCount = (module: nn.Module): number =>
  module.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0);

/** All logits in a row. */
export const logitsOf = ({ logits }: NetworkOutput): number[] =>
  Object.values(logits).flatMap((tensor) => numbers(tensor));

/** Multiplications of convolutions and linear layers in one forward pass. */
export function countMacs(run: () => void): number {
  let macs = 0;
  const { Conv2d, Linear } = nn;
  const [convolve, multiply] = [Conv2d.prototype.forward, Linear.prototype.forward];
  Conv2d.prototype.forward = function (this: nn.Conv2d, input: Tensor): Tensor {
    const output = convolve.call(this, input);
    macs += output.numel() * (this.weight.numel() / this.outChannels);
    return output;
  };
  Linear.prototype.forward = function (this: nn.Linear, input: Tensor): Tensor {
    macs += (input.numel() / this.inFeatures) * this.weight.numel();
    return multiply.call(this, input);
  };
  try {
    run();
  } finally {
    Conv2d.prototype.forward = convolve;
    Linear.prototype.forward = multiply;
  }
  return macs;
}

/** Unpacks golden checkpoints into a folder that lasts as long as the file's tests. @returns gives the path of one */
export function goldenCheckpoints(): (name: string) => string {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mien-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => {
    const file = join(folder, name);
    if (!existsSync(file))
      writeFileSync(file, gunzipSync(readFileSync(`${SHARED}/golden/checkpoints/${name}.gz`)));
    return file;
  };
}
