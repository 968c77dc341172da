// `mien predict` on the terminal: what was seen, in a few lines, and faces of pictures one by one.

import type { FrameReading, Range, ReadingTally } from '../reading/index.js';
import { counted, percent, textTable } from './tables.js';

/** Expressions and units that are told; the rest are rarer. */
const TOLD = 5;

const signed = (value: number): string => value.toFixed(2).replace('-', '−');
const share = (value: number): string => `${(100 * value).toFixed(0)} %`;

/** 75 → `1:15 min`; 7.5 → `7.5 s`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60)];
  if (hours === 0) return `${minutes}:${two(whole % 60)} min`;
  return `${hours}:${two(minutes % 60)}:${two(whole % 60)} h`;
}

const range = ({ mean, least, most }: Range): string =>
  `${signed(mean)} on average, from ${signed(least)} to ${signed(most)}`;

/** What was seen, a line each for what was read. */
export function describeReading(tally: ReadingTally): string {
  const { pictures, videos, frames, framesWithFace, faces, people, seconds, expressions, actionUnits } =
    tally;
  const films = `${counted(frames - pictures, 'frame')} (${duration(seconds)}) of ${counted(videos, 'video')}`;
  const read = [...(videos > 0 ? [films] : []), ...(pictures > 0 ? [counted(pictures, 'picture')] : [])];
  const found = `a face in ${percent(framesWithFace, frames)} of them, ${counted(people, 'different face')}`;
  const lines = [`read ${read.join(' and ')}; ${framesWithFace === 0 ? 'no face' : found}`];
  if (faces === 0) return lines.join('\n');
  const seen = expressions.filter((one) => one.share > 0).slice(0, TOLD);
  if (expressions.length > 0)
    lines.push(`expression    ${seen.map((one) => `${one.name} ${share(one.share)}`).join(', ')}`);
  const active = actionUnits
    .filter((one) => one.share > 0)
    .sort((one, other) => other.share - one.share)
    .slice(0, TOLD);
  if (actionUnits.length > 0)
    lines.push(
      `action units  ${active.map((one) => `${one.unit} ${share(one.share)}`).join(', ') || 'none active'}`,
    );
  if (tally.valence) lines.push(`valence       ${range(tally.valence)}`);
  if (tally.arousal) lines.push(`arousal       ${range(tally.arousal)}`);
  return lines.join('\n');
}

/** A row for each face of these pictures. */
export function describeFaces(frames: readonly FrameReading[]): string {
  const number = (value: number | undefined) => (value === undefined ? undefined : signed(value));
  const rows = frames.flatMap(({ source, faces }) =>
    faces.length === 0
      ? [[source, '', 'no face', '', '', '']]
      : faces.map(({ face, expression, actionUnits = {}, valence, arousal }) => [
          source,
          String(face),
          expression && `${expression.label} ${share(expression.probabilities[expression.label] ?? 0)}`,
          Object.entries(actionUnits)
            .flatMap(([unit, { present }]) => (present ? [unit] : []))
            .join(' '),
          number(valence),
          number(arousal),
        ]),
  );
  return textTable({
    head: ['picture', 'face', 'expression', 'active', 'valence', 'arousal'],
    rows,
    texts: 4,
  });
}
