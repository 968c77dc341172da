// What the page of a reading looks like, beyond what all pages share.

export const STYLE = `
body { max-width: 1120px; }
.skip { position: absolute; width: 0; height: 0; overflow: hidden; }
.tools { position: sticky; top: 0; z-index: 2; display: none; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 8px -8px; padding: 8px; background: #fffffff2; border-bottom: 1px solid #e6e6e6; font-size: 14px; }
.live .tools { display: flex; }
.tools button { min-width: 36px; padding: 4px 10px; border: 1px solid #aaa; border-radius: 5px; background: #fff; color: #222; font: inherit; cursor: pointer; }
.tools button:hover { background: #f1f1f1; }
.tools .span { min-width: 11em; font-variant-numeric: tabular-nums; }
.tools .hint { color: #595959; font-size: 13px; }
.live .static { display: none; }
.timeline { margin: 8px 0 4px; }
.drawing { position: relative; overflow-x: auto; }
.live .drawing { overflow: hidden; touch-action: pan-y; cursor: crosshair; }
.drawing:focus-visible, button:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid #0072b2; outline-offset: 2px; }
.drawing svg { display: block; user-select: none; }
.drawing .cursor { position: absolute; left: 0; top: 0; pointer-events: none; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 4px 0; color: #444; font-size: 13px; }
.key i { display: inline-block; width: 12px; height: 12px; margin-right: 5px; border-radius: 2px; vertical-align: -1px; }
.side { display: flex; flex-wrap: wrap; gap: 0 48px; align-items: flex-start; }
.side > div { max-width: 100%; overflow-x: auto; }
.figures caption { text-align: left; font-weight: 600; padding: 6px 0; }
.figures { font-size: 14px; }
.figures th, .figures td { padding: 2px 14px 2px 0; }
.figures th { white-space: normal; max-width: 5.2em; vertical-align: bottom; }
.figures .bar { width: 120px; }
.figures .bar b { display: block; background: #f0f0f0; }
.figures .bar i { display: block; height: 11px; }
.card dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 8px 0 16px; }
.card dt { color: #595959; }
.card dd { margin: 0; overflow-wrap: anywhere; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(176px, 1fr)); gap: 14px; padding: 0; list-style: none; font-size: 13px; }
.gallery > li { padding: 10px; border: 1px solid #e2e2e2; border-radius: 6px; break-inside: avoid; }
.gallery img { display: block; width: 96px; height: 96px; }
.gallery h4 { margin: 6px 0 4px; font-size: 13px; overflow-wrap: anywhere; }
.gallery p { margin: 4px 0; }
.bars { margin: 0; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: 70px 1fr 32px; gap: 6px; align-items: center; }
.bars b { height: 10px; background: #eee; }
.bars i { display: block; height: 10px; }
@media print {
  body { max-width: none; padding: 0; }
  .tools, .hint, .drawing .cursor, nav { display: none !important; }
  .drawing svg { width: 100%; height: auto; }
  .timeline, table, .card { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
