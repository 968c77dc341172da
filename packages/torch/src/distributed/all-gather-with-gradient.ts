// Losses that need the whole batch of all ranks, since they are not a mean over its samples.
import { noGrad } from '../autograd.js';
import { cat, tensor as makeTensor, zeros } from '../creation.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { defaultGroup } from './default-group.js';
import type { ProcessGroup } from './process-group.js';

/**
 * The rows of all ranks, in the order of ranks, on every rank. The gradient flows to the own rows alone; those of others
 * are constants. (The name in PyTorch is `torch.distributed.nn.functional.all_gather`, whose gradient comes back from all
 * ranks' losses; here every rank is to compute the same loss, of which one is enough.)
 *
 * For a loss that is not a mean over samples, such as a correlation, compute it on every rank from gathered predictions
 * and gathered labels. The sum over the ranks of each parameter's gradients is then exactly the gradient that one process
 * would get from the whole batch, if batch normalisation is synchronised too. `DistributedDataParallel` takes the mean
 * over the ranks instead of the sum, so multiply the loss by the number of ranks:
 *
 * ```ts
 * nn.convertSyncBatchNorm(model);
 * const parallel = new DistributedDataParallel(model);
 * const predictions = allGatherWithGradient(parallel.forward(images)); // [b₀ + b₁ + …, n]
 * const loss = concordanceLoss(predictions, allGatherWithGradient(labels)); // the same number on every rank
 * loss.mul(getWorldSize()).backward();
 * parallel.reduceGradients();
 * ```
 *
 * With two ranks, one weight w, predictions w·x, x = 1 on rank 0 and 3 on rank 1, and the loss (Σ w·x)² = (4w)², the
 * gradient is 32w. Rank 0's own row gives 2·4w·1 = 8w, rank 1's 2·4w·3 = 24w; their mean is 16w, times two ranks 32w.
 *
 * @param tensor [n, …], the same dtype and inner sizes on every rank; n may differ, and be 0
 * @returns [Σn, …]
 * @throws RangeError for a tensor without dimensions
 * @throws CollectiveError
 */
export function allGatherWithGradient(tensor: Tensor, group: ProcessGroup = defaultGroup()): Tensor {
  const [rows, ...inner] = tensor.shape;
  if (rows === undefined) {
    throw new RangeError('allGatherWithGradient: expected a tensor with rows, found one without dimensions');
  }
  return tidy(() => {
    const parts = noGrad(() => {
      const counts = group.allGather(makeTensor([rows], { dtype: 'int64' })).map((count) => count.item());
      const most = Math.max(...counts);
      const { dtype, device } = tensor;
      const missing = most - rows;
      const padded = missing === 0 ? tensor : cat([tensor, zeros([missing, ...inner], { dtype, device })]);
      return group.allGather(padded).map((part, rank) => part.narrow(0, 0, counts[rank] as number));
    });
    parts[group.rank] = tensor;
    return cat(parts);
  });
}
