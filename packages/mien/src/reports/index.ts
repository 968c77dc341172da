// Reports for people: tables for the terminal and pages for the browser.

export { describeCheck } from './data-check-text.js';
export { type BalanceStats, type DataStats, dataStats, type StatsOptions } from './data-stats.js';
export { statsPage } from './data-stats-html.js';
export { describeStats } from './data-stats-text.js';
export { type EvaluationPageOptions, evaluationPage } from './evaluation-html.js';
export { describeEvaluation, type EvaluationTextOptions } from './evaluation-text.js';
export {
  createReadingSummary,
  type ReadingPageOptions,
  type ReadingSummary,
  type ReadingSummaryOptions,
  type ReportedModel,
  readingPage,
} from './reading/index.js';
export { describeFaces, describeReading } from './reading-text.js';
export { drawRunPlots } from './run-plots.js';
export { runReport } from './run-report.js';
export { describeTuning } from './tuning-text.js';
