// What readings flow into: tables, text files, annotated videos, pages. Each appears whole under its name or not at all.

import { OutputFile } from '../../files/index.js';
import type { LabelSchema, Task } from '../../labels/index.js';
import { createVideoWriter, probeVideo, steadyRate, type VideoWriter } from '../../video/index.js';
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

export interface VideoSinkOptions {
  schema: LabelSchema;
  tasks: readonly Task[];
  models: readonly ReaderModel[];
  /** The video whose rate and sound are taken; undefined: a camera. */
  source?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
  every?: number | undefined;
}

/** Frames a second of a camera's annotated video. */
const CAMERA_RATE = 30;

/** Begins with the first frame, whose size the video has. */
export async function videoSink(file: string, options: VideoSinkOptions): Promise<Sink> {
  const { createAnnotator } = await import('../../annotation/index.js');
  const { schema, tasks, models, source, from, to, every = 1 } = options;
  const [model] = models;
  const thresholds = models.length === 1 ? model?.info.thresholds : undefined;
  let open: { writer: VideoWriter; annotator: ReturnType<typeof createAnnotator> } | undefined;

  async function begin({ width, height }: FrameReading) {
    const annotator = createAnnotator({ schema, tasks, width, height, thresholds });
    const rate = source === undefined ? CAMERA_RATE : steadyRate(await probeVideo(source)) / every;
    const sound = source === undefined ? undefined : { file: source, from, to };
    const writer = createVideoWriter(file, { width: annotator.width, height: annotator.height, rate, sound });
    return { writer, annotator };
  }
  return {
    pictures: true,
    async write(frame) {
      open ??= await begin(frame);
      await open.writer.write(open.annotator.draw(frame), frame.time ?? 0);
    },
    async close() {
      await open?.writer.close();
      return open === undefined ? [] : [file];
    },
    abort: async () => open?.writer.abort(),
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
