import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { listModels } from 'headwater/contract';
import { creditPaths, parseModel, readModelList } from 'headwater/models';
import type { GroupedPath } from 'headwater/models';

import { CommandFailure, exitCodes } from '../failure.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused } from './attribution-flags.ts';

export function printModels(terminal: Terminal): void {
  const models = listModels();
  if (terminal.json) return terminal.print(JSON.stringify(models));
  terminal.print(
    formatTable(
      ['model', 'parameters', 'what it does'],
      models.map(({ name, parameters, description }) => [
        name,
        Object.entries(parameters)
          .map(([parameter, { default: value }]) => `${parameter}=${value}`)
          .join(';'),
        description,
      ]),
    ),
  );
}

/** A model on paths of one's own, one JSON document on each line. */
export async function creditOwnPaths(
  terminal: Terminal,
  { model: named, file }: { readonly model: string; readonly file: string },
): Promise<void> {
  const choices = readModelList(named);
  if (!choices.ok) throw refused(choices);
  const [choice, ...others] = choices.value;
  if (choice === undefined || others.length > 0)
    throw new CommandFailure('name one model', exitCodes.misused);
  const { model: name, ...parameters } = typeof choice === 'string' ? { model: choice } : choice;
  const model = parseModel(name, parameters);
  if (!model.ok) throw refused(model);
  const credits = creditPaths(model.value, await readPaths(file));
  if (!credits.ok) throw refused(credits);
  if (terminal.json) {
    const rows = credits.value.map(({ valueMinor, ...credit }) => ({
      ...credit,
      value: Number(valueMinor),
    }));
    terminal.print(JSON.stringify(rows));
    return;
  }
  terminal.print(
    formatTable(
      ['channel', 'conversions', 'share', 'value'],
      credits.value.map(({ channel, conversions, share, valueMinor }) => [
        channel,
        conversions.toFixed(4),
        `${(share * 100).toFixed(2)} %`,
        String(valueMinor),
      ]),
      [1, 2, 3],
    ),
  );
}

async function readPaths(file: string): Promise<GroupedPath[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const paths: GroupedPath[] = [];
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    paths.push(readPath(line, `${file}, line ${number}`));
  }
  return paths;
}

function readPath(line: string, where: string): GroupedPath {
  const wrong = (rule: string): CommandFailure =>
    new CommandFailure(`${where}: ${rule}`, exitCodes.misused);
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw wrong('is not JSON');
  }
  const {
    channels,
    conversions = 0,
    nulls = 0,
    value = 0,
  } = (parsed ?? {}) as Readonly<Record<string, unknown>>;
  if (!isListOfTexts(channels)) throw wrong('channels must be a list of texts');
  if (![conversions, nulls].every((count) => typeof count === 'number' && count >= 0))
    throw wrong('conversions and nulls must be numbers, 0 or more');
  if (!Number.isSafeInteger(value)) throw wrong('value must be a whole number of minor units');
  return {
    channels,
    conversions: conversions as number,
    nulls: nulls as number,
    valueMinor: BigInt(value as number),
  };
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
