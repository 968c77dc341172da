// What one operator call costs: in-place and allocating additions of two numbers, beside PyTorch's in the same run.
//
// The whole call is timed, libtorch's own work included; `addInto` of two elements is as close to none as it gets.
import { spawnSync } from 'node:child_process';
import { aten, noGrad, ones, setNumThreads, tidy, torchInfo } from '@mien/torch';
import { median, print, pythonWithTorch } from './lib/measure.mjs';

const CALLS = 100_000;
const ROUNDS = 7;
const PEER = `
import json, time, torch
torch.set_num_threads(1)
x, y = torch.ones(2), torch.ones(2)
def timed(body):
    start = time.perf_counter()
    for _ in range(${CALLS}): body()
    return (time.perf_counter() - start) / ${CALLS} * 1e6
with torch.no_grad():
    print(json.dumps({"addInto": [timed(lambda: x.add_(y)) for _ in range(${ROUNDS})],
                      "add": [timed(lambda: x.add(y)) for _ in range(${ROUNDS})],
                      "shape": [timed(lambda: x.shape) for _ in range(${ROUNDS})]}))
`;

setNumThreads(1);
const [x, y] = [ones([2]), ones([2])];

function timed(body) {
  const start = performance.now();
  for (let i = 0; i < CALLS; i += 1000) {
    tidy(() => {
      for (let j = 0; j < 1000; j++) body();
    });
  }
  return ((performance.now() - start) / CALLS) * 1000;
}

const bodies = { addInto: () => x.add_(y), add: () => aten.add(x, y), shape: () => x.shape };
const ours = noGrad(() =>
  Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => [name, Array.from({ length: ROUNDS }, () => timed(body))]),
  ),
);
const python = pythonWithTorch();
const peer = python && JSON.parse(spawnSync(python, ['-c', PEER], { encoding: 'utf8' }).stdout);

for (const name of Object.keys(bodies)) {
  const microseconds = median(ours[name]);
  print({
    bench: 'operator-call',
    call: name,
    libtorch: torchInfo().version,
    microseconds,
    ...(peer && { pytorchMicroseconds: median(peer[name]), ratio: microseconds / median(peer[name]) }),
  });
}
