// The last seconds of valence and arousal, for lines that show where they came from.

export interface Affect {
  valence: number;
  arousal: number;
}

/** What was read at a moment; undefined where there was no face. */
export interface Moment {
  /** Seconds. */
  time: number;
  affect: Affect | undefined;
}

interface SeenMoment extends Moment {
  affect: Affect;
}

export interface History {
  /** @param of whose it is: of another one, or where time went back, the history begins anew */
  add(of: string, moment: Moment): void;
  /** From the oldest on. */
  readonly moments: readonly Moment[];
}

/** @param seconds that are kept */
export function createHistory(seconds: number): History {
  const moments: Moment[] = [];
  let owner: string | undefined;
  return {
    moments,
    add(of, moment) {
      const last = moments.at(-1);
      if (of !== owner || (last && moment.time < last.time)) moments.length = 0;
      owner = of;
      moments.push(moment);
      const kept = moments.findIndex(({ time }) => time >= moment.time - seconds);
      // A moment before the first that counts stays, for the line between them.
      if (kept > 1) moments.splice(0, kept - 1);
    },
  };
}

/** Pairs of moments that a line goes between: none where there was no face. */
export function* steps(moments: readonly Moment[]): Generator<readonly [SeenMoment, SeenMoment]> {
  for (let i = 1; i < moments.length; i++) {
    const [from, to] = [moments[i - 1] as Moment, moments[i] as Moment];
    if (isSeen(from) && isSeen(to)) yield [from, to];
  }
}

const isSeen = (moment: Moment): moment is SeenMoment => moment.affect !== undefined;
