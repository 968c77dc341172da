// The sections of an evaluation's page. One whose data are not there is left out.

import type { Evaluation, Figure, MemberEvaluation, PartEvaluation } from '../judging/index.js';
import { TASKS } from '../labels/index.js';
import { confusionFigure } from './evaluation-confusion-figure.js';
import { affectFigure, reliabilityFigure, riskFigure } from './evaluation-curve-figures.js';
import { labelsFigure, thresholdFigure } from './evaluation-label-figures.js';
import {
  affectTable,
  calibrationTable,
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
  riskTable,
  unitsTable,
  wholeEnds,
} from './evaluation-tables.js';
import { type IntervalPanel, intervalFigure } from './interval-figure.js';
import { escapeHtml, htmlTable, paragraph } from './page.js';
import type { Table } from './tables.js';
import { TASK_COLOURS, TASK_NAMES } from './tasks.js';

/** HTML below a heading that the page's first lines link to. */
export interface Section {
  /** Of the link. */
  id: string;
  title: string;
  body: readonly string[];
}

const wide = (table: Table) => `<div class="wide">${htmlTable(table)}</div>`;
const wideOr = (table: Table | undefined) => (table === undefined ? [] : [wide(table)]);
const note = (words: string) => `<p class="note">${escapeHtml(words)}</p>`;

function figureHtml(svg: string, caption = ''): string[] {
  if (svg === '') return [];
  return [
    `<figure>${svg}${caption === '' ? '' : `<figcaption>${escapeHtml(caption)}</figcaption>`}</figure>`,
  ];
}

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
      ...figureHtml(figure, intervalCaption(evaluation)),
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
        'Right of the line: the first of the two is better. Both were scored on the same faces in every draw.',
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

export function expressionSection({ members }: Evaluation, main: MemberEvaluation): Section | undefined {
  const { EXPR } = main;
  if (EXPR === undefined) return undefined;
  const others = members.filter((member) => member !== main);
  const labels = EXPR.classes.map((one, c) => ({
    ...one,
    samples: EXPR.samples,
    positives: one.samples,
    others: others.flatMap((member) => member.EXPR?.classes[c]?.f1 ?? []),
  }));
  return {
    id: 'expressions',
    title: `Expressions: ${main.name}`,
    body: [
      ...figureHtml(
        labelsFigure(labels, TASK_COLOURS.EXPR, 'scores of each expression'),
        shareCaption('faces'),
      ),
      wide(classesTable(EXPR)),
      '<h3>What is read as what</h3>',
      ...figureHtml(
        confusionFigure(EXPR),
        'Share of the faces of a true class, and their number. Outlined: read as it is.',
      ),
    ],
  };
}

const shareCaption = (what: string) => `Behind each name: the share of labelled ${what} that show it.`;

export function unitSection(
  { members, clusteredBy }: Evaluation,
  main: MemberEvaluation,
): Section | undefined {
  const { AU } = main;
  if (AU === undefined) return undefined;
  const others = members.filter((member) => member !== main);
  const labels = AU.units.map((unit, k) => ({
    ...unit,
    others: others.flatMap((member) => {
      const one = member.AU?.units[k];
      return one === undefined || one.samples === 0 ? [] : [one.f1];
    }),
  }));
  const curves = thresholdFigure(AU.units);
  const crossFitted = AU.units.some(({ f1CrossFitted }) => f1CrossFitted !== undefined);
  return {
    id: 'units',
    title: `Action units: ${main.name}`,
    body: [
      ...figureHtml(
        labelsFigure(labels, TASK_COLOURS.AU, 'scores of each action unit'),
        shareCaption('faces'),
      ),
      wide(unitsTable(AU)),
      ...(crossFitted
        ? [
            note(
              `F1*: each ${clusteredBy} decided by thresholds that were chosen on others. Where F1 is well above it, its threshold suits these faces by luck.`,
            ),
          ]
        : []),
      ...(curves === ''
        ? []
        : [
            '<h3>What other thresholds would do</h3>',
            ...figureHtml(
              curves,
              'Left to right: the probability above which the unit counts as present; the axis gives more room to small ones. Upright: the threshold in use.',
            ),
          ]),
    ],
  };
}

export function affectSection(main: MemberEvaluation): Section | undefined {
  const { VA, scatter } = main;
  if (VA === undefined) return undefined;
  const panels = (['valence', 'arousal'] as const).map((dimension) => ({
    title: dimension,
    colour: TASK_COLOURS[dimension],
    points: scatter?.[dimension] ?? [],
    ccc: VA[dimension].ccc.value,
  }));
  return {
    id: 'affect',
    title: `Valence and arousal: ${main.name}`,
    body: [
      wide(affectTable(VA, wholeEnds)),
      ...(scatter === undefined
        ? []
        : figureHtml(
            affectFigure(panels),
            'Faces drawn at random. Dashed: read as it is. Flatter than that: the model shies away from extremes.',
          )),
    ],
  };
}

export function calibrationSection({ members }: Evaluation, main: MemberEvaluation): Section | undefined {
  const table = calibrationTable(members);
  if (table === undefined) return undefined;
  const panels = (['EXPR', 'AU'] as const).flatMap((task) => {
    const { reliability = [], calibrationError: error } = main[task] ?? {};
    return reliability.length === 0
      ? []
      : [{ title: TASK_NAMES[task], colour: TASK_COLOURS[task], bins: reliability, error }];
  });
  return {
    id: 'calibration',
    title: 'Can its probabilities be believed',
    body: [
      ...figureHtml(
        reliabilityFigure(panels),
        `${main.name}. Areas of dots: how many faces (or units of faces). On the dashed line what is said with 70 % is right in 70 % of the cases.`,
      ),
      wide(table),
      note(
        'Expected calibration error: mean distance between probability and share, 0 is best. Expressions: of the class that was read. Action units: of every unit.',
      ),
    ],
  };
}

export function riskSection(main: MemberEvaluation): Section | undefined {
  const table = riskTable(main);
  if (table === undefined) return undefined;
  const panels = TASKS.flatMap((task) => {
    const curve = main.riskCoverage?.[task];
    const colour = task === 'VA' ? TASK_COLOURS.valence : TASK_COLOURS[task];
    return curve === undefined ? [] : [{ ...curve, title: TASK_NAMES[task], colour }];
  });
  return {
    id: 'uncertainty',
    title: 'Does disagreement tell mistakes',
    body: [
      paragraph(
        'Faces on which the members disagree most are left out first. Where the curve falls to the left, disagreement is worth something: what is kept is read better than all.',
      ),
      ...figureHtml(riskFigure(panels)),
      wide(table),
      note('Gained: how far it comes from a random order (0 %) to a perfect one (100 %).'),
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
        title: `${title}: ${main.name}`,
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
              ...(expressions ? ['<h3>F1 of each expression</h3>', ...wideOr(expressions)] : []),
              ...(units ? ['<h3>F1 of each action unit</h3>', ...wideOr(units)] : []),
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
