// Networks and files of weights, cut into the parts that go from one to the other: `backbone`, `EXPR head`, `EXPR GRU head`,
// and so on.

import type { nn, RawStateDict } from '@mien/torch';
import { DataError } from '../files/index.js';
import { TASKS, type Task } from '../labels/index.js';
import { layoutOf, list, misfits, withoutClassifier } from './fitting.js';
import { type ImageNetwork, type Network, SequenceNetwork } from './network.js';
import { backboneOf } from './registry.js';
import { type NetworkSpec, outputsOf } from './spec.js';
import type { WeightFile } from './weight-file.js';

const headName = (task: Task): string => `${task} head`;
const gruName = (task: Task): string => `${task} GRU head`;

/** A network's modules by the name of the part. */
export function partsOf(network: Network): Map<string, nn.Module> {
  const { tasks } = network.spec;
  const parts = new Map<string, nn.Module>();
  const sequence = network instanceof SequenceNetwork ? network : undefined;
  const image = sequence?.backbone ?? (network as ImageNetwork);
  parts.set('backbone', image.backbone.model);
  tasks.forEach((task, i) => {
    parts.set(headName(task), image.classifier.at(i) as nn.Module);
  });
  tasks.forEach((task, i) => {
    if (sequence !== undefined) parts.set(gruName(task), sequence.classifier.at(i) as nn.Module);
  });
  return parts;
}

/** How many outputs each head of a file has; undefined: it has no last layer. */
export function headSizes({ heads }: WeightFile): (number | undefined)[] {
  return heads.map((head) => head.get('fc_1.weight')?.shape[0]);
}

const isOrdered = (tasks: readonly Task[]): boolean =>
  tasks.every((task, i) => i === 0 || TASKS.indexOf(tasks[i - 1] as Task) < TASKS.indexOf(task));

/**
 * What each head may be for, going by its number of outputs: all possibilities, but only those in the order of `TASKS` where
 * there are such.
 */
export function headTasks(
  sizes: readonly (number | undefined)[],
  schema: NetworkSpec['schema'],
): readonly Task[][] {
  const extend = (chosen: Task[]): Task[][] =>
    chosen.length === sizes.length
      ? [chosen]
      : TASKS.filter(
          (task) => !chosen.includes(task) && outputsOf({ schema }, task) === sizes[chosen.length],
        ).flatMap((task) => extend([...chosen, task]));
  const all = extend([]);
  const ordered = all.filter(isOrdered);
  return ordered.length > 0 ? ordered : all;
}

/** The file's parts by name, and the keys of a bare backbone's classifier. */
export function filePartsOf(
  weights: WeightFile,
  backboneName: string,
  tasks: readonly Task[],
): { parts: Map<string, RawStateDict>; dropped: string[] } {
  const { backbone, heads, gruHeads, kind } = weights;
  const { own, dropped } =
    kind === 'backbone'
      ? withoutClassifier(backboneOf(backboneName), backbone)
      : { own: backbone, dropped: [] };
  const parts = new Map([['backbone', own]]);
  tasks.forEach((task, i) => {
    const [head, gruHead] = [heads[i], gruHeads[i]];
    if (head !== undefined) parts.set(headName(task), head);
    if (gruHead !== undefined) parts.set(gruName(task), gruHead);
  });
  return { parts, dropped };
}

/**
 * Copies parts that both sides have, all or none.
 * @param hint what to do when they do not fit
 * @returns the parts of the network that were filled
 * @throws DataError that lists what does not fit
 */
export function fill(
  network: Network,
  file: string,
  parts: ReadonlyMap<string, RawStateDict>,
  hint?: () => string | undefined,
): string[] {
  const pairs = [...partsOf(network)].flatMap(([name, module]) => {
    const tensors = parts.get(name);
    return tensors === undefined ? [] : [{ name, module, tensors }];
  });
  const problems = pairs.flatMap(({ name, module, tensors }) =>
    misfits(layoutOf(module), tensors).map((problem) => `${name}: ${problem}`),
  );
  if (problems.length > 0)
    throw new DataError(
      { file },
      {
        found: `weights that do not fit (${list(problems)})`,
        expected: `those of a network with ${network.spec.backbone}`,
        hint: hint?.(),
      },
    );
  for (const { module, tensors } of pairs) module.loadStateDict(tensors);
  return pairs.map(({ name }) => name);
}
