// The page of a reading: what was read of videos and pictures, to look at and to show to others.

export type { ReportedModel } from './model-cards.js';
export { type ReadingPageOptions, readingPage } from './page.js';
export { createReadingSummary, type ReadingSummary, type ReadingSummaryOptions } from './summary.js';
