// Our side of bench/train-step.mjs, in a process of its own. argv: JSON settings.
import {
  aten,
  autocast,
  manualSeed,
  optim,
  randint,
  randn,
  setNumThreads,
  tidy,
  torchInfo,
} from '@mien/torch';
import { ResNet50 } from './resnet50.mjs';

const { batch, size, precision, threads, device, warmUp, steps } = JSON.parse(process.argv[2]);
const bf16 = precision === 'bf16';
setNumThreads(threads);
manualSeed(0);
const net = new ResNet50(30).to({ device, ...(bf16 && { memoryFormat: 'channels_last' }) });
const images = tidy(() =>
  randn([batch, 3, size, size]).to({ device, ...(bf16 && { memoryFormat: 'channels_last' }) }),
);
const labels = randint(0, 30, [batch], { device });
const optimiser = new optim.Adam(net.parameters(), { lr: 1e-4, betas: [0.5, 0.999] });

const step = () =>
  tidy(() => {
    optimiser.zeroGrad();
    const loss = autocast(() => aten.crossEntropyLoss(net.forward(images), labels), {
      device,
      dtype: 'bfloat16',
      enabled: bf16,
    });
    loss.backward();
    optimiser.step();
    return loss.item();
  });

const seconds = [];
let loss = Number.NaN;
for (let i = 0; i < warmUp + steps; i++) {
  const start = performance.now();
  loss = step();
  seconds.push((performance.now() - start) / 1000);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(
  JSON.stringify({
    engine: 'mien',
    version: torchInfo().version,
    loss,
    seconds: seconds.slice(warmUp),
    peakBytes,
  }),
);
