// The sections of an evaluation's page about single tasks, of one member. One whose data are not there is left out.

import type { Evaluation, MemberEvaluation } from '../judging/index.js';
import { TASKS } from '../labels/index.js';
import { confusionFigure } from './evaluation-confusion-figure.js';
import { affectFigure, reliabilityFigure, riskFigure } from './evaluation-curve-figures.js';
import { labelsFigure, thresholdFigure } from './evaluation-label-figures.js';
import { figureHtml, note, type Section, titled, wide } from './evaluation-section.js';
import {
  affectTable,
  calibrationTable,
  classesTable,
  riskTable,
  unitsTable,
  wholeEnds,
} from './evaluation-tables.js';
import { paragraph } from './page.js';
import { TASK_COLOURS, TASK_NAMES } from './tasks.js';

export function expressionSection(evaluation: Evaluation, main: MemberEvaluation): Section | undefined {
  const { members } = evaluation;
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
    title: titled('Expressions', evaluation, main),
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

export function unitSection(evaluation: Evaluation, main: MemberEvaluation): Section | undefined {
  const { members, clusteredBy } = evaluation;
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
    title: titled('Action units', evaluation, main),
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

export function affectSection(evaluation: Evaluation, main: MemberEvaluation): Section | undefined {
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
    title: titled('Valence and arousal', evaluation, main),
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
      ...figureHtml(riskFigure(panels), 'Dashed: the mean over all shares, in random and in perfect order.'),
      wide(table),
      note('Gained: how far it comes from a random order (0 %) to a perfect one (100 %).'),
    ],
  };
}
