// Which vertices of MediaPipe's face mesh are the 68 points of iBUG 300-W. A brow point is the middle between the mesh's
// upper and lower edge of the brow. The mesh goes around the head where iBUG follows the visible outline, so that the points
// of the cheek that is turned away differ; eyes, nose, mouth and brows agree.

/** In iBUG's order; left is the picture's left, the face's right side. */
export const MESH_POINTS: readonly (readonly number[])[] = [
  // Jaw, from the left temple over the chin to the right one.
  ...[127, 234, 132, 58, 172, 150, 149, 148, 152, 377, 378, 379, 397, 288, 361, 454, 356].map((i) => [i]),
  // Left brow, outer end first; right brow, inner end first.
  ...[
    [70, 46],
    [63, 53],
    [105, 52],
    [66, 65],
    [107, 55],
    [336, 285],
    [296, 295],
    [334, 282],
    [293, 283],
    [300, 276],
  ],
  // Bridge of the nose to its tip; nostrils.
  ...[[168], [6, 197], [195, 5], [4], [98], [97], [2], [326], [327]],
  // Left eye from its outer corner, right eye from its inner one, clockwise as seen.
  ...[33, 160, 158, 133, 153, 144].map((i) => [i]),
  ...[362, 385, 387, 263, 373, 380].map((i) => [i]),
  // Lips, outer edge from the left corner, then inner edge.
  ...[61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181].map((i) => [i]),
  ...[78, 82, 13, 312, 308, 317, 14, 87].map((i) => [i]),
];

/** Outer corners of the eyes: their line is the face's level. */
export const EYE_CORNERS = [33, 263] as const;
