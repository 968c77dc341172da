// What is wrong in files of predictions and labels, and what scoring says about it: file, row, what was found, what was
// expected. The files stand in `support/malformed`.

import { isDataError } from 'mien/files';
import { describe, expect, it } from 'vitest';
import { tree } from '../../support/malformed/case.js';
import { MALFORMED_PREDICTIONS } from '../../support/malformed/predictions.js';

describe('a malformed file ends scoring with its place, what was found and what was expected:', () => {
  it.each(MALFORMED_PREDICTIONS)('$what', async ({ files, run, message }) => {
    const root = tree(files);
    const error: unknown = await run(root).catch((reason: unknown) => reason);
    expect(error).toSatisfy(isDataError);
    expect((error as Error).message.replaceAll(root, 'ROOT')).toMatch(message);
  });
});
