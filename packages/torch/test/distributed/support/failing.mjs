// A rank of a group in which something goes wrong. argv: what, and the group's time-out in milliseconds.
// Prints a line of JSON for every error, and exits with 0 where it got the error it should.
import { distributed, nn, ones, tidy, zeros } from '@mien/torch';

const [what, timeoutMs] = [process.argv[2], Number(process.argv[3])];
const group = distributed.initProcessGroup({ timeoutMs });
const last = group.worldSize - 1;

/** @param {() => void} body */
function report(body) {
  try {
    body();
  } catch (error) {
    if (!distributed.isCollectiveError(error)) throw error;
    const { name, rank, operation, timedOut, message } = error;
    console.log(JSON.stringify({ name, rank, operation, timedOut, timeoutMs: error.timeoutMs, message }));
  }
}

console.log('ready');
switch (what) {
  case 'loop': // until a peer is gone
    report(() => {
      for (;;) tidy(() => group.allReduce(ones([1_000_000])));
    });
    report(() => group.barrier()); // and from then on at once
    break;
  case 'disagree':
    report(() => (group.rank === 0 ? group.allReduce(zeros([1000])) : group.allReduce(zeros([10]))));
    break;
  case 'disagree-on-message':
    report(() => (group.rank === 0 ? group.send(zeros([1000]), 1) : group.receive(zeros([10]), 0)));
    break;
  case 'leave': // the last rank goes while an operation of its own is under way; the others wait for it in vain
    if (group.rank === last) {
      group.allReduce(zeros([100]), { async: true });
      process.exit(0);
    }
    report(() => {
      for (;;) group.barrier();
    });
    break;
  case 'backward': {
    // The last rank goes between its forward and its backward pass.
    const loss = new nn.SyncBatchNorm(3)
      .forward(ones([2, 3]).mul(group.rank).requiresGrad_())
      .square()
      .sum();
    if (group.rank === last) process.exit(0);
    report(() => loss.backward());
    break;
  }
  case 'impatient': {
    // Waiting less than the group's time-out leaves the operation under way.
    if (group.rank === last) await new Promise((resolve) => setTimeout(resolve, 500));
    const work = group.allReduce(ones([2]), { async: true });
    if (group.rank !== last) report(() => work.wait(100));
    if (work.wait().sum().item() !== 2 * group.worldSize) process.exitCode = 3;
    break;
  }
}
if (what !== 'impatient') group.destroy();
