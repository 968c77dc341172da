// The optimisers' formulas, one scalar at a time: what the tests compare with.

export interface Options {
  lr: number;
  betas: [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
  momentum: number;
  dampening: number;
  nesterov: boolean;
}

/** A step: from parameter and gradient to parameter. It remembers. */
export type ScalarStep = (p: number, g: number) => number;

/** Kingma and Ba 2015, algorithm 1; AMSGrad after Reddi et al. 2018; decoupled decay after Loshchilov and Hutter 2019. */
export function adam(options: Options, decoupled: boolean): ScalarStep {
  const { lr, eps, weightDecay, amsgrad, maximize } = options;
  const [beta1, beta2] = options.betas;
  let [m, v, most, t] = [0, 0, 0, 0];
  return (before, gradient) => {
    let [p, g] = [before, maximize ? -gradient : gradient];
    if (decoupled) p -= lr * weightDecay * p;
    else g += weightDecay * p;
    t++;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    most = Math.max(most, v);
    const mHat = m / (1 - beta1 ** t);
    const vHat = (amsgrad ? most : v) / (1 - beta2 ** t);
    return p - (lr * mHat) / (Math.sqrt(vHat) + eps);
  };
}

export function sgd({ lr, momentum, dampening, nesterov, weightDecay, maximize }: Options): ScalarStep {
  let velocity: number | undefined;
  return (p, gradient) => {
    const g = (maximize ? -gradient : gradient) + weightDecay * p;
    velocity = velocity === undefined ? g : momentum * velocity + (1 - dampening) * g;
    return p - lr * (nesterov ? g + momentum * velocity : momentum === 0 ? g : velocity);
  };
}
