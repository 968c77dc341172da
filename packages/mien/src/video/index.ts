// Videos and cameras, in as frames with their times and out with sound; ffmpeg does the decoding and encoding.

export { type Camera, cameraArguments } from './camera.js';
export { VideoError } from './errors.js';
export type { VideoFrame } from './frames.js';
export { parseRatio, probeVideo, steadyRate, type VideoInfo } from './probe.js';
export { type ReadVideoOptions, readVideo, type VideoSource } from './read.js';
export { createVideoWriter, type VideoWriter, type VideoWriterOptions } from './write.js';
