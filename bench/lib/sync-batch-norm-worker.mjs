// A process of bench/sync-batch-norm.mjs. argv: JSON settings. Prints milliseconds of the fastest step, by variant.
import { aten, autocast, distributed, manualSeed, nn, optim, randint, randn, tidy } from '@mien/torch';
import { ResNet50 } from './resnet50.mjs';

const { batch, size, precision, steps } = JSON.parse(process.argv[2]);
const bf16 = precision === 'bf16';
const layout = { memoryFormat: bf16 ? 'channels_last' : 'contiguous' };
const group = distributed.initProcessGroup();
const port = (number) => ({ verify: false, masterPort: Number(process.env.MASTER_PORT) + number });

function variant(convert) {
  manualSeed(0);
  const network = new ResNet50(30).to(layout);
  convert(network);
  const parallel = new distributed.DistributedDataParallel(network, { broadcastBuffers: false });
  return { parallel, optimiser: new optim.Adam(network.parameters(), { lr: 1e-4 }), fastest: Infinity };
}

const trusting = new distributed.ProcessGroup(port(1));
const variants = {
  plain: variant(() => {}),
  sync: variant((network) => nn.convertSyncBatchNorm(network, { group })),
  syncUnverified: variant((network) => nn.convertSyncBatchNorm(network, { group: trusting })),
};
const images = tidy(() => randn([batch, 3, size, size]).to(layout));
const labels = randint(0, 30, [batch]);

for (let i = 0; i < 1 + steps; i++) {
  for (const one of Object.values(variants)) {
    group.barrier();
    const start = performance.now();
    tidy(() => {
      one.optimiser.zeroGrad();
      const loss = autocast(() => aten.crossEntropyLoss(one.parallel.forward(images), labels), {
        enabled: bf16,
      });
      loss.backward();
      one.parallel.reduceGradients();
      one.optimiser.step();
    });
    if (i > 0) one.fastest = Math.min(one.fastest, performance.now() - start);
  }
}
const rounded = Object.entries(variants).map(([name, { fastest }]) => [name, Math.round(fastest)]);
console.log(JSON.stringify(Object.fromEntries(rounded)));
trusting.destroy();
distributed.destroyProcessGroup();
