// A process of a group of processes that do nothing together. argv: what.
import { writeSync } from 'node:fs';

const [what] = process.argv.slice(2);
const { RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT, EXTRA } = process.env;
if (what === 'environment') {
  console.log(
    JSON.stringify({ RANK, LOCAL_RANK, WORLD_SIZE, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT, EXTRA }),
  );
  console.log(process.env.OMP_NUM_THREADS);
  process.stdout.write('no newline at the end');
}
if (what === 'fail' && RANK === '1') {
  writeSync(2, 'a first line\nout of luck\n');
  process.exit(7);
}
if (what === 'kill' && RANK === '0') process.kill(process.pid, 'SIGKILL');
if (what !== 'environment') setInterval(() => {}, 1000);
if (what === 'stubborn') process.on('SIGTERM', () => console.log('no'));
