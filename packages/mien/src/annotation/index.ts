// Readings drawn onto the frames that they are of, for annotated videos and pictures.

export { type Annotator, type AnnotatorOptions, createAnnotator } from './annotator.js';
