// A recipe: all that decides how a network is trained. A preset gives every value; a file and then the command line change some.

import * as z from 'zod';
import { TASKS } from '../labels/index.js';
import { AUGMENTATION } from '../loading/index.js';
import { CROP } from '../models/index.js';
import { BALANCES } from '../sampling/index.js';
import { DISTILLATION, LOSS } from './losses/index.js';

const files = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);
const count = (least: number) => z.number().int().min(least).max(1e9);

const DATA = z.strictObject({
  /** Manifests, from which the rows that have labels of the task are taken: a path or several. */
  EXPR: files.optional(),
  AU: files.optional(),
  VA: files.optional(),
  /** Folder of the demo set, which is drawn when it is not there; its manifests serve the tasks that have none. */
  demo: z.string().optional(),
  /** How much is drawn. */
  demoScale: z.enum(['small', 'medium', 'large']).default('medium'),
  /** Windows of frames do not run over frames that are missing. */
  splitAtGaps: z.boolean().default(false),
});

const MODEL = z.strictObject({
  /** A name in the table of backbones. */
  backbone: z.string().default('compact'),
  /** Edge of the input, pixels. */
  inputSize: z.number().int().min(8).max(2048).default(112),
  /** Length of each task's feature. */
  hidden: count(1).default(128),
  /** Of the heads. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Weights to start from: of a backbone or of a whole network for pictures. */
  pretrained: z.string().nullable().default(null),
  /** Makes it a network for clips. */
  sequence: z
    .strictObject({
      /** Frames of a window. */
      length: count(2).default(32),
      /** GRU units of each direction. */
      hidden: count(1).default(64),
      /** Trains the GRU heads alone. */
      frozen: z.boolean().default(true),
      /** The network for pictures that all members start from; by default each from its counterpart of the phase before. */
      from: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
});

const INPUT = z.strictObject({
  /** `paper`: crop and mirror; `augmented`: ours; `none`: as in evaluation. */
  transform: z.enum(['augmented', 'paper', 'none']).default('augmented'),
  augmentation: AUGMENTATION.prefault({}),
  /** Evaluation brings the shorter edge to int(enlarge · input size) and takes the centre. */
  enlarge: z.number().min(1).max(4).default(1.1),
  /** How the data's faces were cut out, or what comes nearest to it: readers of pictures and videos cut them so. */
  crop: CROP.nullable().default(null),
  /** Pairs of samples are mixed in shares drawn from Beta(α, α) (Zhang et al. 2018). 0: not. */
  mixup: z.number().min(0).max(10).default(0),
  /** Expressions as raters' shares of votes, where there are votes, instead of one class. */
  votes: z.boolean().default(false),
});

const PER_TASK = z.strictObject({
  EXPR: count(1).default(32),
  AU: count(1).default(32),
  VA: count(1).default(32),
});

const BATCH = z.strictObject({
  /** Pictures (or windows) of each task a step, over all processes together: one number, or one for each task. */
  perTask: z.union([count(1), PER_TASK]).default(32),
  /** Steps whose gradients are summed up before the optimiser moves. */
  accumulate: count(1).default(1),
  /** One forward pass for each task's batch, as the reference, or a joint one for all. */
  forward: z.enum(['joint', 'per-task']).default('joint'),
  balance: z.enum(BALANCES).default('mien'),
  /** Steps an epoch: of the `shortest` task, of the `longest`, or a number. */
  epoch: z.union([z.enum(['shortest', 'longest']), count(1)]).default('longest'),
});

const OPTIMIZER = z.strictObject({
  kind: z.enum(['adam', 'adamw', 'sgd']).default('adamw'),
  lr: z.number().positive().max(1e3).default(1e-3),
  /** Of Adam. */
  betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
  /** Of SGD. */
  momentum: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).max(1e3).default(0.02),
  /** Gradients are scaled down to this norm. */
  clipNorm: z.number().positive().nullable().default(5),
});

const SCHEDULE = z.strictObject({
  kind: z.enum(['cosine', 'constant', 'step']).default('cosine'),
  /** Share of all steps during which the rate rises. Of `cosine` and `constant`. */
  warmUp: z.number().min(0).lt(1).default(0.05),
  /** Of `cosine`: share of the rate that is left at the end. */
  final: z.number().min(0).max(1).default(0.01),
  /** Of `step`: epochs between two drops, and their factor. */
  everyEpochs: count(1).default(3),
  gamma: z.number().positive().max(1).default(0.1),
});

/** What the reference does and should not: for comparing with it. */
const QUIRKS = z.strictObject({
  /** One number for the crop's place and the mirroring of every picture. Of the `paper` transform. */
  sharedRandomNumber: z.number().min(0).lt(1).nullable().default(null),
  /** Students learn from the teacher as it is after its last epoch, not from its best. */
  lastTeacher: z.boolean().default(false),
  /** Batch normalisation and dropout of a frozen network stay in training mode. */
  frozenMoves: z.boolean().default(false),
});

export const PHASE_RECIPE = z.strictObject({
  preset: z.enum(['mien', 'paper']).default('mien'),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  /** A label schema: a built-in one's name, or its definition. Default: the data's. */
  schema: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullable()
    .default(null),
  /** Default: those that there are data for. */
  tasks: z.array(z.enum(TASKS)).min(1).nullable().default(null),
  data: DATA.prefault({}),
  model: MODEL.prefault({}),
  input: INPUT.prefault({}),
  batch: BATCH.prefault({}),
  loss: LOSS.prefault({}),
  distillation: DISTILLATION.prefault({}),
  optimizer: OPTIMIZER.prefault({}),
  schedule: SCHEDULE.prefault({}),
  /** An exponential average of the weights is evaluated, kept and distilled in their place. */
  weightAverage: z
    .strictObject({ decay: z.number().min(0).lt(1).default(0.99) })
    .nullable()
    .prefault({}),
  /** `bf16`: convolutions and matrix products in bfloat16. */
  precision: z.enum(['bf16', 'float32']).default('bf16'),
  teacher: z.strictObject({ epochs: count(1).default(20) }).prefault({}),
  students: z.strictObject({ count: count(0).default(3), epochs: count(1).default(20) }).prefault({}),
  /** Ends a member after so many epochs without a better score. */
  patience: count(1).nullable().default(null),
  /** Minutes between two checkpoints within an epoch. */
  checkpointMinutes: z.number().positive().max(1e6).default(10),
  /** `auto`: CUDA where the engine has it, else the CPU. */
  device: z.string().default('auto'),
  /** Cores that one operator may use; default: the machine's, divided between the processes. */
  threads: count(1).nullable().default(null),
  quirks: QUIRKS.prefault({}),
});

/** How one phase (the network for pictures, or the one for clips) is trained. */
export type PhaseRecipe = z.infer<typeof PHASE_RECIPE>;

/** What the reference trains with, its defects repaired. */
export const PAPER = {
  model: { backbone: 'resnet50-ferplus', dropout: 0 },
  input: { transform: 'paper', enlarge: 1.2 },
  batch: { perTask: 20, forward: 'per-task', balance: 'paper', epoch: 'shortest' },
  optimizer: { kind: 'adam', lr: 1e-4, betas: [0.5, 0.999], weightDecay: 0, clipNorm: null },
  schedule: { kind: 'constant', warmUp: 0 },
  weightAverage: null,
  precision: 'float32',
  teacher: { epochs: 8 },
  students: { count: 5, epochs: 3 },
};

/** What the reference trains a network for clips with, where that differs. */
export const PAPER_SEQUENCE = {
  batch: { balance: 'none' },
  teacher: { epochs: 3 },
};

/** Beyond the reference's losses, which are the defaults. */
export const MIEN = {
  loss: {
    weights: { EXPR: 1, AU: 3, valence: 1, arousal: 1, ccc: 1 },
    labelSmoothing: 0.05,
    bins: 'points',
    labels: 'all',
  },
};
