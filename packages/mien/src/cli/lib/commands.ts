// Tables of commands: a command's file is imported only when its name is on the command line, so that help stays quick.

import type { Command } from 'commander';

export interface CommandFile {
  /** Adds options, arguments and the action; or commands of its own. @param words the command line */
  define(command: Command, words: readonly string[]): void | Promise<void>;
}

export type CommandTable = Readonly<Record<string, { summary: string; load: () => Promise<CommandFile> }>>;

export async function defineCommands(
  parent: Command,
  table: CommandTable,
  words: readonly string[],
): Promise<void> {
  for (const [name, { summary, load }] of Object.entries(table)) {
    const command = parent.command(name).description(summary);
    if (words.includes(name)) await (await load()).define(command, words);
  }
}
