// What a reader must know before anything is concluded from a reading.

import type { Task } from '../../labels/index.js';
import { escapeHtml } from '../page.js';

export function notes(
  tasks: readonly Task[],
  { videos, models }: { videos: boolean; models: number },
): string[] {
  const points = [
    'A model read what a face shows, not what the person feels, thinks or intends. People smile without joy and are sad with a still face; what an expression means depends on the person, the culture and the situation.',
    ...(tasks.includes('EXPR')
      ? [
          'Expression: the class that the model finds most probable, and the probabilities of all classes. They sum to 1, so a face that fits none of the classes still gets one.',
        ]
      : []),
    ...(tasks.includes('AU')
      ? [
          'Action units: movements of the face as FACS describes them, with the probability that the unit is active. It is no intensity: 0.9 is a surer movement, not a stronger one. A unit counts as present above the model’s threshold.',
        ]
      : []),
    ...(tasks.includes('AU') && videos
      ? [
          'Events a minute: how often a unit sets in while the face is seen. Each unbroken run of frames in which it is present counts; where the reading was not smoothed over time, flicker counts too.',
        ]
      : []),
    ...(tasks.includes('VA')
      ? [
          'Valence: how pleasant the face looks, −1 to 1. Arousal: how calm (−1) or excited (1). Both as people would judge them from the picture. Spread: the standard deviation over time.',
        ]
      : []),
    ...(videos
      ? [
          'A frame counts for the time until the next one that was read. Shares and means are of the time in which the face was seen: frames without the face count for nothing, and are grey in the timelines. A face that leaves and comes back later may get a new number.',
          'In a wide view a column of pixels stands for several frames: lines are means, the band about them reaches from the lowest to the highest value. Values on this page are rounded to steps of 1/254 (valence and arousal: 1/127); the tables are exact.',
        ]
      : []),
    ...(models > 1 ? ['Several models read together: what is shown is what they say on average.'] : []),
    'Faces that are turned away, covered, badly lit or small are read less well, and so are people unlike those that the models were trained on. Do not decide about a person by these numbers alone.',
  ];
  return [`<ul>${points.map((words) => `<li>${escapeHtml(words)}</li>`).join('\n')}</ul>`];
}
