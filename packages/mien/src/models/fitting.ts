// Which tensors of a file fit which network.

import { defaultGenerator, type nn, type RawStateDict, tidy } from '@mien/torch';
import type { Backbone } from './backbone.js';
import { BACKBONES } from './registry.js';

/** Shapes by key. */
type Layout = ReadonlyMap<string, readonly number[]>;

export function layoutOf(module: nn.Module): Layout {
  return tidy(() => new Map([...module.stateDict()].map(([key, { shape }]) => [key, shape])));
}

/** PyTorch before 0.4.1 did not write it, and nothing but a momentum of `null` reads it. */
const OPTIONAL = /(^|\.)num_batches_tracked$/;

/** What keeps tensors from being loaded into a layout, a phrase each; none: they fit. */
export function misfits(layout: Layout, found: RawStateDict): string[] {
  const missing = [...layout.keys()].filter((key) => !found.has(key) && !OPTIONAL.test(key));
  const unexpected = [...found.keys()].filter((key) => !layout.has(key));
  const shapes = [...layout].flatMap(([key, shape]) => {
    const other = found.get(key)?.shape;
    return other === undefined || other.join() === shape.join()
      ? []
      : [`${key} is [${other.join(', ')}] instead of [${shape.join(', ')}]`];
  });
  return [
    ...missing.map((key) => `${key} is missing`),
    ...unexpected.map((key) => `${key} has no place`),
    ...shapes,
  ];
}

/** The most that an error lists. */
const SHOWN = 6;

/** Phrases in a row, cut where there are many. */
export function list(phrases: readonly string[]): string {
  const more = phrases.length - SHOWN;
  return phrases.slice(0, SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

const layouts = new Map<string, Layout>();

/** The layout of a registered backbone. Random state is left as it was. */
function backboneLayout(backbone: Backbone, inputSize: number): Layout {
  const name = `${backbone.name} ${inputSize}`;
  const known = layouts.get(name);
  if (known !== undefined) return known;
  const random = defaultGenerator();
  const state = random.getState();
  const built = backbone.build(inputSize);
  random.setState(state);
  const layout = layoutOf(built);
  built.dispose();
  state.dispose();
  layouts.set(name, layout);
  return layout;
}

/** A bare backbone without the classifier that it was trained with. */
export function withoutClassifier(
  { classifier }: Backbone,
  tensors: RawStateDict,
): { own: RawStateDict; dropped: string[] } {
  const isClassifier = (key: string) => classifier !== undefined && key.startsWith(`${classifier}.`);
  return {
    own: new Map([...tensors].filter(([key]) => !isClassifier(key))),
    dropped: [...tensors.keys()].filter(isClassifier),
  };
}

export interface Identified {
  /** The backbone that fits best. */
  backbone: Backbone;
  /** What keeps it from fitting; none: it does. */
  problems: string[];
  /** The input's edge, where the weights suit one alone. */
  inputSize: number | undefined;
}

/** Finds the registered backbone that tensors belong to. @param bare whether they may have a classifier behind them */
export function identifyBackbone(tensors: RawStateDict, bare: boolean): Identified {
  let best: Identified | undefined;
  for (const backbone of BACKBONES.values()) {
    const { own } = bare ? withoutClassifier(backbone, tensors) : { own: tensors };
    const inputSize = backbone.inputSizeOf?.(own);
    const problems = misfits(backboneLayout(backbone, inputSize ?? backbone.inputSize), own);
    if (problems.length === 0) return { backbone, problems, inputSize };
    if (best === undefined || problems.length < best.problems.length)
      best = { backbone, problems, inputSize };
  }
  return best as Identified;
}
