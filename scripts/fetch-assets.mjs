#!/usr/bin/env node
// Fetches face models that the set-up leaves out because of their licence: node scripts/fetch-assets.mjs retinaface

import { basename } from 'node:path';
import { ASSETS, fetchAsset } from './lib/assets.mjs';
import { ROOT, setup } from './setup.mjs';

const known = new Map(ASSETS.map((asset) => [basename(asset.file).replace(/\.\w+$/, ''), asset]));
const names = process.argv.slice(2);
const wanted = names.flatMap((name) => known.get(name) ?? []);
if (names.length === 0 || wanted.length < names.length) {
  console.error(`usage: node scripts/fetch-assets.mjs NAME…, of ${[...known.keys()].join(', ')}`);
  process.exit(2);
}
try {
  await setup('base');
  for (const asset of wanted) await fetchAsset(ROOT, asset, { env: process.env, say: console.error });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
