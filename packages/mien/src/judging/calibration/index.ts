// Calibration: probabilities that come true as often as they say.

export { applyCalibration, type Calibration, fitCalibration } from './calibrate.js';
export { fitPlatt, type Platt } from './platt.js';
export { fitTemperature } from './temperature.js';
