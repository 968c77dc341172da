// How tasks look in reports. A task has one colour in all figures. Okabe and Ito's palette: told apart by people with any kind
// of colour vision.

export const TASK_COLOURS = {
  total: '#222222',
  EXPR: '#0072b2',
  AU: '#d55e00',
  valence: '#009e73',
  arousal: '#cc79a7',
} as const;

export const TASK_NAMES = {
  EXPR: 'Expressions',
  AU: 'Action units',
  VA: 'Valence and arousal',
} as const;
