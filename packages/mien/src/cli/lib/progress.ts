// Progress of long work on stderr: a bar with an estimate on a terminal, a line a minute elsewhere.

import { Presets, SingleBar } from 'cli-progress';

const LINE_EVERY_MS = 60_000;

export interface ProgressReport {
  /** @param total undefined while it is not known */
  update(done: number, total?: number | undefined): void;
  /** Takes the bar away until the next update, so that something can be printed. */
  pause(): void;
  /** Takes the bar away. Call it before printing, also when the work failed. */
  stop(): void;
}

export interface ProgressOptions {
  /** Also how many a second. Default: false. */
  rate?: boolean;
}

/** @param what a verb phrase such as `reading labels`; @param unit what is counted, such as `files` */
export function showProgress(what: string, unit: string, options: ProgressOptions = {}): ProgressReport {
  return process.stderr.isTTY ? bar(what, unit, options) : lines(what, unit, options);
}

function bar(what: string, unit: string, { rate = false }: ProgressOptions): ProgressReport {
  const speed = rate ? `{rate} ${unit}/s, ` : '';
  const format = `${what} {bar} {value}/{total} ${unit}, ${speed}{eta_formatted} left`;
  const begun = Date.now();
  const view = new SingleBar(
    { format, hideCursor: true, clearOnComplete: true, etaBuffer: 50 },
    Presets.shades_classic,
  );
  let started = false;
  const stop = () => {
    if (started) view.stop();
    started = false;
  };
  return {
    update(done, total = 0) {
      const payload = { rate: rateOf(done, begun) };
      if (!started) view.start(total, done, payload);
      started = true;
      view.setTotal(Math.max(total, done));
      view.update(done, payload);
    },
    pause: stop,
    stop,
  };
}

function rateOf(done: number, begun: number): string {
  const seconds = (Date.now() - begun) / 1000;
  const rate = seconds > 0 ? done / seconds : 0;
  return rate.toFixed(rate < 10 ? 1 : 0);
}

function lines(what: string, unit: string, { rate = false }: ProgressOptions): ProgressReport {
  const start = Date.now();
  let last = start;
  return {
    update(done, total) {
      const now = Date.now();
      if (now - last < LINE_EVERY_MS) return;
      last = now;
      const seconds =
        total === undefined || done === 0 ? undefined : ((now - start) / 1000) * (total / done - 1);
      const left = seconds === undefined ? '' : `, about ${Math.ceil(seconds / 60)} min left`;
      const speed = rate ? `, ${rateOf(done, start)} ${unit}/s` : '';
      console.error(`${what}: ${done}${total === undefined ? '' : ` of ${total}`} ${unit}${speed}${left}`);
    },
    pause: () => {},
    stop: () => {},
  };
}
