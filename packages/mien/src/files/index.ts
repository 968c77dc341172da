// Files as users have them: read strictly, with errors that name the place, and written whole or not at all.

export { AppendedFile, type Resume } from './appended.js';
export {
  CategoryColumn,
  type Column,
  type ColumnType,
  type NamedColumn,
  NumberColumn,
  TextColumn,
} from './columns.js';
export {
  DataError,
  type DataErrorPlace,
  type DataErrorWords,
  isDataError,
  NO_SUCH_FILE,
  show,
  systemProblem,
} from './errors.js';
export { formatFixed4 } from './fixed.js';
export { type FolderEntries, listFolder, statIfThere, walkFiles } from './folders.js';
export { parseNumber, readTextLines, type TextLines } from './lines.js';
export { fileLookup } from './lookup.js';
export { makeFolder } from './make-folder.js';
export {
  type NpyArray,
  NUMPY_TEXT_BYTES,
  type NumpyTextLetter,
  parseNpy,
  readNpy,
  readNumpyText,
} from './npy.js';
export { OutputFile, writeRows, writeWhole } from './output.js';
export { writeFolder } from './output-folder.js';
export {
  createParquet,
  openParquet,
  type ParquetChunk,
  type ParquetColumn,
  type ParquetFile,
  type ParquetOutput,
  ROW_GROUP,
  writeParquet,
} from './parquet.js';
export {
  readTable,
  TABLE_FORMATS,
  type Table,
  type TableFormat,
  type TableOptions,
  type TableRow,
} from './tables.js';
export { readTextBlocks, type TextBlock } from './text-blocks.js';
export { nearestWord, parseSettings, readYaml, readYamlFile, type YamlFile } from './yaml.js';
