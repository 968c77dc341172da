// Data sets spell the same expression in many ways; inside Mien it has one name.

const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  neutral: ['neutrality', 'neutral face', 'no expression'],
  anger: ['angry', 'angriness'],
  disgust: ['disgusted'],
  fear: ['afraid', 'fearful', 'scared'],
  happiness: ['happy', 'joy', 'smile', 'smiling'],
  sadness: ['sad'],
  surprise: ['surprised'],
  contempt: ['contemptuous'],
  other: ['others'],
};

const CANONICAL: ReadonlyMap<string, string> = new Map(
  Object.entries(SPELLINGS).flatMap(([name, others]) => [name, ...others].map((one) => [one, name] as const)),
);

/**
 * The one name of an expression: `Happy` → `happiness`; a name that is not known comes back in lower case.
 * @param word as a data set spells it; case, surrounding blanks, and `_` or `-` for blanks do not matter
 */
export function canonicalExpression(word: string): string {
  const plain = word.trim().toLowerCase().replace(/[_-]+/g, ' ');
  return CANONICAL.get(plain) ?? plain;
}
