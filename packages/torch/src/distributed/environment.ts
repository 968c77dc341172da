// The variables by which torchrun, and launchers that imitate it, tell a process who it is.
import { LaunchEnvironmentError } from './errors.js';

/** Who a process is and where it meets the others. */
export interface LaunchSettings {
  /** 0 … worldSize − 1, unique. */
  rank: number;
  worldSize: number;
  /** Position among the processes of this machine: the index of its GPU. Default where `rank` is given: the same. */
  localRank: number;
  /** Host at which rank 0 can be reached. */
  masterAddr: string;
  /** Free TCP port there; 0, any, for a group of one. */
  masterPort: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Variable {
  name: string;
  parse: (text: string) => number | string | undefined;
  expected: string;
}

const integer = (low: number, high: number) => (text: string) => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= low && value <= high ? value : undefined;
};

const MAX_RANKS = 1 << 20;
const ANY_PORT = 0;

const VARIABLES: Readonly<Record<keyof LaunchSettings, Variable>> = {
  rank: { name: 'RANK', parse: integer(0, MAX_RANKS), expected: 'an integer ≥ 0' },
  worldSize: { name: 'WORLD_SIZE', parse: integer(1, MAX_RANKS), expected: 'an integer ≥ 1' },
  localRank: { name: 'LOCAL_RANK', parse: integer(0, MAX_RANKS), expected: 'an integer ≥ 0' },
  masterAddr: {
    name: 'MASTER_ADDR',
    parse: (text) => (/^\S+$/.test(text) ? text : undefined),
    expected: 'a host name or address',
  },
  masterPort: { name: 'MASTER_PORT', parse: integer(1, 65535), expected: 'a port, 1 to 65535' },
};

/**
 * What the environment says, after what is given.
 * @param given goes before the environment; variables for what it holds are not looked at
 * @throws LaunchEnvironmentError that names every variable that is missing or malformed
 */
export function readLaunchEnvironment(
  given: Partial<LaunchSettings> = {},
  environment: Environment = process.env,
): LaunchSettings {
  const problems: string[] = [];
  const known: Partial<LaunchSettings> = { ...given };
  // Who says which rank it is was not started by a launcher: then the ranks of one machine are all there are.
  if (known.rank !== undefined) known.localRank ??= known.rank;
  if (known.rank === 0 && known.worldSize === 1) {
    known.masterAddr ??= '127.0.0.1';
    known.masterPort ??= ANY_PORT;
  }
  const read = (key: keyof LaunchSettings) => {
    if (known[key] !== undefined) return known[key];
    const { name, parse, expected } = VARIABLES[key];
    const text = environment[name];
    if (text === undefined) {
      problems.push(`${name} is not set; expected ${expected}`);
      return undefined;
    }
    const value = parse(text.trim());
    if (value === undefined) problems.push(`${name} is '${text}'; expected ${expected}`);
    return value;
  };
  const found = Object.fromEntries(
    (Object.keys(VARIABLES) as (keyof LaunchSettings)[]).map((key) => [key, read(key)]),
  ) as unknown as LaunchSettings;
  if (problems.length === 0 && found.rank >= found.worldSize) {
    problems.push(
      `RANK is ${found.rank} and WORLD_SIZE ${found.worldSize}; expected a rank below the world size`,
    );
  }
  if (problems.length > 0) throw new LaunchEnvironmentError(problems);
  return found;
}

/**
 * torchrun keeps the store in its own process, for every attempt to run the workers, so that rank 0 must not open one.
 * @returns what tells the attempts apart, or undefined where rank 0 keeps the store
 */
export function agentStoreAttempt(environment: Environment = process.env): string | undefined {
  if (environment.TORCHELASTIC_USE_AGENT_STORE !== 'True') return undefined;
  return environment.TORCHELASTIC_RESTART_COUNT ?? '0';
}

/** Network interfaces that Gloo shall use, comma between; '' leaves the choice. */
export function glooInterfaces(environment: Environment = process.env): string {
  return environment.GLOO_SOCKET_IFNAME ?? '';
}
