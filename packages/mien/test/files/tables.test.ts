import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { NumberColumn, readTable, type TableOptions, TextColumn, writeParquet } from 'mien/files';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';

async function read(name: string, text: string | Uint8Array, options: TableOptions = {}) {
  const file = join(folderWith({}), name);
  writeFileSync(file, text);
  return rowsOf(file, options);
}

async function rowsOf(file: string, options: TableOptions = {}) {
  const table = await readTable(file, options);
  const numbers: number[] = [];
  const cells: (readonly (string | undefined)[])[] = [];
  for await (const rows of table)
    for (const row of rows) {
      numbers.push(row.number);
      cells.push(row.cells);
    }
  return { columns: table.columns, numbers, cells };
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('readTable of CSV', () => {
  it('gives back what was written, whatever stands in the cells', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'ä', '😀', ';') });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), async (rows) => {
        const text = ['x,y', ...rows.map((cells) => cells.map(quoted).join(','))].join('\n');
        expect((await read('t.csv', text)).cells).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  it('passes over a byte order mark, CRLF, blank lines and a missing last line end', async () => {
    expect(await read('t.csv', '\ufeffa,b\r\n1,2\r\n\r\n3,4')).toEqual({
      columns: ['a', 'b'],
      numbers: [2, 4],
      cells: [
        ['1', '2'],
        ['3', '4'],
      ],
    });
  });

  it('numbers rows by the line they begin on, also after cells of several lines', async () => {
    const { numbers, cells } = await read('t.csv', 'a,b\r\n1,"x\r\ny"\r\n\r\n3,4\r\n');
    expect(numbers).toEqual([2, 5]);
    expect(cells[0]).toEqual(['1', 'x\r\ny']);
  });

  it('reads files longer than its blocks, with characters across their borders', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i},Ærøskøbing ${i}`);
    const { cells, numbers } = await read('t.csv', `n,town\n${rows.join('\n')}\n`);
    expect(cells.map((row) => row.join(','))).toEqual(rows);
    expect(numbers.at(-1)).toBe(20_001);
  });

  it('can be iterated twice', async () => {
    const file = join(folderWith({ 't.csv': 'a\n1\n2\n' }), 't.csv');
    const table = await readTable(file);
    for (let time = 0; time < 2; time++) {
      let count = 0;
      for await (const rows of table) count += rows.length;
      expect(count).toBe(2);
    }
  });

  it('takes tabs, another delimiter, and names for a file without a header', async () => {
    expect((await read('t.tsv', 'a\tb\n1,5\t2\n')).cells).toEqual([['1,5', '2']]);
    expect((await read('t.csv', 'a;b\n1,5;2\n', { delimiter: ';' })).cells).toEqual([['1,5', '2']]);
    const named = await read('t.csv', '1,2\n3,4\n', { columns: ['a', 'b'] });
    expect(named).toMatchObject({ columns: ['a', 'b'], numbers: [1, 2] });
    const repeated = await read('t.csv', 'a,b\n3,4\n', { columns: ['a', 'b'] });
    expect(repeated).toMatchObject({ numbers: [2], cells: [['3', '4']] });
  });
});

describe('readTable of JSON Lines', () => {
  it('has the columns of all lines, and a missing value where a line lacks one', async () => {
    const text = '{"a": 1, "b": null}\n\n{"c": [1, 2], "a": true, "d": "x"}\n';
    expect(await read('t.jsonl', text)).toEqual({
      columns: ['a', 'b', 'c', 'd'],
      numbers: [1, 3],
      cells: [
        ['1', undefined, undefined, undefined],
        ['true', undefined, '[1,2]', 'x'],
      ],
    });
  });

  it('keeps numbers to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        async (numbers) => {
          const lines = numbers.map((x) => JSON.stringify({ x })).join('\n');
          const { cells } = await read('t.ndjson', lines);
          expect(cells.map(([cell]) => Number(cell))).toEqual(numbers.map((x) => x + 0));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('readTable of Parquet', () => {
  it('gives cells as text and missing values as undefined, over several row groups', async () => {
    const file = join(folderWith({}), 't.parquet');
    const name = new TextColumn();
    const value = new NumberColumn('float64');
    const rows = 12_000;
    for (let i = 0; i < rows; i++) {
      name.push(i % 3 === 0 ? undefined : `${i}.jpg`);
      value.push(i % 2 === 0 ? undefined : i / 8);
    }
    const columns = [
      { name: 'name', type: 'STRING' as const, column: name },
      { name: 'value', type: 'DOUBLE' as const, column: value },
    ];
    writeParquet(file, columns, rows, {});
    const { columns: names, numbers, cells } = await rowsOf(file);
    expect(names).toEqual(['name', 'value']);
    expect(cells.slice(0, 3)).toEqual([
      [undefined, undefined],
      ['1.jpg', '0.125'],
      ['2.jpg', undefined],
    ]);
    expect(cells[11_999]).toEqual(['11999.jpg', `${11_999 / 8}`]);
    expect(numbers.at(-1)).toBe(12_000);
  });
});
