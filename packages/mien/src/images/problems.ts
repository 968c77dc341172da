// Why a file does not decode, told from its bytes. The decoder's own words are no help: libvips keeps its messages in one
// place for all threads, so that of two pictures that fail at once one may get the other's, or none.

const text = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(Math.max(0, start), end));

const startsWith = (bytes: Uint8Array, ...first: number[]): boolean =>
  first.every((byte, i) => bytes[i] === byte);

const isPng = (bytes: Uint8Array) => text(bytes, 1, 4) === 'PNG';

/** Formats that are read, by their first bytes. */
function isPicture(bytes: Uint8Array): boolean {
  return (
    startsWith(bytes, 0xff, 0xd8) ||
    isPng(bytes) ||
    text(bytes, 0, 4) === 'GIF8' ||
    (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP') ||
    ['II*\0', 'MM\0*'].includes(text(bytes, 0, 4)) ||
    /^ftyp(avif|avis|heic|heix|mif1|msf1)/.test(text(bytes, 4, 12)) || // videos begin alike
    /^\s*<(\?xml|svg)/.test(text(bytes, 0, 64))
  );
}

/** How far from the end of a file its end mark may stand: some programs write a few bytes more. */
const TAIL = 4096;

/** Whether the end mark of the format is missing; false where it has none. */
function isCutOff(bytes: Uint8Array): boolean {
  const tail = bytes.subarray(-TAIL);
  if (startsWith(bytes, 0xff, 0xd8)) return !tail.some((byte, i) => byte === 0xff && tail[i + 1] === 0xd9);
  if (isPng(bytes)) return !text(tail, 0, TAIL).includes('IEND');
  return false;
}

/** A phrase for a file that a decoder refused with `error`. */
export function decodingProblem(bytes: Uint8Array, error: unknown): string {
  if (/exceeds pixel limit/i.test((error as Error).message)) return 'a picture larger than 16,384 × 16,384';
  if (!isPicture(bytes)) return 'no picture (an unknown format)';
  return isCutOff(bytes) ? 'a picture that is cut off' : 'a damaged picture';
}
