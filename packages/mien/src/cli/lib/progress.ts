// Progress of long work on stderr: a bar with an estimate on a terminal, a line a minute elsewhere.

import { Presets, SingleBar } from 'cli-progress';

const LINE_EVERY_MS = 60_000;

export interface ProgressReport {
  /** @param total undefined while it is not known */
  update(done: number, total?: number | undefined): void;
  /** Takes the bar away. Call it before printing, also when the work failed. */
  stop(): void;
}

/** @param what a verb phrase such as `reading labels`; @param unit what is counted, such as `files` */
export function showProgress(what: string, unit: string): ProgressReport {
  return process.stderr.isTTY ? bar(what, unit) : lines(what, unit);
}

function bar(what: string, unit: string): ProgressReport {
  const format = `${what} {bar} {value}/{total} ${unit}, {eta_formatted} left`;
  const view = new SingleBar(
    { format, hideCursor: true, clearOnComplete: true, etaBuffer: 50 },
    Presets.shades_classic,
  );
  let started = false;
  return {
    update(done, total = 0) {
      if (!started) view.start(total, done);
      started = true;
      view.setTotal(Math.max(total, done));
      view.update(done);
    },
    stop: () => view.stop(),
  };
}

function lines(what: string, unit: string): ProgressReport {
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
      console.error(`${what}: ${done}${total === undefined ? '' : ` of ${total}`} ${unit}${left}`);
    },
    stop: () => {},
  };
}
