// How steadily faces are found: shifted, scaled, turned and small, from frame to frame, and in how much time.
//
// Options: [FOLDER of photographs; default: 20 frames of the sample video] --detector rfb-320|retinaface
// Each face is looked for again in a copy of its picture that was moved, so that what should come back is known. Distances of landmarks are
// in per cent of the distance of the outer corners of the eyes. A crop's difference is the mean over its pixels, of 255.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyAffine, createFaceTracker, cropFace, invertAffine, smoothFrames, warp } from 'mien/faces';
import { walkFiles } from 'mien/files';
import { decodeRgb } from 'mien/images';
import { openFaceFinder, openFaceModels } from 'mien/reading';
import { readVideo } from 'mien/video';
import { fastest, machine, median, print, round } from './lib/measure.mjs';
import { SAMPLE } from './lib/videos.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { detector: { type: 'string', default: 'rfb-320' } },
});
const { detector } = values;
const atShare = (numbers, share) =>
  [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) * share)];
const summary = (numbers) => ({ median: round(median(numbers)), of90Percent: round(atShare(numbers, 0.9)) });
const pointOf = ({ landmarks }, i) => ({ x: landmarks[2 * i], y: landmarks[2 * i + 1] });
const away = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
const eyeDistance = (face) => away(pointOf(face, 36), pointOf(face, 45));
const middleOf = ({ box }) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
/** Points within the outline: the jaw's slide along the cheek. */
const INNER = Array.from({ length: 51 }, (_, i) => i + 17);
/** Corners of eyes and mouth, and the foot of the nose. */
const STEADY = [36, 39, 42, 45, 48, 54, 33];

async function* photographs() {
  const [folder] = positionals;
  if (folder === undefined) {
    for await (const { picture } of readVideo(SAMPLE, { every: 39 })) yield picture;
    return;
  }
  for await (const file of walkFiles(folder))
    if (/\.(jpe?g|png|webp)$/i.test(file)) yield await decodeRgb(join(folder, file));
}

/** A picture three times as wide as the face, in which that lies otherwise; and the map from it to the original. */
function movedCopy(picture, face, { degrees = 0, scale = 1, shift = 0 }) {
  const { x, y } = middleOf(face);
  const side = Math.ceil(3 * Math.max(face.box.width, face.box.height));
  const angle = (degrees / 180) * Math.PI;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [u, v] = [side / 2 + shift * face.box.width, side / 2];
  const map = [cos, -sin, x - cos * u + sin * v, sin, cos, y - sin * u - cos * v];
  return [warp(picture, map, { width: side, height: side }, 'bilinear'), map];
}

/** The face of a copy that lies where the original's lies. */
function sameFace(faces, map, original) {
  const within = original.box.width / 2;
  return faces.find((face) => away(applyAffine(map, middleOf(face)), middleOf(original)) < within);
}

const MOVES = {
  'shifted by 13 % of its width': { shift: 0.13 },
  'scaled by 0.85': { scale: 0.85 },
  'turned by 10°': { degrees: 10 },
  'turned by −20°': { degrees: -20 },
  'turned by 30°': { degrees: 30 },
  'turned by −40°': { degrees: -40 },
  'turned by 60°': { degrees: 60 },
};
const RECIPE = { align: 'similarity', size: 112, margin: 0 };

/** Mean difference of two pictures of one size, of 255. */
function meanDifference({ data: one }, { data: other }) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.abs(one[i] - other[i]);
  return sum / one.length;
}

async function moved(find, faces) {
  for (const [move, change] of Object.entries(MOVES)) {
    const [distances, crops] = [[], []];
    for (const { picture, face } of faces) {
      const [copy, map] = movedCopy(picture, face, change);
      const again = sameFace(await find(copy), map, face);
      if (again === undefined) continue;
      const errors = INNER.map((i) => away(applyAffine(map, pointOf(again, i)), pointOf(face, i)));
      distances.push((100 * median(errors)) / eyeDistance(face));
      crops.push(meanDifference(cropFace(picture, face, RECIPE), cropFace(copy, again, RECIPE)));
    }
    const found = { faces: faces.length, foundAgain: distances.length };
    print({
      bench: 'faces',
      move,
      ...found,
      percentOfEyes: summary(distances),
      cropDifference: summary(crops),
    });
  }
}

