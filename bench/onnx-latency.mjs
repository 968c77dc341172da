// How long an exported model takes for one picture in ONNX Runtime, in each precision, beside libtorch in the same run.
//
// Options: --backbone compact --size 112 --rounds 40
// Weights are fresh: time does not depend on them. The four take turns, ten pictures each; the fastest of all counts, since
// noise only ever adds time.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromTypedArray, inferenceMode, setNumThreads, tidy } from '@mien/torch';
import { paperEdge } from 'mien/loading';
import { backboneOf } from 'mien/models';
import { drawPatches, exportOnnx, ONNX_INPUT, PRECISIONS } from 'mien/models/onnx';
import ort from 'onnxruntime-node';
import { freshNetwork, INT8_TOLERANCE } from './lib/fresh-models.mjs';
import { print } from './lib/measure.mjs';

const { values } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'compact' },
    size: { type: 'string', default: '112' },
    rounds: { type: 'string', default: '40' },
  },
});
const size = Number(values.size);
const { normalization } = backboneOf(values.backbone);

const batch = (seed, count) => ({
  dims: [count, 3, size, size],
  data: drawPatches(count, size, normalization, seed),
});

const network = freshNetwork({ backbone: values.backbone, size, seed: 1 });
const input = { edge: paperEdge(size), normalization };
const info = { version: 1, network: network.spec, input, decoding: 'endpoints' };
const calibration = { fit: [batch(2, 16)], heldBack: [batch(3, 16)] };

const folder = mkdtempSync(join(tmpdir(), 'mien-bench-'));
try {
  const [files, bytes] = [{}, { libtorch: null }];
  for (const precision of PRECISIONS) {
    files[precision] = join(folder, `${precision}.onnx`);
    await exportOnnx(
      files[precision],
      { network, info, hash: '' },
      { precision, calibration, int8Tolerance: INT8_TOLERANCE },
    );
    bytes[precision] = statSync(files[precision]).size;
  }
  const picture = batch(4, 1);
  for (const threads of [1, availableParallelism()]) {
    setNumThreads(threads);
    const images = fromTypedArray(picture.data, picture.dims);
    const runs = { libtorch: async () => tidy(() => inferenceMode(() => void network.forward(images))) };
    for (const precision of PRECISIONS) {
      const session = await ort.InferenceSession.create(files[precision], { intraOpNumThreads: threads });
      const feeds = { [ONNX_INPUT]: new ort.Tensor('float32', picture.data, picture.dims) };
      runs[precision] = () => session.run(feeds);
    }
    const fastest = {};
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, run] of Object.entries(runs))
        for (let i = 0; i < 10; i++) {
          const start = performance.now();
          await run();
          fastest[name] = Math.min(fastest[name] ?? Number.POSITIVE_INFINITY, performance.now() - start);
        }
    for (const name of Object.keys(runs))
      print({
        bench: 'onnx-latency',
        backbone: values.backbone,
        size,
        threads,
        model: name,
        bytes: bytes[name],
        milliseconds: Number(fastest[name].toFixed(3)),
        ofLibtorch: Number((fastest[name] / fastest.libtorch).toFixed(2)),
        cpu: cpus()[0]?.model,
        load: Number(loadavg()[0].toFixed(1)),
      });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
