// The library's door.

export { version } from './version.js';
