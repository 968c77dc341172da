// Readings in files: tables with named columns, and the challenges' text files.

export { type ReadingColumn, type ReadingColumnOptions, readingColumns } from './columns.js';
export { type FrameTexts, frameTextFiles, openFrameTexts } from './frame-texts.js';
export {
  openReadingTable,
  READING_FORMATS,
  type ReadingFormat,
  type ReadingTable,
  type ReadingTableOptions,
  readingFormatOf,
} from './open.js';
export { type Provenance, provenanceOf, sameProvenance } from './provenance.js';
