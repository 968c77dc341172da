import { describe, expect, it } from 'vitest';
import { CheckpointError, readSafetensors } from '../../src/checkpoints/index.js';
import { int64, ops } from './make-pth.js';
import { fileOf, temporaryFolder } from './temporary.js';

// The format's rules, one by one, each with a file that breaks it.
const folder = temporaryFolder();

/** A file of a header as it stands, and data. */
function made(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): string {
  const bytes = typeof header === 'string' ? Buffer.from(header, 'utf8') : header;
  return fileOf(folder, ops(int64(bytes.length), bytes, data), 'safetensors');
}

describe('safetensors rules', () => {
  const tensors = (...entries: string[]) => `{${entries.join(',')}}`;
  const entry = (name: string, dtype: string, shape: string, offsets: string) =>
    `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const u8 = (name: string, begin: number, end: number) =>
    entry(name, 'U8', `[${end - begin}]`, `[${begin},${end}]`);
  const four = new Uint8Array(4);

  it.each([
    ['a file of less than 8 bytes', ops('{}'), /the length of the header needs 8 bytes, 2 are left/],
    [
      'a header beyond 100 MB',
      ops(int64(100_000_001), '{}'),
      /claims 100000001 bytes, where at most 100000000/,
    ],
    ['a header of 2^64 - 1 bytes', ops(int64(-1n), '{}'), /claims 18446744073709551615 bytes/],
    ['a header beyond the file', ops(int64(3), '{}'), /the header needs 3 bytes, 2 are left/],
  ])('%s', async (_, bytes, message) => {
    const path = fileOf(folder, bytes, 'safetensors');
    await expect(readSafetensors(path)).rejects.toThrow(message);
    await expect(readSafetensors(path)).rejects.toBeInstanceOf(CheckpointError);
  });

  it.each<[string, string | Uint8Array, Uint8Array, RegExp]>([
    ['an empty header', '', four, /does not begin with "\{"/],
    ['a header that is an array', '[]', four, /does not begin with "\{" \(found "\[\]"\)/],
    ['whitespace in front', ' {}', four, /does not begin with "\{"/],
    ['bytes that are not UTF-8', ops('{"', 0xc3, 0x28, '":1}'), four, /not valid UTF-8/],
    ['a second object', '{} {}', new Uint8Array(0), /goes on after its object \(found "\{\}"\)/],
    ['a header that ends early', '{"a":', new Uint8Array(0), /found its end/],
    ['a string without end', '{"a', new Uint8Array(0), /a string has no end/],
    ['an invalid escape', '{"\\x":1}', new Uint8Array(0), /not valid JSON/],
    ['half a surrogate pair', '{"\\ud800":1}', new Uint8Array(0), /half of a surrogate pair/],
    ['a trailing comma', `{${u8('a', 0, 4)},}`, four, /a string is missing \(found "\}"\)/],
    ['a missing comma', `{${u8('a', 0, 2)} ${u8('b', 2, 4)}}`, four, /"," or "\}" is missing/],
    ['a missing colon', '{"a" {}}', four, /":" is missing after "a"/],
    [
      'two tensors of one name',
      tensors(u8('a', 0, 2), u8('a', 2, 4)),
      four,
      /the header has the key "a" twice/,
    ],
    ['one name in two spellings', tensors(u8('a', 0, 2), u8('\\u0061', 2, 4)), four, /the key "a" twice/],
    ['a field twice', '{"a":{"dtype":"U8","dtype":"U8"}}', four, /tensor "a" has the key "dtype" twice/],
    ['an unknown field', '{"a":{"stride":[1]}}', four, /field "stride", which the format does not know/],
    ['no dtype', '{"a":{"shape":[4],"data_offsets":[0,4]}}', four, /tensor "a" has no dtype/],
    ['no shape', '{"a":{"dtype":"U8","data_offsets":[0,4]}}', four, /tensor "a" has no shape/],
    ['no offsets', '{"a":{"dtype":"U8","shape":[4]}}', four, /tensor "a" has no data_offsets/],
    ['an unknown dtype', tensors(entry('a', 'U7', '[4]', '[0,4]')), four, /unknown dtype "U7"/],
    [
      'a dtype that PyTorch spells so',
      tensors(entry('a', 'float32', '[1]', '[0,4]')),
      four,
      /unknown dtype "float32"/,
    ],
    [
      'a dtype of the format alone',
      tensors(entry('a', 'F8_E4M3', '[4]', '[0,4]')),
      four,
      /"F8_E4M3", which is not supported/,
    ],
    ['a negative size', tensors(entry('a', 'U8', '[-4]', '[0,4]')), four, /shape of tensor "a" has -4/],
    [
      'a fractional size',
      tensors(entry('a', 'U8', '[4.0]', '[0,4]')),
      four,
      /has 4\.0, where a natural number/,
    ],
    [
      'a size with an exponent',
      tensors(entry('a', 'U8', '[4e0]', '[0,4]')),
      four,
      /has 4e0, where a natural number/,
    ],
    [
      'a size with a leading zero',
      tensors(entry('a', 'U8', '[04]', '[0,4]')),
      four,
      /has 04, where a natural number/,
    ],
    ['a size as text', tensors(entry('a', 'U8', '["4"]', '[0,4]')), four, /a number is missing/],
    [
      'a size of 2^53',
      tensors(entry('a', 'U8', '[9007199254740992]', '[0,4]')),
      four,
      /has 9007199254740992/,
    ],
    [
      'a product that overflows',
      tensors(entry('a', 'U8', '[4294967296,4294967296]', '[0,4]')),
      four,
      /more than can be counted/,
    ],
    [
      'a product that overflows by its type',
      tensors(entry('a', 'F64', '[4503599627370496]', '[0,4]')),
      four,
      /more than can be counted/,
    ],
    [
      'a shape that is a number',
      tensors(entry('a', 'U8', '4', '[0,4]')),
      four,
      /shape of tensor "a" does not begin with "\["/,
    ],
    [
      'too few bytes for the shape',
      tensors(entry('a', 'F32', '[2]', '[0,4]')),
      four,
      /4 bytes of data, where float32 of shape \[2\] takes 8/,
    ],
    [
      'too many bytes for the shape',
      tensors(entry('a', 'U8', '[3]', '[0,4]')),
      four,
      /4 bytes of data, where uint8 of shape \[3\] takes 3/,
    ],
    [
      'offsets that run backwards',
      tensors(entry('a', 'U8', '[0]', '[0,0]'), entry('b', 'U8', '[2]', '[0,-2]')),
      four,
      /has -2/,
    ],
    [
      'an end before the begin',
      tensors(u8('a', 0, 4), entry('b', 'U8', '[0]', '[4,3]')),
      four,
      /tensor "b" ends at 3, before it begins/,
    ],
    ['one offset', tensors(entry('a', 'U8', '[4]', '[0]')), four, /are not two numbers/],
    ['three offsets', tensors(entry('a', 'U8', '[4]', '[0,4,8]')), four, /are not two numbers/],
    [
      'a hole in front',
      tensors(u8('a', 1, 4)),
      four,
      /tensor "a" leaves a hole: its data begins at 1, where 0 is expected/,
    ],
    [
      'a hole between',
      tensors(u8('a', 0, 1), u8('b', 2, 4)),
      four,
      /tensor "b" leaves a hole.*at 2, where 1/,
    ],
    ['an overlap', tensors(u8('a', 0, 3), u8('b', 2, 4)), four, /tensor "b" overlaps.*at 2, where 3/],
    ['one tensor over another', tensors(u8('a', 0, 4), u8('b', 0, 4)), four, /tensor "b" overlaps/],
    ['bytes that belong to no tensor', tensors(u8('a', 0, 3)), four, /take 3 bytes, but 4 follow/],
    ['data that is cut', tensors(u8('a', 0, 5)), four, /take 5 bytes, but 4 follow/],
    ['data without tensors', '{}', four, /take 0 bytes, but 4 follow/],
    [
      'metadata that is not an object',
      '{"__metadata__":[]}',
      new Uint8Array(0),
      /__metadata__ does not begin with "\{"/,
    ],
    [
      'metadata that is not text',
      '{"__metadata__":{"epoch":3}}',
      new Uint8Array(0),
      /value that is not a string \(found "3\}\}"\)/,
    ],
    [
      'a metadata key twice',
      '{"__metadata__":{"a":"","a":""}}',
      new Uint8Array(0),
      /__metadata__ has the key "a" twice/,
    ],
    [
      'metadata twice',
      '{"__metadata__":{},"__metadata__":{}}',
      new Uint8Array(0),
      /the header has the key "__metadata__" twice/,
    ],
  ])('refuses %s', async (_, text, data, message) => {
    const path = made(text, data);
    let error: unknown;
    try {
      await readSafetensors(path);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).message).toMatch(message);
    expect((error as CheckpointError).file).toBe(path);
  });
});
