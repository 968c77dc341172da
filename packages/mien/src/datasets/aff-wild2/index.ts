// Aff-Wild2: the labels of the FG-2020 challenge and of later ones, the multi-task file, and the lists of test videos.

export { type Crops, cropNumber, listCrops, standardName } from './crops.js';
export { containerFrameCount, frameCountOf } from './frame-count.js';
export { fillGaps, fillGapsAsReference } from './gap-filling.js';
export { FIRST_LABEL_LINE, labelHeader, NO_AFFECT, NO_LABEL, readFrameLines } from './labels.js';
export { SET_FOLDERS, SET_ORDER, SPLIT_FOLDERS, videoOf } from './layout.js';
export { type MatchedFrame, matchFrames } from './match.js';
export { type AffWild2MtlOptions, parseCropPath, readAffWild2Mtl } from './mtl.js';
export { type AffWild2Options, DATASET as AFF_WILD2, readAffWild2 } from './read.js';
export {
  readTestList,
  TEST_COMMAND as AFF_WILD2_TEST_COMMAND,
  type TestList,
  type TestLists,
  testListsOf,
} from './test-lists.js';
export { type AffWild2TestOptions, type LengthRule, rawVideoName, readAffWild2Test } from './test-set.js';
