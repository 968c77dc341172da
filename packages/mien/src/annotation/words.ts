// How numbers and times are written.

/** 0.83 */
export const share = (probability: number): string => probability.toFixed(2);

/** +0.42, −0.13, 0.00 */
export function signed(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  return Number(digits) === 0 ? digits : `${value < 0 ? '−' : '+'}${digits}`;
}

/** Seconds as 0:03.48 or 1:02:03.48. */
export function clock(seconds: number): string {
  const hundredths = Math.round(Math.abs(seconds) * 100);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor(hundredths / 6000) % 60];
  const rest = `${two((hundredths / 100) % 60)}.${two(hundredths % 100)}`;
  const whole = hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  return seconds < 0 ? `−${whole}` : whole;
}
