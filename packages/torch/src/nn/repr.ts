// Modules as text, as PyTorch prints them.

interface Printable {
  toString(): string;
}

export function formatModule(name: string, description: string, children: [string, Printable][]): string {
  if (children.length === 0) return `${name}(${description})`;
  const lines = children.map(([key, child]) => `  (${key}): ${child.toString().replaceAll('\n', '\n  ')}\n`);
  return `${name}(${description === '' ? '' : `\n  ${description}`}\n${lines.join('')})`;
}

/** A number as Python prints a float. */
export function float(x: number): string {
  if (Number.isInteger(x)) return x.toFixed(1);
  if (Math.abs(x) >= 1e-4) return String(x);
  return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `(3, 3)`, or the number where one was given. */
export function tuple(value: number | readonly (number | null)[]): string {
  return typeof value === 'number' ? String(value) : `(${value.map((x) => x ?? 'None').join(', ')})`;
}

export function bool(on: boolean): string {
  return on ? 'True' : 'False';
}
