// `mien data stats` on the terminal.

import type { DataStats } from './data-stats.js';
import {
  balanceSentences,
  headline,
  labelTables,
  otherSplits,
  overlapTable,
  partsTable,
  splitName,
  tasksTable,
  votesTable,
} from './data-stats-tables.js';
import { textTable } from './tables.js';

/** The whole report: tables, with a blank line between them. */
export function describeStats(stats: DataStats): string {
  const { balance } = stats;
  const sentences = balanceSentences(stats).join('\n');
  const tables = [
    partsTable(stats),
    tasksTable(stats),
    overlapTable(stats),
    ...(balance === undefined ? [] : labelTables('training', balance.before, balance.after)),
  ];
  const others = [
    ...otherSplits(stats).flatMap((counts) => labelTables(splitName(counts.split), counts)),
    ...votesTable(stats),
  ];
  return [headline(stats), ...tables.map(textTable), sentences, ...others.map(textTable)]
    .filter((part) => part !== '')
    .join('\n\n');
}
