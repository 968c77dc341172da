// Prints the weights after some steps: argv is the seed.
import { train } from './training.mjs';

process.stdout.write(JSON.stringify(train(Number(process.argv[2]), 50)));
