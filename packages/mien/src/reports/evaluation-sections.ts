// The sections of an evaluation's page about all tasks and members. One whose data are not there is left out.

import type { Evaluation, Figure, MemberEvaluation, PartEvaluation } from '../judging/index.js';
import { figureHtml, note, type Section, titled, wide } from './evaluation-section.js';
import {
  affectTable,
  classesTable,
  comparisonSentence,
  differenceKeys,
  differencesTable,
  editionsTable,
  headlineNotes,
  headlinesOf,
  headlineTable,
  intervalSentence,
  labelsByMember,
  levelWords,
  membersTable,
  namedParts,
  pairName,
  unitsTable,
  wholeEnds,
} from './evaluation-tables.js';
import { type IntervalPanel, intervalFigure } from './interval-figure.js';
import { escapeHtml, paragraph } from './page.js';
import { TASK_COLOURS } from './tasks.js';

/** Panels of the headline figures: one for each score, hollow what is cross-fitted. */
function headlinePanels(parts: readonly PartEvaluation[]): IntervalPanel[] {
  const of = (key: string) => headlinesOf(parts).find((one) => one.key === key);
  return headlinesOf(parts).flatMap((headline): IntervalPanel[] => {
    if (headline.title === 'acc.' || headline.key === 'AU.f1CrossFitted') return [];
    const crossFitted = headline.key === 'AU.f1' ? of('AU.f1CrossFitted') : undefined;
    return [
      {
        title: headline.title,
        colour: TASK_COLOURS[headline.colour],
        figures: parts.map((part) => headline.of(part)),
        ...(crossFitted && { hollow: parts.map((part) => crossFitted.of(part)) }),
      },
    ];
  });
}

/** What dots and lines are, where there are lines. */
function intervalCaption({ bootstrap, members }: Evaluation): string {
  const lines = bootstrap === undefined ? '' : ` Lines: ${levelWords(bootstrap.level)} intervals.`;
  const hollow = members.some(({ AU }) => AU?.f1CrossFitted !== undefined)
    ? ' Hollow: AU F1*, with thresholds chosen on others.'
    : '';
  return `Panels show different stretches of the same length.${lines}${hollow}`;
}

export function scoresSection(evaluation: Evaluation, main: MemberEvaluation): Section {
  const { members } = evaluation;
  const figure = intervalFigure(
    members.map(({ name }) => name),
    headlinePanels(members),
    { label: 'scores of the members with intervals', main: members.indexOf(main) },
  );
  return {
    id: 'scores',
    title: 'Scores',
    body: [
      wide(membersTable(evaluation, wholeEnds)),
      note(headlineNotes(evaluation).join(' ')),
      ...(members.length > 1 ? figureHtml(figure, intervalCaption(evaluation)) : []),
    ],
  };
}

const DIFFERENCE_COLOURS: Readonly<Record<string, string>> = {
  mean: TASK_COLOURS.total,
  'EXPR.f1': TASK_COLOURS.EXPR,
  'AU.f1': TASK_COLOURS.AU,
  'VA.ccc': TASK_COLOURS.valence,
};

export function comparisonsSection(evaluation: Evaluation): Section | undefined {
  const { comparisons, bootstrap } = evaluation;
  const table = differencesTable(evaluation, { shares: bootstrap !== undefined });
  if (table === undefined) return undefined;
  const panels = differenceKeys(evaluation).map(
    ({ key, title }): IntervalPanel => ({
      title,
      colour: DIFFERENCE_COLOURS[key] ?? TASK_COLOURS.total,
      figures: comparisons.map(({ differences }): Figure | undefined => differences[key]),
    }),
  );
  const sentences = comparisons.flatMap((one) => comparisonSentence(one) ?? []);
  return {
    id: 'comparisons',
    title: 'Who is better',
    body: [
      `<ul>\n${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join('\n')}\n</ul>`,
      ...figureHtml(
        intervalFigure(comparisons.map(pairName), panels, {
          label: 'differences between members with intervals',
          differences: true,
        }),
        `Right of the line: the first of the two is better.${bootstrap === undefined ? '' : ' Both are scored on the same faces in every draw.'}`,
      ),
      wide(table),
      ...(bootstrap === undefined
        ? []
        : [
            note(
              `In brackets the ${levelWords(bootstrap.level)} interval of the difference, behind it the share of draws in which the second was at least as good.`,
            ),
          ]),
    ],
  };
}