/** Which share of the faces is found when they are so wide in what the detector looks at, 320 pixels wide. */
async function small(find, faces) {
  for (const width of [10, 12, 14, 16, 20, 25, 30, 40]) {
    let found = 0;
    for (const { picture, face } of faces) {
      const scale = face.box.width / width;
      const { x, y } = middleOf(face);
      const map = [scale, 0, x - 160 * scale, 0, scale, y - 120 * scale];
      const copy = warp(picture, map, { width: 320, height: 240 }, 'bilinear');
      if (sameFace(await find(copy), map, face)) found++;
    }
    print({ bench: 'faces', widthOf320: width, faces: faces.length, found });
  }
}

/** How far points that hold still are from the middle between where they were and where they will be, on average. */
function jitterOf(frames) {
  const sizes = [];
  for (let t = 1; t + 1 < frames.length; t++)
    for (const i of STEADY) {
      const [before, now, after] = [t - 1, t, t + 1].map((at) => pointOf(frames[at], i));
      const middle = { x: (before.x + after.x) / 2, y: (before.y + after.y) / 2 };
      sizes.push((100 * away(now, middle)) / eyeDistance(frames[t]));
    }
  return round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
}

async function timed(run) {
  const used = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(used);
  return [result, (user + system) / 1000];
}

const firstOfEach = (frames) => frames.map(([face]) => face);

/** How long it takes to cut a crop of 112 × 112 out of faces of several sizes, the fastest of many. */
async function cutting({ picture, face }) {
  for (const shrunk of [1, 2, 6]) {
    const scale = face.box.width / (RECIPE.size * shrunk);
    const side = Math.ceil(2 * RECIPE.size * shrunk);
    const { x, y } = middleOf(face);
    const map = [scale, 0, x - (side / 2) * scale, 0, scale, y - (side / 2) * scale];
    const large = warp(picture, map, { width: side, height: side }, 'bilinear');
    const back = invertAffine(map);
    const landmarks = Array.from({ length: 68 }, (_, i) => applyAffine(back, pointOf(face, i)));
    const its = { landmarks: landmarks.flatMap((point) => [point.x, point.y]) };
    const seconds = await fastest(200, async () => void cropFace(large, its, RECIPE));
    print({
      bench: 'faces',
      cropOfFaceWide: RECIPE.size * shrunk,
      milliseconds: round(1000 * seconds),
      ...machine(),
    });
  }
}

/** The sample video, in which one face talks, from frame to frame. */
async function sampleVideo(models, find) {
  const track = createFaceTracker(models.detect, models.landmarks);
  const [tracked, apart] = [[], []];
  const milliseconds = { tracked: 0, alone: 0 };
  for await (const { index, picture, release } of readVideo(SAMPLE)) {
    const [faces, time] = await timed(() => track(picture));
    milliseconds.tracked += time;
    tracked.push(faces);
    const [[alone], itsTime] = await timed(() => find(picture));
    milliseconds.alone += itsTime;
    if (index % 5 === 2)
      // not where the detector looked
      apart.push(
        median(INNER.map((i) => away(pointOf(faces[0], i), pointOf(alone, i)))) / eyeDistance(alone),
      );
    release();
  }
  const frames = tracked.length;
  print({
    bench: 'faces',
    video: 'talking-face.mp4',
    frames,
    framesWithOneFace: tracked.filter(({ length }) => length === 1).length,
    numbers: new Set(tracked.flatMap((faces) => faces.map(({ id }) => id))).size,
    jitterPercentOfEyes: {
      tracked: jitterOf(firstOfEach(tracked)),
      smoothed: jitterOf(firstOfEach(smoothFrames(tracked))),
      smoothedWithoutLookingAhead: jitterOf(firstOfEach(smoothFrames(tracked, { ahead: 0 }))),
    },
    trackedFromAlonePercentOfEyes: summary(apart.map((one) => 100 * one)),
    cpuMillisecondsPerFrame: {
      tracked: round(milliseconds.tracked / frames),
      alone: round(milliseconds.alone / frames),
    },
    ...machine(),
  });
}

const models = await openFaceModels({ detector });
const find = await openFaceFinder({ detector });
const faces = [];
let pictures = 0;
for await (const picture of photographs()) {
  pictures++;
  for (const face of await find(picture)) faces.push({ picture, face });
}
print({ bench: 'faces', detector, pictures, faces: faces.length });
await moved(find, faces);
await small(find, faces);
await cutting(faces[0]);
await sampleVideo(models, find);
await models.close();
