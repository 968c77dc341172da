// Mouse, touch and keys on a timeline.

import type { SharedView } from './view.js';

export interface Surface {
  element: HTMLElement;
  shared: SharedView;
  /** Seconds at a place of the window, and seconds that a pixel takes. */
  timeAt(clientX: number): number;
  secondsPerPixel(): number;
}

const ZOOM_STEP = 1.5;

/** One pointer moves the view, two spread it. */
function followPointers({ element, shared, timeAt, secondsPerPixel }: Surface): void {
  const pointers = new Map<number, number>();
  const span = () => {
    const [one = 0, other = 0] = pointers.values();
    return { middle: (one + other) / 2, width: Math.max(20, Math.abs(one - other)) };
  };
  element.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, event.clientX);
    element.setPointerCapture(event.pointerId);
    shared.point(timeAt(event.clientX));
  });
  element.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (before !== undefined) {
      const old = span();
      pointers.set(event.pointerId, event.clientX);
      if (pointers.size === 1) shared.pan((before - event.clientX) * secondsPerPixel());
      else {
        const now = span();
        shared.zoom(old.width / now.width, timeAt(now.middle));
        shared.pan((old.middle - now.middle) * secondsPerPixel());
      }
    }
    if (pointers.size < 2) shared.point(timeAt(event.clientX));
  });
  for (const kind of ['pointerup', 'pointercancel'] as const)
    element.addEventListener(kind, (event) => void pointers.delete(event.pointerId));
  element.addEventListener('dblclick', (event) =>
    shared.zoom(1 / (ZOOM_STEP * ZOOM_STEP), timeAt(event.clientX)),
  );
}

/** Without Ctrl the wheel scrolls the page, until the reader has clicked into a timeline. */
function followWheel({ element, shared, timeAt, secondsPerPixel }: Surface): void {
  const zoom = (event: WheelEvent) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (!event.ctrlKey && !event.metaKey && !sideways && document.activeElement !== element) return;
    event.preventDefault();
    const pixels = event.deltaMode === 0 ? 1 : 30;
    if (sideways) shared.pan(event.deltaX * pixels * secondsPerPixel());
    else shared.zoom(1.0018 ** (event.deltaY * pixels), timeAt(event.clientX));
  };
  element.addEventListener('wheel', zoom, { passive: false });
}

function followKeys({ element, shared }: Surface): void {
  const about = () => shared.cursor ?? (shared.view.from + shared.view.to) / 2;
  const actions: Record<string, (event: KeyboardEvent) => void> = {
    ArrowLeft: ({ shiftKey }) => shared.step(shiftKey ? -10 : -1),
    ArrowRight: ({ shiftKey }) => shared.step(shiftKey ? 10 : 1),
    PageUp: () => shared.pan((shared.view.from - shared.view.to) / 2),
    PageDown: () => shared.pan((shared.view.to - shared.view.from) / 2),
    Home: () => shared.step(Number.NEGATIVE_INFINITY),
    End: () => shared.step(Number.POSITIVE_INFINITY),
    '+': () => shared.zoom(1 / ZOOM_STEP, about()),
    '=': () => shared.zoom(1 / ZOOM_STEP, about()),
    '-': () => shared.zoom(ZOOM_STEP, about()),
    '0': () => shared.reset(),
    Escape: () => shared.point(undefined),
  };
  element.addEventListener('keydown', (event) => {
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action(event);
  });
}

export function followReader(surface: Surface): void {
  followPointers(surface);
  followWheel(surface);
  followKeys(surface);
}
