// `mien data check` on the terminal.

import type { CopyGroup, DataCheck } from '../datasets/index.js';
import { NO_SUCH_FILE } from '../files/index.js';
import { counted, figure, percent, textTable } from './tables.js';

/** Sizes, and members of a group, that are shown. */
const SHOWN = 5;

function sizesPart({ sizes, grey, colour }: DataCheck): string[] {
  const readable = grey + colour;
  const rows = sizes
    .slice(0, SHOWN)
    .map(({ width, height, images }) => [`${width} × ${height}`, images, percent(images, readable)]);
  const more = sizes.length > SHOWN ? `and ${figure(sizes.length - SHOWN)} more sizes` : undefined;
  return [textTable({ head: ['size (pixels)', 'pictures', ''], rows, ...(more && { below: more }) })];
}

function unusablePart({ unusable }: DataCheck): string[] {
  return unusable.map(({ reason, count, examples }) =>
    [
      `${figure(count)} unusable: ${reason}`,
      ...examples.map((path) => `  ${path}`),
      ...(count > examples.length ? ['  …'] : []),
    ].join('\n'),
  );
}

function member({ dataset, image, split, row }: CopyGroup[number]): string {
  return `${dataset}/${image} (row ${row}${split === null ? '' : `, ${split}`})`;
}

function groupLines(groups: readonly CopyGroup[]): string[] {
  return groups.map((group) => {
    const rest = group.length > SHOWN ? ` = ${figure(group.length - SHOWN)} more` : '';
    return `  ${group.slice(0, SHOWN).map(member).join(' = ')}${rest}`;
  });
}

function copiesPart({ copies }: DataCheck): string[] {
  const { groups, images, repeated, acrossSplits, contradicting, examples } = copies;
  const parts: string[] = [];
  const add = (words: string, shown: readonly CopyGroup[]) =>
    parts.push([words, ...groupLines(shown)].join('\n'));
  if (groups > 0)
    add(
      `${counted(groups, 'group')} of copies: ${figure(images)} pictures that equal another pixel by pixel`,
      examples,
    );
  if (repeated > 0) add(`${counted(repeated, 'picture')} named by several rows for the same face`, []);
  if (acrossSplits.count > 0)
    add(`of these, ${figure(acrossSplits.count)} on both sides of a split`, acrossSplits.examples);
  if (contradicting.count > 0)
    add(`of these, ${figure(contradicting.count)} with labels that contradict`, contradicting.examples);
  return parts.length > 0 ? parts : ['no copies'];
}

function readablePart(check: DataCheck): string[] {
  const { grey, colour } = check;
  if (grey + colour === 0) return [];
  return [`${figure(colour)} in colour, ${figure(grey)} grey`, ...sizesPart(check)];
}

function missingHint({ images, videos, unusable }: DataCheck): string[] {
  const [first] = unusable;
  const all = first?.reason === NO_SUCH_FILE && first.count === images + videos;
  return all ? ['None was found. Where do the data lie? Say it with --root NAME=FOLDER.'] : [];
}

export function describeCheck(check: DataCheck): string {
  const { file, faces, images, videos, grey, colour, unusable } = check;
  const bad = unusable.reduce((sum, { count }) => sum + count, 0);
  const named = [
    ...(images > 0 ? [counted(images, 'picture')] : []),
    ...(videos > 0 ? [counted(videos, 'video')] : []),
  ].join(' and ');
  const verdict =
    bad === 0 ? 'all can be used' : `${figure(bad)} cannot be used (${percent(bad, images + videos)})`;
  return [
    `${file}: ${counted(faces, 'face')} on ${named || 'no picture'}: ${verdict}`,
    ...readablePart(check),
    ...unusablePart(check),
    ...missingHint(check),
    ...(grey + colour > 0 ? copiesPart(check) : []),
  ].join('\n\n');
}
