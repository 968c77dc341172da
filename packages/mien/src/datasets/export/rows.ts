// A manifest's rows as text, for spreadsheets and other programs.

import { writeRows } from '../../files/index.js';
import type { FaceTable } from '../face-table.js';

/** RFC 4180: quoted where it must be. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The manifest's columns, in its order; a missing value is an empty cell. @throws DataError when it cannot be written */
export function exportCsv(faces: FaceTable, file: string): void {
  const columns = faces.columns();
  const head = `${columns.map(({ name }) => cell(name)).join()}\n`;
  writeRows(
    file,
    faces.length,
    head,
    (row) => `${columns.map(({ column }) => cell(column.get(row))).join()}\n`,
  );
}

/** An object per line with the manifest's columns; what is missing is left out. @throws DataError when it cannot be written */
export function exportJsonLines(faces: FaceTable, file: string): void {
  const columns = faces.columns();
  writeRows(
    file,
    faces.length,
    '',
    (row) =>
      `${JSON.stringify(Object.fromEntries(columns.map(({ name, column }) => [name, column.get(row)])))}\n`,
  );
}