export function partSections(evaluation: Evaluation, main: MemberEvaluation): Section[] {
  const kinds = [
    { id: 'datasets', title: 'Data sets', what: 'data set', parts: main.datasets },
    { id: 'groups', title: 'Groups of subjects', what: 'group', parts: main.groups },
  ];
  return kinds.flatMap(({ id, title, what, parts }): Section[] => {
    if (parts === undefined) return [];
    const named = namedParts(parts);
    const figure = intervalFigure(
      named.map(([name]) => name),
      headlinePanels(named.map(([, part]) => part)),
      { label: `scores by ${what} with intervals` },
    );
    return [
      {
        id,
        title: titled(title, evaluation, main),
        body: [
          ...figureHtml(figure, intervalCaption(evaluation)),
          wide(headlineTable(named, { ends: wholeEnds, faces: true, what })),
        ],
      },
    ];
  });
}

/** Figures of all members, which the sections above show of one. */
export function membersSections({ members }: Evaluation): Section[] {
  const [expressions, units] = [labelsByMember(members, 'EXPR'), labelsByMember(members, 'AU')];
  const editions = editionsTable(members);
  const several = members.length > 1;
  const details = members.map(
    (member) => `<details>
<summary>${escapeHtml(member.name)}</summary>
${[
  ...(member.EXPR ? [wide(classesTable(member.EXPR))] : []),
  ...(member.AU ? [wide(unitsTable(member.AU))] : []),
  ...(member.VA ? [wide(affectTable(member.VA, wholeEnds))] : []),
].join('\n')}
</details>`,
  );
  return [
    ...(editions
      ? [{ id: 'editions', title: "Scores of the challenge's editions", body: [wide(editions)] }]
      : []),
    ...(several
      ? [
          {
            id: 'members',
            title: 'All members',
            body: [
              ...(expressions ? ['<h3>F1 of each expression</h3>', wide(expressions)] : []),
              ...(units ? ['<h3>F1 of each action unit</h3>', wide(units)] : []),
              '<h3>In detail</h3>',
              ...details,
            ],
          },
        ]
      : []),
  ];
}

export interface JudgedModel {
  name: string;
  file: string;
  description: string;
}

export function methodSection(
  evaluation: Evaluation,
  models: readonly JudgedModel[],
  commands: readonly string[] = [],
): Section {
  const { version, clusteredBy } = evaluation;
  const why =
    clusteredBy === 'face'
      ? 'Neither subjects nor clips are known: faces count as independent. Where they are frames of videos, intervals are too narrow.'
      : `Faces of one ${clusteredBy} are not independent of each other, so ${clusteredBy}s are drawn, not faces.`;
  return {
    id: 'method',
    title: 'How these figures were made',
    body: [
      ...(models.length === 0
        ? []
        : [
            wide({
              head: ['member', 'file', 'what it is'],
              texts: 3,
              rows: models.map(({ name, file, description }) => [name, file, description]),
            }),
          ]),
      paragraph(intervalSentence(evaluation)),
      ...(evaluation.bootstrap === undefined ? [] : [paragraph(why)]),
      paragraph(
        'What is not labelled is not scored: a task, one action unit, one dimension of one face. F1 is 0 where a label neither occurs nor is read.',
      ),
      ...(commands.length === 0 ? [] : [`<pre>${escapeHtml(commands.join('\n'))}</pre>`]),
      note(`Evaluation format ${version}.`),
    ],
  };
}
