// Prints "N passed, N failed, N skipped" from vitest's JSON report. Exit code 1 when a test failed or none ran.

import { existsSync, readFileSync } from 'node:fs';

const OUTCOME = {
  passed: 'passed',
  failed: 'failed',
  pending: 'failed', // begun or waiting when its process died: the report itself calls such a file passed
  skipped: 'skipped',
  todo: 'skipped',
  disabled: 'skipped',
};

const file = process.argv[2] ?? '';
if (!existsSync(file)) {
  console.error('no test report was written: the tests did not start');
  process.exit(1);
}
const report = JSON.parse(readFileSync(file, 'utf8'));
const count = { passed: 0, failed: 0, skipped: 0 };
for (const { status, assertionResults } of report.testResults) {
  const outcomes = assertionResults.map((test) => OUTCOME[test.status] ?? 'failed');
  for (const outcome of outcomes) count[outcome]++;
  if (status === 'failed' && !outcomes.includes('failed')) count.failed++; // a file that does not load has no tests
}
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
