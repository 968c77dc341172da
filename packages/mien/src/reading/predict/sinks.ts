// What readings flow into: tables, text files, annotated videos, pages. Each appears whole under its name or not at all.

import { OutputFile } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import type { FrameReading } from '../frames.js';
import type { ReaderModel } from '../reader/index.js';
import { openFrameTexts, openReadingTable, type ReadingTableOptions } from '../tables/index.js';

export interface Sink {
  /** Needs frames with their pictures. */
  pictures: boolean;
  write(frame: FrameReading): void | Promise<void>;
  /** Gives the files their names. @returns the files */
  close(): Promise<readonly string[]>;
  /** Leaves no trace. */
  abort(): Promise<void>;
}

export function tableSink(file: string, options: ReadingTableOptions): Sink {
  const table = openReadingTable(file, options);
  return {
    pictures: false,
    write: (frame) => table.write(frame),
    async close() {
      table.close();
      return [file];
    },
    abort: async () => table.abort(),
  };
}

export function textsSink(folder: string, name: string, options: Parameters<typeof openFrameTexts>[2]): Sink {
  const texts = openFrameTexts(folder, name, options);
  return {
    pictures: false,
    write: (frame) => texts.write(frame),
    async close() {
      texts.close();
      return texts.files;
    },
    abort: async () => texts.abort(),
  };
}

export interface ReportSinkOptions {
  /** Of the page. */
  title: string;
  source: string;
  models: readonly ReaderModel[];
  schema: LabelSchema;
  tasks: readonly Task[];
  command?: string | undefined;
  /** What was told so far; asked when the page is made. */
  problems: () => readonly string[];
}

export async function reportSink(file: string, options: ReportSinkOptions): Promise<Sink> {
  const { createReadingSummary, readingPage } = await import('../../reports/index.js');
  const { title, source, models, schema, tasks, command, problems } = options;
  const summary = createReadingSummary({ schema, tasks });
  const output = new OutputFile(file); // what cannot be written is known before anything is read
  return {
    pictures: true,
    write: (frame) => summary.add(frame),
    async close() {
      const commands = command === undefined ? [] : [command];
      const page = await readingPage(summary, { title, source, models, commands, problems: problems() });
      output.write(new TextEncoder().encode(page));
      output.commit();
      return [file];
    },
    abort: async () => output.discard(),
  };
}

/** Closes all, or where one fails none of those after it. @returns their files */
export async function closeAll(sinks: readonly Sink[]): Promise<string[]> {
  const files: string[] = [];
  for (const [i, sink] of sinks.entries())
    try {
      files.push(...(await sink.close()));
    } catch (error) {
      await abortAll(sinks.slice(i));
      throw error;
    }
  return files;
}

export async function abortAll(sinks: readonly Sink[]): Promise<void> {
  for (const sink of sinks) await sink.abort();
}
