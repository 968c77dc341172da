// The README's examples run as they stand there.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1] as string);
// Inside the package, so that '@mien/torch' resolves as it does for a user in the repository.
const folder = mkdtempSync(join(root, 'build/readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(example: string, name: string): string {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, example.replaceAll("'/tmp/", `'${folder}/`));
  return execFileSync(process.execPath, [file], { encoding: 'utf8' });
}

describe('the README', () => {
  it('trains a network that reads its digits', () => {
    const output = run(examples[0] as string, 'digits');
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(3);
    const accuracy = Number(/accuracy ([\d.]+) %/.exec(lines[2] as string)?.[1]);
    expect(accuracy).toBeGreaterThan(95);
  });

  it('shows operators that do what it says', () => {
    const output = run(examples[1] as string, 'operators');
    expect(output).toContain('tensor([[0.1801, 0.4895, 1.3305]])');
    expect(output).toContain('[ 1, 1, 2, 4 ]');
  });

  it('frees all its tensors', () => {
    expect(run(examples[2] as string, 'memory').trim()).toBe('0');
  });

  it('saves and loads', () => {
    expect(run(examples[3] as string, 'checkpoints')).toBe('');
    expect(examples).toHaveLength(4);
  });
});
