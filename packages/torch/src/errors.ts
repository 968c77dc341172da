/** An error that libtorch, or the check of arguments before it, reported. */
export class TorchError extends Error {
  /** Schema of the operator that was called, one line for each overload; '' where no operator was called. */
  readonly schema: string;

  constructor(message: string, schema = '') {
    // Where no overload fitted, the message lists them already.
    const told = schema === '' || message.includes(schema.split('\n', 1)[0] as string);
    super(told ? message : `${message}\n  schema: ${schema}`);
    this.name = 'TorchError';
    this.schema = schema;
  }
}

export function isTorchError(error: unknown): error is TorchError {
  return error instanceof TorchError;
}
