import { parseNpy } from 'mien/files';
import { describe, expect, it } from 'vitest';
import { npyBytes, npyNumbers, npyText } from '../support/importing.js';

/** Written by NumPy 2.4: `numpy.save(f, numpy.array('-0.25'))`. */
const TEXT_BY_NUMPY =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPFU1JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAotAAAAMAAAAC4AAAAyAAAANQAAAA==';

describe('parseNpy', () => {
  it('reads what NumPy wrote', () => {
    expect(parseNpy('f', Buffer.from(TEXT_BY_NUMPY, 'base64'))).toEqual({ shape: [], values: ['-0.25'] });
  });

  it.each([
    ['<f4', new Uint8Array(Float32Array.of(0.5, -2).buffer), [0.5, -2]],
    ['<i8', new Uint8Array(BigInt64Array.of(7n, -9n).buffer), [7, -9]],
    ['<i2', new Uint8Array(Int16Array.of(300, -1).buffer), [300, -1]],
    ['|u1', Uint8Array.of(1, 255), [1, 255]],
    ['|b1', Uint8Array.of(1, 0), [1, 0]],
    ['|S3', Buffer.from('abcd\0\0'), ['abc', 'd']],
  ])('reads numbers and texts of type %s', (descr, data, values) => {
    expect(parseNpy('f', npyBytes(descr, [2], data))).toEqual({ shape: [2], values });
  });

  it('reads arrays and single texts, wherever their bytes begin', () => {
    const shifted = Buffer.concat([Buffer.of(0), npyNumbers([0.25, 3])]).subarray(1);
    expect(parseNpy('f', shifted).values).toEqual([0.25, 3]);
    expect(parseNpy('f', npyText('7')).values).toEqual(['7']);
  });

  it('reads versions 2 and 3, whose headers may be longer', () => {
    const version1 = npyNumbers([1, 2]);
    for (const version of [2, 3]) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(version1.readUInt16LE(8));
      const bytes = Buffer.concat([
        version1.subarray(0, 6),
        Buffer.of(version, 0),
        length,
        version1.subarray(10),
      ]);
      expect(parseNpy('f', bytes).values).toEqual([1, 2]);
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0), /f: found an empty file/],
    ['a text', Buffer.from('1.0000000e+00 and more'), /found something else; expected a NumPy array/],
    ['a header that is cut off', npyNumbers([1]).subarray(0, 40), /cut off in its header/],
    ['data that are cut off', npyNumbers([1, 2]).subarray(0, -1), /found 15 bytes of data; expected 16/],
    ['big-endian numbers', npyBytes('>f8', [1], new Uint8Array(8)), /found NumPy type >f8/],
    ['a pickled object', npyBytes('|O', [1], new Uint8Array(8)), /found NumPy type \|O/],
    ['Fortran order', npyBytes('<f8', [2, 2], new Uint8Array(32), true), /found an array in Fortran order/],
    [
      'a newer version',
      Buffer.concat([npyText('1').subarray(0, 6), Buffer.of(9, 0, 0, 0, 0, 0)]),
      /version 9/,
    ],
    ['characters beyond Unicode', npyBytes('<U1', [], Buffer.of(255, 255, 255, 255)), /beyond Unicode/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseNpy('f', bytes)).toThrow(message);
  });
});
