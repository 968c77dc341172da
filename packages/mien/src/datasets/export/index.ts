// Out of manifests, into the forms that others read.

export { exportAbawTxt } from './abaw-txt.js';
export { exportCsv, exportJsonLines } from './rows.js';
