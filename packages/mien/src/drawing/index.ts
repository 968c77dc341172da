// A drawn face: the vector drawing behind the data set that ships. Pure: runs in Node and in the browser.

export { DRAWN_UNITS, type DrawnUnit, type FaceActions, type Intensities, intensitiesOf } from './actions.js';
export type { FaceBackground } from './background.js';
export { drawFace, type FaceDrawing, type FaceLight } from './face.js';
export type { FacePose } from './head.js';
export { drawIdentity, type FaceIdentity, HAIR_STYLES } from './identity.js';
