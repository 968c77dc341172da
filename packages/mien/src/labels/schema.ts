// A label schema is a named, ordered list of action units and expression classes. Order is meaning: it is the order
// of a network's outputs and of the columns in challenge files. Every file with labels or predictions names its schema.

/** A facial action unit by its FACS number, such as `AU12`. */
export type ActionUnit = `AU${number}`;

export interface LabelSchema {
  readonly name: string;
  /** In output order. May be empty: a schema without action units. */
  readonly actionUnits: readonly ActionUnit[];
  /** In output order, lower-case. May be empty: a schema without expressions. */
  readonly expressions: readonly string[];
}

/** The FG-2020 challenge on Aff-Wild2 (ABAW 1): 8 action units, 7 expressions. */
export const ABAW1: LabelSchema = {
  name: 'abaw1',
  actionUnits: ['AU1', 'AU2', 'AU4', 'AU6', 'AU12', 'AU15', 'AU20', 'AU25'],
  expressions: ['neutral', 'anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise'],
};

/** The challenges from 2022 on (ABAW 3 and later): 12 action units, 8 classes with "other". */
export const ABAW3: LabelSchema = {
  name: 'abaw3',
  actionUnits: ['AU1', 'AU2', 'AU4', 'AU6', 'AU7', 'AU10', 'AU12', 'AU15', 'AU23', 'AU24', 'AU25', 'AU26'],
  expressions: ['neutral', 'anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'other'],
};

/** Schemas that are known by name. */
export const SCHEMAS: ReadonlyMap<string, LabelSchema> = new Map(
  [ABAW1, ABAW3].map((one) => [one.name, one]),
);

/** What is wrong with a schema, in words that follow "the label schema". */
export class LabelSchemaError extends Error {
  override readonly name = 'LabelSchemaError';
}

export const isActionUnit = (text: string): text is ActionUnit => /^AU[1-9]\d?$/.test(text);

function namesIn(value: unknown, field: string): string[] {
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string' || one === ''))
    throw new LabelSchemaError(`"${field}" is ${JSON.stringify(value)}; expected a list of names`);
  const twice = value.find((one, i) => value.indexOf(one) !== i);
  if (twice !== undefined) throw new LabelSchemaError(`"${field}" names ${twice} twice`);
  return value;
}

/**
 * Checks a user's schema, as read from JSON or YAML: `{ name, actionUnits: ['AU1', …], expressions: ['neutral', …] }`.
 * @throws LabelSchemaError naming the field, what was found and what was expected
 */
export function parseLabelSchema(value: unknown): LabelSchema {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LabelSchemaError('is no object with "name", "actionUnits" and "expressions"');
  const { name, actionUnits = [], expressions = [], ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined)
    throw new LabelSchemaError(`has "${unknown}"; expected only "name", "actionUnits" and "expressions"`);
  if (typeof name !== 'string' || name === '') throw new LabelSchemaError('has no "name"');
  const units = namesIn(actionUnits, 'actionUnits');
  const odd = units.find((unit) => !isActionUnit(unit));
  if (odd !== undefined)
    throw new LabelSchemaError(`"actionUnits" has "${odd}"; expected names such as "AU12"`);
  const classes = namesIn(expressions, 'expressions').map((one) => one.toLowerCase());
  const known = SCHEMAS.get(name);
  const schema = { name, actionUnits: units.filter(isActionUnit), expressions: classes };
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
    throw new LabelSchemaError(
      `is called "${name}", which is the name of a built-in schema with other labels`,
    );
  return schema;
}
