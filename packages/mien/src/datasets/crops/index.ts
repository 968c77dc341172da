// Crops of faces: made from landmarks or boxes, finished files kept, work shared out.

export type { FaceFinders } from './detect.js';
export { CROP_FORMATS, type CropFolder, type CropFormat, openCropFolder } from './folder.js';
export { type CropsOptions, type CropsResult, type CropsRun, makeCrops } from './run.js';
export { isPicture, isVideo } from './sources.js';
