#!/usr/bin/env node
// Puts a model, or several as an ensemble, among those that ship: exports it, writes it into models/ and its entry into
// models/models.json. Its card, models/NAME.md, is written by hand.
//
//   node scripts/ship-model.mjs mien-s RUN/cnn/student_0 --summary 'the small one' --origin '…'
//   node scripts/ship-model.mjs mien-s-ensemble RUN --summary 'three students' --origin '…'

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWhole } from '../packages/torch/scripts/files.mjs';
import { ROOT, setup } from './setup.mjs';

const USAGE = `usage: node scripts/ship-model.mjs NAME MODEL… --summary TEXT --origin TEXT
  [--licence MIT] [--crop ALIGN[:MARGIN]] [--precision fp16] [--calibration MANIFEST (of int8)]
MODEL: whatever "mien eval" takes; of a run, its students. An .onnx file keeps its precision.`;

const FOLDER = join(ROOT, 'models');
const LIST = join(FOLDER, 'models.json');

/** @param {string[]} args */
function readArguments(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      summary: { type: 'string' },
      origin: { type: 'string' },
      licence: { type: 'string', default: 'MIT' },
      crop: { type: 'string' },
      precision: { type: 'string', default: 'fp16' },
      calibration: { type: 'string' },
    },
  });
  const { summary, origin, ...others } = values;
  const [name = '', ...given] = positionals;
  if (!/^mien-[a-z0-9-]+$/.test(name) || given.length === 0 || !summary || !origin) throw new Error(USAGE);
  return { ...others, name, given, summary, origin };
}

/** @typedef {ReturnType<typeof readArguments>} Job */

/**
 * A model's ONNX file with what is to be said of it.
 * @param {string} file @param {string} out @param {Job} job
 */
async function makeOnnx(file, out, { origin, licence, crop, precision, calibration }) {
  const { openModel, storeTuning, withCrop } = await import('mien/models');
  const options = await import('../packages/mien/dist/cli/lib/options.js');
  const { exportOnnx, loadCalibration, readOnnxInfo } = await import('mien/models/onnx');
  const { readManifest } = await import('mien/datasets');
  /** @param {import('mien/models').ModelInfo} info */
  const described = (info) => {
    const stated = { ...info, origin, licence };
    return crop ? withCrop(stated, options.crop(crop)) : stated;
  };
  if (file.endsWith('.onnx')) {
    readOnnxInfo(file, { verify: true });
    writeFileSync(out, readFileSync(file));
    await storeTuning(out, described);
    return;
  }
  const model = await openModel(file);
  const pictures = calibration && (await loadCalibration(await readManifest(calibration), model.info));
  await exportOnnx(
    out,
    { ...model, info: described(model.info) },
    { precision: /** @type {'fp16'} */ (precision), ...(pictures && { calibration: pictures }) },
  );
}

/** The list's entry of a file. @param {string} file @param {Uint8Array} content */
const entryOf = (file, content) => ({
  file,
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

/** @param {Job} job */
async function ship(job) {
  const { findMembers } = await import('mien/reading');
  const { readOnnxInfo } = await import('mien/models/onnx');
  const list = JSON.parse(readFileSync(LIST, 'utf8'));
  const { version } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'));
  /** @type {{ files: { file: string, sha256: string }[], name: string }[]} */
  const others = list.models.filter((/** @type {{ name: string }} */ one) => one.name !== job.name);
  const members = await findMembers(job.given);
  const temporary = mkdtempSync(join(tmpdir(), 'mien-ship-'));
  try {
    const files = [];
    let about;
    for (const [i, { file }] of members.entries()) {
      const made = join(temporary, `${i}.onnx`);
      await makeOnnx(file, made, job);
      about = readOnnxInfo(made, { verify: true });
      const content = readFileSync(made);
      const entry = entryOf(members.length > 1 ? `${job.name}-${i}.onnx` : `${job.name}.onnx`, content);
      // A member that ships by itself too is there once.
      const same = others.flatMap((one) => one.files).find(({ sha256 }) => sha256 === entry.sha256);
      if (same === undefined) writeWhole(join(FOLDER, entry.file), content);
      files.push({ ...entry, file: same?.file ?? entry.file });
    }
    if (about === undefined) throw new Error(USAGE);
    const { backbone, inputSize, tasks, schema } = about.info.network;
    const precision = about.metadata.get('mien.precision');
    const { name, summary, licence } = job;
    const model = {
      name,
      summary,
      version,
      backbone,
      inputSize,
      tasks,
      schema: schema.name,
      precision,
      licence,
      files,
    };
    const models = [...others, model].sort((a, b) => (a.name < b.name ? -1 : 1));
    writeWhole(LIST, `${JSON.stringify({ models }, null, 2)}\n`);
    const listed = new Set(models.flatMap((one) => one.files.map(({ file }) => file)));
    for (const file of readdirSync(FOLDER))
      if (file.endsWith('.onnx') && !listed.has(file)) rmSync(join(FOLDER, file));
    for (const { file, bytes } of files)
      console.log(`models/${file} (${precision}, ${(bytes / 1e6).toFixed(2)} MB)`);
    const card = join(FOLDER, `${name}.md`);
    console.log(
      existsSync(card) ? `see whether models/${name}.md still holds` : `write its card: models/${name}.md`,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

try {
  const job = readArguments(process.argv.slice(2));
  await setup('train');
  await ship(job);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
