// mien export MODEL --out FILE: one file that other programs can use.

import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CropRecipe } from '../faces/index.js';
import { DataError, statIfThere } from '../files/index.js';
import type { LabelSchema, Task } from '../labels/index.js';
import type { LoadedModel } from '../models/index.js';
import type { ExportReport, Precision } from '../models/onnx/index.js';
import { crop, integer, labelSchema, number, roots, tasks } from './lib/options.js';

const PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];

/** Of a member's folder in a run: the weights that scored best. */
const BEST = 'best.safetensors';

interface Options {
  out: string;
  precision?: Precision;
  features?: true;
  calibration?: string;
  tolerance?: number;
  root?: Record<string, string>;
  crop?: Omit<CropRecipe, 'size'>;
  schema?: LabelSchema;
  tasks?: Task[];
  size?: number;
  length?: number;
}

function outFile(text: string): string {
  if (!/\.(onnx|safetensors)$/.test(text))
    throw new InvalidArgumentError('expected a name that ends in .onnx or .safetensors');
  return text;
}

/** The file that was meant: of a folder, the best weights in it. */
async function modelFile(given: string): Promise<string> {
  if (!(await statIfThere(given))?.isDirectory()) return given;
  const best = join(given, BEST);
  if ((await statIfThere(best)) !== undefined) return best;
  throw new DataError(
    { file: given },
    { found: `a folder without ${BEST}`, expected: "a member's folder of a run, such as RUN/cnn/teacher" },
  );
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

function describe({ file, bytes, precision, outputs, validation, quantisation }: ExportReport): string {
  const lines = [
    `wrote ${file} (${precision}, ${megabytes(bytes)})`,
    `  input images, outputs ${outputs.join(', ')}`,
  ];
  const errors = Object.entries(validation.errors).map(
    ([name, { largest }]) => `${name} ${largest.toExponential(1)}`,
  );
  const shapes = validation.shapes.map((shape) => shape.slice(0, -3).join('×')).join(', ');
  if (quantisation === undefined)
    lines.push(
      `  largest difference from libtorch, relative to max(1, |x|): ${errors.join(', ')}`,
      `  allowed ${Math.max(...Object.values(validation.allowed))}; batches of ${shapes}`,
    );
  else {
    lines.push('  differences from the float model on pictures that it was not fitted to:');
    for (const [task, { mean, largest }] of Object.entries(quantisation.differences)) {
      const unit = task === 'VA' ? 'valence and arousal' : 'probabilities';
      lines.push(`    ${task} ${unit}: mean ${mean.toFixed(4)}, largest ${largest.toFixed(4)}`);
    }
    if (quantisation.floatFirst) lines.push('  the first layer is in float: in eight bits it cost too much');
    lines.push(`  runs with batches of ${shapes}`);
  }
  return lines.join('\n');
}

async function loadPictures(file: string, { info }: LoadedModel, root: Record<string, string> = {}) {
  const { readManifest } = await import('../datasets/index.js');
  const { loadCalibration } = await import('../models/onnx/index.js');
  return loadCalibration(await readManifest(file, { roots: root }), info);
}

export function define(command: Command): void {
  command
    .argument(
      '<model>',
      "a model (.safetensors), a member's folder of a run, or a checkpoint of the reference (.pth)",
    )
    .requiredOption('--out <file>', '.onnx, or .safetensors', outFile)
    .addOption(
      new Option('--precision <name>', 'of weights and arithmetic in ONNX; default fp32').choices(PRECISIONS),
    )
    .option('--calibration <manifest>', 'pictures that int8 is fitted to and judged by; a few hundred do')
    .option(
      '--tolerance <difference>',
      "of int8: how far predictions may be from the float model's, on the mean of each task (0.02)",
      number(0, 1),
    )
    .option('--root <name=folder>', 'where a data set of the manifest lies now; repeatable', roots)
    .option('--features', "also give each task's features, as EXPR_features and so on")
    .option(
      '--crop <align[:margin]>',
      'how its faces are to be cut out of pictures: as data crops does, or what comes nearest to it',
      crop,
    )
    .option('--schema <name|file>', 'what a checkpoint does not say: its label schema', labelSchema)
    .option('--tasks <list>', 'the same: what its heads are for, such as AU,VA', tasks)
    .option('--size <pixels>', "the same: the input's edge (112)", integer(8, 2048))
    .option('--length <frames>', 'the same: frames of a window (32)', integer(1, 65536))
    .action(async (given: string, options: Options) => {
      const { out, precision, features, calibration, tolerance, root } = options;
      const onnxOnly = precision ?? features ?? calibration;
      if (!out.endsWith('.onnx') && onnxOnly !== undefined)
        command.error('error: --precision, --features and --calibration are for .onnx');
      if ((precision === 'int8') !== (calibration !== undefined))
        command.error('error: --precision int8 and --calibration <manifest> go together');
      if (tolerance !== undefined && precision !== 'int8')
        command.error('error: --tolerance is for --precision int8');
      const { openModel, saveModel, withCrop } = await import('../models/index.js');
      const { schema, tasks: heads, size, length } = options;
      const opened = await openModel(await modelFile(given), {
        ...(schema && { schema }),
        ...(heads && { tasks: heads }),
        ...(size !== undefined && { inputSize: size }),
        ...(length !== undefined && { length }),
      });
      const model = options.crop ? { ...opened, info: withCrop(opened.info, options.crop) } : opened;
      if (!out.endsWith('.onnx')) {
        await saveModel(out, model.network, model.info);
        console.log(`wrote ${out}`);
        return;
      }
      const { exportOnnx } = await import('../models/onnx/index.js');
      const report = await exportOnnx(out, model, {
        precision: precision ?? 'fp32',
        features: features ?? false,
        ...(calibration !== undefined && { calibration: await loadPictures(calibration, model, root) }),
        ...(tolerance !== undefined && { int8Tolerance: tolerance }),
      });
      console.log(describe(report));
    });
}
