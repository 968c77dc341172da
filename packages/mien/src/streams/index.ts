// Work on streams of things: several at a time, and ahead of whoever reads.

export { type AheadOptions, ahead } from './ahead.js';
export { inFlight, JOBS } from './in-flight.js';
