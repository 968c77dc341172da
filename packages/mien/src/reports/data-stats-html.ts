// `mien data stats --html`: a page with the three figures of the reference's README, before and after balancing.

import type { LabelCounts } from '../datasets/index.js';
import type { DataStats } from './data-stats.js';
import {
  balanceSentences,
  classTable,
  headline,
  labelTables,
  otherSplits,
  overlapTable,
  partsTable,
  planeTable,
  splitName,
  tasksTable,
  unitTable,
  votesTable,
} from './data-stats-tables.js';
import { escapeHtml, htmlPage, htmlTable, paragraph } from './page.js';
import type { Table } from './tables.js';

type Figures = typeof import('./figures.js');

/** Label counts of one moment, with its name. */
interface Moment {
  title: string;
  counts: LabelCounts;
}

/** What is shown: training labels before and after balancing, or else every split as it is. */
function momentsOf({ balance, labels }: DataStats): Moment[] {
  if (balance === undefined) return labels.map((counts) => ({ title: splitName(counts.split), counts }));
  return [
    { title: 'training faces, before balancing', counts: balance.before },
    { title: `one epoch after balancing (${balance.preset})`, counts: balance.after },
  ];
}

/** The largest first: they get colours of their own. */
function datasetsBySize({ parts }: DataStats): string[] {
  const faces = new Map<string, number>();
  for (const part of parts) faces.set(part.dataset, (faces.get(part.dataset) ?? 0) + part.faces);
  return [...faces].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

interface BarSection {
  title: string;
  words: string;
  barsOf(counts: LabelCounts): readonly { name: string; byDataset: Record<string, number> }[] | undefined;
}

const UNITS: BarSection = {
  title: 'Action units',
  words: 'Faces on which each action unit is present. Faces whose label is missing are not counted.',
  barsOf: ({ AU }) => AU?.units,
};

const CLASSES: BarSection = {
  title: 'Expressions',
  words: 'Faces of each expression.',
  barsOf: ({ EXPR }) => EXPR?.classes,
};

const section = (title: string, words: string, figure: string, table: Table | undefined) => [
  `<h2>${escapeHtml(title)}</h2>`,
  paragraph(words),
  figure,
  ...(table === undefined ? [] : [htmlTable(table)]),
];

function barSection(
  { barFigure }: Figures,
  { title, words, barsOf }: BarSection,
  { moments, datasets }: { moments: readonly Moment[]; datasets: readonly string[] },
  table: Table | undefined,
): string[] {
  const panels = moments.flatMap((moment) => {
    const bars = barsOf(moment.counts);
    if (bars === undefined) return [];
    return [{ title: moment.title, bars: bars.map(({ name, byDataset }) => ({ name, byGroup: byDataset })) }];
  });
  return panels.length === 0 ? [] : section(title, words, barFigure(panels, datasets, 'faces'), table);
}

function planeSection(
  { heatFigure }: Figures,
  moments: readonly Moment[],
  table: Table | undefined,
): string[] {
  const panels = moments.flatMap(({ title, counts }) =>
    counts.VA === undefined ? [] : [{ title, cells: counts.VA.cells }],
  );
  const words =
    'Faces in each cell of a grid over valence and arousal, on a logarithmic scale of colour. Grey cells are empty.';
  return panels.length === 0
    ? []
    : section('Valence and arousal', words, heatFigure(panels, 'faces in a cell'), table);
}

/** A page that needs nothing else: tables, and figures as inline SVG. */
export async function statsPage(stats: DataStats): Promise<string> {
  const figures = await import('./figures.js'); // takes a third of a second, which other reports need not wait for
  const { balance, files } = stats;
  const shown = { moments: momentsOf(stats), datasets: datasetsBySize(stats) };
  const { EXPR, AU, VA } = balance?.before ?? {};
  const after = balance?.after;
  return htmlPage('What the data hold', [
    '<h1>What the data hold</h1>',
    paragraph(headline(stats)),
    ...(files.length > 1 ? [`<p class="quiet">${files.map(escapeHtml).join('<br>')}</p>`] : []),
    ...[partsTable(stats), tasksTable(stats), overlapTable(stats)].map(htmlTable),
    ...balanceSentences(stats).map(paragraph),
    ...barSection(figures, UNITS, shown, AU && unitTable('training', AU, after?.AU)),
    ...barSection(figures, CLASSES, shown, EXPR && classTable('training', EXPR, after?.EXPR)),
    ...planeSection(figures, shown.moments, VA && planeTable('training', VA, after?.VA)),
    ...otherSplits(stats).flatMap((counts) => [
      `<h2>Labels: ${escapeHtml(splitName(counts.split))}</h2>`,
      ...labelTables(splitName(counts.split), counts).map(htmlTable),
    ]),
    ...(stats.votes ? ['<h2>Votes</h2>', ...votesTable(stats).map(htmlTable)] : []),
  ]);
}
