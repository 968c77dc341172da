// Which clips the demo set has. A face rests, one or two events come and go with onset, apex and offset, it blinks, and
// the head moves slowly.

import { DRAWN_UNITS, type DrawnUnit, intensitiesOf } from '../../drawing/index.js';
import { Random } from '../../random/index.js';
import { type Behaviour, combinedFace, expressiveFace, moodyFace, onlyWhatIsSeen } from './behaviour.js';
import { EXPRESSION_RULES } from './labels.js';
import { drawScene, MOST_POSE, type Scene } from './scene.js';
import { KEY, personOf, SETS, type SetName, type Shot, splitOf } from './stills.js';

/** People in clips are numbered from here, apart from those in stills. */
const FIRST_IN_CLIPS = 1_000_000;

const SHORTEST = 24;
const LONGEST = 64;

/** A movement that comes and goes; times are in frames, of which 25 are a second. */
interface Event {
  peak: Behaviour;
  /** When each unit starts: not all at once. */
  start: Readonly<Record<DrawnUnit, number>>;
  onset: number;
  apex: number;
  offset: number;
}

/** 0 before, 1 after, smooth between. */
const ease = (t: number) => {
  const x = Math.min(1, Math.max(0, t));
  return x * x * (3 - 2 * x);
};

const envelope = (frame: number, start: number, { onset, apex, offset }: Event) =>
  ease((frame - start) / onset) * (1 - ease((frame - start - onset - apex) / offset));

/** @param turn number of the clip: the basic expressions take turns, so that few clips show them all */
function drawEvents(random: Random, set: SetName, frames: number, turn: number): Event[] {
  const names = Object.keys(EXPRESSION_RULES);
  const count = frames >= 44 ? 2 : 1;
  return Array.from({ length: count }, (_, i) => {
    const room = frames / count;
    const free = set === 'va' ? moodyFace(random) : combinedFace(random);
    const expression = expressiveFace(random, names[(turn + i * 4) % names.length] as string);
    const start = i * room + random.between(1, 0.2 * room);
    return {
      peak: set === 'expr' || set === 'full' || random.chance(0.4) ? expression : free,
      start: Object.fromEntries(DRAWN_UNITS.map((unit) => [unit, start + random.between(0, 2.5)])) as Record<
        DrawnUnit,
        number
      >,
      onset: random.between(0.2, 0.3) * room,
      apex: random.between(0.2, 0.35) * room,
      offset: random.between(0.2, 0.3) * room,
    };
  });
}

/** How far the lids are closed in the frames of a blink. */
const BLINK = [0.45, 1, 0.9, 0.4] as const;

function drawBlinks(random: Random, frames: number): Map<number, number> {
  const closed = new Map<number, number>();
  for (let at = random.between(2, 30); at < frames; at += random.between(25, 60))
    BLINK.forEach((value, i) => void closed.set(Math.floor(at) + i, value));
  return closed;
}

/** A slow wander: two sines, within ±1. */
function drawWander(random: Random): (frame: number) => number {
  const waves = [0.65, 0.35].map((size) => ({
    size,
    pace: (2 * Math.PI) / random.between(50, 140),
    phase: random.between(0, 2 * Math.PI),
  }));
  return (frame) =>
    waves.reduce((sum, { size, pace, phase }) => sum + size * Math.sin(pace * frame + phase), 0);
}

function drawMotion(random: Random, base: Scene): (frame: number) => Scene {
  const wander = () => drawWander(random);
  const [yaw, pitch, roll] = [wander(), wander(), wander()];
  const [x, y, gazeX, gazeY] = [wander(), wander(), wander(), wander()];
  const within = (value: number, most: number) => Math.min(most, Math.max(-most, value));
  const { pose, gaze } = base;
  return (frame) => ({
    ...base,
    pose: {
      ...pose,
      yaw: within(pose.yaw + 9 * yaw(frame), MOST_POSE.yaw),
      pitch: within(pose.pitch + 5 * pitch(frame), MOST_POSE.pitch),
      roll: within(pose.roll + 4 * roll(frame), MOST_POSE.roll),
      shift: [pose.shift[0] + 0.01 * x(frame), pose.shift[1] + 0.01 * y(frame)],
    },
    gaze: [within(gaze[0] + 0.4 * gazeX(frame), 1), within(gaze[1] + 0.3 * gazeY(frame), 1)],
  });
}

/** The clips of one set, frame by frame. @param first number of the set's first clip, from 0; @param count of clips */
export function* planClips(seed: number, set: SetName, first: number, count: number): Generator<Shot> {
  for (let i = 0; i < count; i++) {
    const number = first + i;
    const clip = String(number + 1).padStart(4, '0');
    const random = Random.keyed(seed, KEY.clip, SETS.indexOf(set), i);
    const frames = SHORTEST + Math.floor((LONGEST - SHORTEST + 1) * random.float() ** 2.2);
    const identity = personOf(seed, set, FIRST_IN_CLIPS + i);
    const events = drawEvents(random, set, frames, i);
    const blinks = drawBlinks(random, frames);
    const droop = random.chance(0.2) ? random.between(0.1, 0.45) : 0;
    const motion = drawMotion(random, drawScene(random));
    for (let frame = 0; frame < frames; frame++)
      yield {
        set,
        image: `clips/${clip}/${String(frame + 1).padStart(5, '0')}.jpg`,
        split: splitOf(set, i, count),
        subject: `${set}-clip-${clip}`,
        identity,
        behaviour: behaviourAt(frame, events, blinks.get(frame) ?? 0, droop),
        scene: motion(frame),
        clip,
        frame,
        seed: random.uint32(),
      };
  }
}

function behaviourAt(frame: number, events: readonly Event[], blink: number, droop: number): Behaviour {
  const units = intensitiesOf() as Record<DrawnUnit, number>;
  let flush = 0;
  for (const event of events) {
    for (const unit of DRAWN_UNITS)
      units[unit] = Math.max(units[unit], event.peak.units[unit] * envelope(frame, event.start[unit], event));
    flush = Math.max(flush, event.peak.flush * envelope(frame, event.start.AU1, event));
  }
  units.AU43 = Math.max(units.AU43, droop * (1 - Math.max(units.AU5, units.AU26)));
  units.AU45 = blink;
  return { units: onlyWhatIsSeen(units), flush };
}
