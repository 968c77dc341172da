// Weights that others published for backbones here: none ships with this program, so each is told by its file's name.

import { basename } from 'node:path';
import type { Normalization } from '../loading/index.js';
import { backboneOf } from './registry.js';

export interface PretrainedWeights {
  /** Short, as in `ferplus`. */
  readonly name: string;
  /** Name in the registry. */
  readonly backbone: string;
  /** The file's name where it is published. */
  readonly file: string;
  /** The folder that it is published in. */
  readonly source: string;
  /** What it was trained on, and by whom. */
  readonly origin: string;
  /** As its source states it. */
  readonly licence: string;
  /** What the pixels were in its training. */
  readonly normalization: Normalization;
}

type Stated = Omit<PretrainedWeights, 'normalization'>;

const ALBANIE = 'http://www.robots.ox.ac.uk/~albanie/models/pytorch-mcn/';

/** torchvision's: name, backbone, file. */
const TORCHVISION: readonly (readonly [string, string, string])[] = [
  ['imagenet-resnet18', 'resnet18', 'resnet18-f37072fd.pth'],
  ['imagenet-resnet34', 'resnet34', 'resnet34-b627a593.pth'],
  ['imagenet-resnet50', 'resnet50', 'resnet50-0676ba61.pth'],
  ['imagenet-resnet50-v2', 'resnet50', 'resnet50-11ad3fa6.pth'],
  ['imagenet-resnext50', 'resnext50_32x4d', 'resnext50_32x4d-7cdf4587.pth'],
  ['imagenet-resnext50-v2', 'resnext50_32x4d', 'resnext50_32x4d-1a0047aa.pth'],
  ['imagenet-mobilenetv3', 'mobilenetv3-large', 'mobilenet_v3_large-8738ca79.pth'],
  ['imagenet-mobilenetv3-v2', 'mobilenetv3-large', 'mobilenet_v3_large-5c1a4163.pth'],
  ['imagenet-efficientnet', 'efficientnet-b0', 'efficientnet_b0_rwightman-7f5810bc.pth'],
];

const STATED: readonly Stated[] = [
  {
    name: 'ferplus',
    backbone: 'resnet50-ferplus',
    file: 'resnet50_ferplus_dag.pth',
    source: ALBANIE,
    origin: 'VGGFace2, then FER+ with 8 expressions; Albanie et al. 2018, arXiv 1808.05561',
    licence: 'none stated by its source',
  },
  {
    name: 'sfew',
    backbone: 'resnet50-sfew',
    file: 'resnet50_face_sfew_dag.pth',
    source: ALBANIE,
    origin: 'SFEW with 7 expressions; Albanie and Vedaldi 2016, Learning Grimaces by Watching TV',
    licence: 'none stated by its source, which says of SFEW that it is for research use',
  },
  ...TORCHVISION.map(([name, backbone, file]) => ({
    name,
    backbone,
    file,
    source: 'https://download.pytorch.org/models/',
    origin: 'ImageNet-1k with 1000 classes; torchvision',
    licence: 'torchvision is under BSD-3-Clause and says that terms of the data set may bind its weights',
  })),
];

export const PRETRAINED: ReadonlyMap<string, PretrainedWeights> = new Map(
  STATED.map((one) => [one.name, { ...one, normalization: backboneOf(one.backbone).normalization }]),
);

/** What is known of a file, by its name. */
export function pretrainedOf(path: string): PretrainedWeights | undefined {
  const name = basename(path);
  return [...PRETRAINED.values()].find(({ file }) => file === name);
}
