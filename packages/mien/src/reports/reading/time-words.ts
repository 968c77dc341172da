// Times in words, and where an axis marks them. Pure: also in the page's own script.

const TICK_STEPS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400,
];

const padded = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return value < 9.5 || (digits > 0 && value < 10) ? `0${text}` : text;
};

/** `7.52 s`, `3:07.5`, `1:02:07`. @param digits after the second's point */
export function clock(time: number, digits: number): string {
  const scale = 10 ** digits;
  const whole = Math.round(time * scale) / scale;
  if (whole < 60) return `${whole.toFixed(digits)} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const seconds = padded(Math.max(0, whole - hours * 3600 - minutes * 60), digits);
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}

/** Times that an axis marks, at most `most`, and the digits that tell them apart. */
export function timeTicks(from: number, to: number, most: number): { times: number[]; digits: number } {
  const step = TICK_STEPS.find((one) => (to - from) / one <= most) ?? (to - from) / Math.max(1, most);
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  const start = Math.ceil(from / step - 1e-9);
  const times = Array.from({ length: count }, (_, k) => (start + k) * step).filter((one) => one <= to + 1e-9);
  return { times, digits: step < 1 ? 1 : 0 };
}
