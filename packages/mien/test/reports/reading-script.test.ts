import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { parseHTML } from 'linkedom';
import { ABAW3 } from 'mien/labels';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../../../../test/folders.js';
import { pageOf } from '../support/reading-pages.js';
import { type MadeReadings, makeReadings } from '../support/readings.js';

const CHROMIUM = 'chromium';
const hasChromium = spawnSync(CHROMIUM, ['--version']).status === 0;
if (!hasChromium) console.warn('No chromium here: the script of the reading page is not run.');

describe('the script of the page', () => {
  it('parses, and holds nothing of a module', async () => {
    const { document } = await pageOf(makeReadings({ frames: 30 }));
    const [code] = [...document.querySelectorAll('script')].filter((one) => !one.hasAttribute('type'));
    expect(() => new Script(code?.textContent ?? '(')).not.toThrow();
    expect(code?.textContent).not.toMatch(/^(import|export) |sourceMappingURL/m);
  });

  /** What the page shows after a step: the part of the time, and what is read out of each face. */
  interface Shown {
    span: string;
    labels: string[];
    cursors: string[][];
  }

  /** Opens a page, takes steps in it one after the other. Starting the browser is what takes long: once for all. */
  async function browse(made: MadeReadings, steps: Readonly<Record<string, string>>) {
    const { html } = await pageOf(makeReadings(made));
    // Without a screen the browser draws when it likes; timers go on in its virtual time.
    const probe = `<script>window.requestAnimationFrame = (draw) => setTimeout(draw, 16);
for (const kind of ['error', 'unhandledrejection'])
  addEventListener(kind, (event) => { document.documentElement.dataset.error = event.message ?? String(event.reason); });
const drawing = () => document.querySelector('.drawing');
const press = (key) => drawing().dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
const edge = () => drawing().getBoundingClientRect();
const wheel = (options) => drawing().dispatchEvent(new WheelEvent('wheel', { clientX: edge().left + 172, ctrlKey: true, cancelable: true, ...options }));
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const drawn = () => new Promise((done) => setTimeout(done, 100));
addEventListener('load', async () => {
  const shown = {};
  for (const [name, step] of Object.entries({ ${Object.entries(steps)
    .map(([name, code]) => `${JSON.stringify(name)}: () => { ${code} }`)
    .join(', ')} })) {
    step();
    await drawn();
    shown[name] = {
      span: document.querySelector('.span').textContent,
      labels: all('.drawing svg[role="img"]').map((one) => one.getAttribute('aria-label')),
      cursors: all('.cursor').map((one) => all('text', one).map((words) => words.textContent)),
    };
  }
  document.documentElement.dataset.shown = JSON.stringify(shown);
});</script>`;
    const file = join(folderWith({}), 'page.html');
    writeFileSync(file, html.replace('<body>', `<body>${probe}`));
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--window-size=1200,900'];
    const { stdout } = await promisify(execFile)(
      CHROMIUM,
      [...options, '--virtual-time-budget=10000', '--dump-dom', `file://${file}#t=2-6@3.3`],
      { maxBuffer: 2 ** 26 },
    );
    const { document } = parseHTML(stdout);
    expect(document.documentElement.getAttribute('data-error')).toBeNull();
    expect(document.documentElement.getAttribute('data-ready')).toBe('yes');
    const shown: Record<string, Shown> = JSON.parse(
      document.documentElement.getAttribute('data-shown') ?? '{}',
    );
    const faces = [...document.querySelectorAll('h3')].map(({ textContent }) =>
      Number(textContent?.replace('Face ', '')),
    );
    return { faces, at: (step: string) => shown[step] as Shown };
  }

  it.skipIf(!hasChromium)(
    'zooms, moves and reads out, all faces together',
    async () => {
      const made = { frames: 300, faces: 2 };
      const { at, faces } = await browse(made, {
        link: '',
        closer:
          "location.hash = '#t=0-12@6'; dispatchEvent(new HashChangeEvent('hashchange')); press('+'); press('+');",
        whole: "press('0');",
        third: "press('Home'); press('ArrowRight'); press('ArrowRight');",
        // Twice as close about the left end, then by half of the plot to later times.
        wheel: 'wheel({ deltaY: -385.4 }); wheel({ deltaX: (edge().width - 172 - 82) / 2, deltaY: 0 });',
        button: 'document.querySelector(\'button[value="whole"]\').click();',
      });

      expect(at('link').span).toBe('2.0 s to 6.0 s of 12.0 s');
      expect(at('link').cursors).toHaveLength(2);
      for (const [k, [time, ...values]] of at('link').cursors.entries()) {
        const face = makeReadings(made)[82]?.faces.find((one) => one.face === faces[k]);
        const numbers = values.map((value) => Number(value.replace('−', '-').replace(' ✓', '')));
        const near = (value: number | undefined, truth: number | undefined) =>
          expect(Math.abs((value ?? Number.NaN) - (truth ?? Number.NaN))).toBeLessThan(0.01);
        expect(time).toBe('3.28 s · frame 82');
        near(numbers[0], face?.valence);
        near(numbers[1], face?.arousal);
        expect(values[2]).toBe(face?.expression?.label);
        for (const [n, name] of ABAW3.actionUnits.entries()) {
          near(numbers[4 + n], face?.actionUnits?.[name]?.probability);
          expect(values[4 + n]?.endsWith('✓')).toBe(face?.actionUnits?.[name]?.present);
        }
      }

      expect(at('closer').span).toBe('3.3 s to 8.7 s of 12.0 s');
      expect(at('closer').labels).toEqual(faces.map((face) => `Timeline of face ${face}, 3.3 s to 8.7 s`));
      expect(at('whole').span).toBe('0.0 s to 12.0 s of 12.0 s');
      expect(at('third').cursors.map(([time]) => time)).toEqual(Array(2).fill('0.08 s · frame 2'));
      expect(at('wheel').span).toBe('3.0 s to 9.0 s of 12.0 s');
      expect(at('button').span).toBe('0.0 s to 12.0 s of 12.0 s');
    },
    180_000,
  );
});
