// Colours of annotated pictures: Okabe and Ito's (2008), on a dark ground. None of them says anything that a shape, a place or a
// word does not say too.

/** Red, green, blue, 0 … 255. */
export type Colour = readonly [number, number, number];

export const GROUND: Colour = [18, 22, 28];
/** What a bar may fill, and lines that help to read. */
export const TRACK: Colour = [50, 58, 69];
export const GUIDE: Colour = [84, 95, 110];
export const TEXT: Colour = [240, 243, 247];
export const FAINT_TEXT: Colour = [163, 174, 188];
/** A bar of what is not present, or not the most probable. */
export const PLAIN: Colour = [128, 141, 158];

export const ORANGE: Colour = [230, 159, 0];
export const SKY_BLUE: Colour = [86, 180, 233];
export const YELLOW: Colour = [240, 228, 66];
