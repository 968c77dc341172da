// A small network trained for some steps: the work that other tests interrupt, repeat or watch.
import { aten, generator, manualSeed, randint, randn, tidy } from '@mien/torch';

/** Parameters of conv 3x3 -> relu -> mean -> linear, drawn from `seed`. */
export function parameters(seed) {
  const source = generator({ seed });
  return [
    randn([8, 3, 3, 3], { generator: source }).mul_(0.2),
    randn([5, 8], { generator: source }).mul_(0.2),
  ].map((p) => p.keep().requiresGrad_());
}

/** One step of gradient descent on random images; returns the loss. Frees all it makes. */
export function step([filters, weights], source, size = 16) {
  return tidy(() => {
    const images = randn([4, 3, size, size], { generator: source });
    const labels = randint(0, 5, [4], { generator: source });
    const features = aten.conv2d(images, filters, { padding: 1 }).relu().mean([2, 3]);
    const loss = aten.crossEntropyLoss(aten.dropout(features.matmul(weights.t()), 0.1, true), labels);
    loss.backward();
    for (const p of [filters, weights]) {
      p.detach().sub_(p.grad, { alpha: 0.1 });
      p.grad = null;
    }
    return loss.item();
  });
}

/** The parameters' bytes after `steps` steps from a seed. */
export function train(seed, steps) {
  manualSeed(seed);
  const source = generator({ seed: seed + 1 });
  const params = parameters(seed);
  let loss = Number.NaN;
  for (let i = 0; i < steps; i++) loss = step(params, source);
  return { loss, bytes: params.map((p) => Buffer.from(p.detach().toTypedArray().buffer).toString('hex')) };
}
