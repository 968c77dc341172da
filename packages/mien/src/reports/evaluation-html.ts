// `mien eval --html`: an evaluation on one page that stands alone. Scores first, then what they are made of, then mistakes,
// then how all of it came about.

import type { Evaluation } from '../judging/index.js';
import { type ImageOf, mistakesHtml } from './evaluation-mistakes.js';
import { type Section, titled } from './evaluation-section.js';
import type { JudgedModel } from './evaluation-sections.js';
import { comparisonSentence, endsOf, facesSentence, levelWords, mainMember } from './evaluation-tables.js';
import { escapeHtml, htmlPage, paragraph } from './page.js';
import { score } from './tables.js';

export interface EvaluationPageOptions {
  title: string;
  /** What was judged, a line for each member that has a file. */
  models: readonly JudgedModel[];
  /** Where a judged row's picture lies. Without it mistakes are words alone. */
  imageOf?: ImageOf;
  /** What was typed, for the page's end. */
  commands?: readonly string[];
  /** Whose details are shown. Default: the ensemble, else the one with the highest mean. */
  member?: string;
}

/** What the page opens with. */
function opening(evaluation: Evaluation, main: Evaluation['members'][number]): string[] {
  const interval = endsOf(main.mean);
  const level = evaluation.bootstrap?.level ?? 0;
  const ends =
    interval === undefined ? '' : ` (${levelWords(level)} interval ${interval.map(score).join(' to ')})`;
  const against = evaluation.comparisons.find(({ first }) => first === main.name);
  const sentence = against && comparisonSentence(against);
  return [
    facesSentence(evaluation),
    `${main.name}: mean of tasks ${score(main.mean.value)}${ends}.${sentence === undefined ? '' : ` ${sentence}`}`,
  ];
}

/** @returns HTML with figures and pictures inside; nothing else is needed to read it */
export async function evaluationPage(
  evaluation: Evaluation,
  options: EvaluationPageOptions,
): Promise<string> {
  const { title, models, imageOf, commands } = options;
  const main = mainMember(evaluation, options.member);
  const mistakes = await mistakesHtml(main?.mistakes ?? [], imageOf);
  // With their figures they take a third of a second, which other reports need not wait for.
  const [general, tasks] = await Promise.all([
    import('./evaluation-sections.js'),
    import('./evaluation-task-sections.js'),
  ]);
  const sections: Section[] =
    main === undefined
      ? []
      : [
          general.scoresSection(evaluation, main),
          general.comparisonsSection(evaluation) ?? [],
          tasks.expressionSection(evaluation, main) ?? [],
          tasks.unitSection(evaluation, main) ?? [],
          tasks.affectSection(evaluation, main) ?? [],
          tasks.calibrationSection(evaluation, main) ?? [],
          tasks.riskSection(main) ?? [],
          general.partSections(evaluation, main),
          mistakes.length === 0
            ? []
            : { id: 'mistakes', title: titled('Worst mistakes', evaluation, main), body: mistakes },
          general.membersSections(evaluation),
        ].flat();
  sections.push(general.methodSection(evaluation, models, commands));
  const links = sections.map(
    ({ id, title: name }) => `<a href="#${id}">${escapeHtml(name.split(':')[0] ?? name)}</a>`,
  );
  return htmlPage(title, [
    `<h1>${escapeHtml(title)}</h1>`,
    ...(main === undefined ? [facesSentence(evaluation)] : opening(evaluation, main)).map(paragraph),
    `<nav>${links.join(' · ')}</nav>`,
    ...sections.flatMap(({ id, title: name, body }) => [`<h2 id="${id}">${escapeHtml(name)}</h2>`, ...body]),
  ]);
}
