// Files for the test sets of the challenges: written, and checked before they are sent.

export {
  type CheckOptions as SubmissionCheckOptions,
  checkSubmission,
  describeProblem,
  PROBLEMS_PER_FILE,
  type SubmissionCheck,
  type SubmissionProblem,
} from './check.js';
export { SUBMISSION_EDITIONS, type SubmissionEdition, type SubmissionEditionName } from './editions.js';
export { type SubmissionSource, type WrittenFile, writeSubmission } from './write.js';
