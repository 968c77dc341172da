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
import { type BarPanel, barFigure, type HeatPanel, heatFigure } from './figures.js';
import { escapeHtml, htmlPage, htmlTable, paragraph } from './page.js';

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

function panelsOf<Panel>(moments: readonly Moment[], make: (counts: LabelCounts) => Panel | undefined) {
  return moments.flatMap(({ title, counts }) => {
    const panel = make(counts);
    return panel === undefined ? [] : [{ title, ...panel }];
  });
}

function unitSection(moments: readonly Moment[], datasets: readonly string[]): string[] {
  const panels: BarPanel[] = panelsOf(
    moments,
    ({ AU }) => AU && { bars: AU.units.map(({ name, byDataset }) => ({ name, byGroup: byDataset })) },
  );
  if (panels.length === 0) return [];
  const words = 'Faces on which each action unit is present. Faces whose label is missing are not counted.';
  return ['<h2>Action units</h2>', paragraph(words), barFigure(panels, datasets, 'faces')];
}

function classSection(moments: readonly Moment[], datasets: readonly string[]): string[] {
  const panels: BarPanel[] = panelsOf(
    moments,
    ({ EXPR }) => EXPR && { bars: EXPR.classes.map(({ name, byDataset }) => ({ name, byGroup: byDataset })) },
  );
  if (panels.length === 0) return [];
  return [
    '<h2>Expressions</h2>',
    paragraph('Faces of each expression.'),
    barFigure(panels, datasets, 'faces'),
  ];
}

function planeSection(moments: readonly Moment[]): string[] {
  const panels: HeatPanel[] = panelsOf(moments, ({ VA }) => VA && { cells: VA.cells });
  if (panels.length === 0) return [];
  const words =
    'Faces in each cell of a grid over valence and arousal, on a logarithmic scale of colour. Grey cells are empty.';
  return ['<h2>Valence and arousal</h2>', paragraph(words), heatFigure(panels, 'faces in a cell')];
}

/** A page that needs nothing else: tables, and figures as inline SVG. */
export function statsPage(stats: DataStats): string {
  const { balance, files } = stats;
  const moments = momentsOf(stats);
  const datasets = datasetsBySize(stats);
  const before = balance?.before ?? {};
  const { EXPR, AU, VA } = before;
  const after = balance?.after;
  return htmlPage('What the data hold', [
    '<h1>What the data hold</h1>',
    paragraph(headline(stats)),
    ...(files.length > 1 ? [`<p class="quiet">${files.map(escapeHtml).join('<br>')}</p>`] : []),
    ...[partsTable(stats), tasksTable(stats), overlapTable(stats)].map(htmlTable),
    ...balanceSentences(stats).map(paragraph),
    ...unitSection(moments, datasets),
    ...(AU ? [htmlTable(unitTable('training', AU, after?.AU))] : []),
    ...classSection(moments, datasets),
    ...(EXPR ? [htmlTable(classTable('training', EXPR, after?.EXPR))] : []),
    ...planeSection(moments),
    ...(VA ? [htmlTable(planeTable('training', VA, after?.VA))] : []),
    ...otherSplits(stats).flatMap((counts) => [
      `<h2>Labels: ${escapeHtml(splitName(counts.split))}</h2>`,
      ...labelTables(splitName(counts.split), counts).map(htmlTable),
    ]),
    ...(stats.votes ? ['<h2>Votes</h2>', ...votesTable(stats).map(htmlTable)] : []),
  ]);
}
