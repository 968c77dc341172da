// Smoothing over time, and values for frames that have none.

export { type FilledFrames, type FillFramesOptions, fillFrames } from './fill-frames.js';
export { clipsInOrder, type Frames, smooth, smoothTasks } from './smooth.js';
