import { createHash } from 'node:crypto';

import { expect, it } from 'vitest';

import { inAppBrowsers } from '../../devices/data/in-app-browsers.ts';
import { clickIds } from '../click-ids.ts';
import { knownHosts } from '../known-host.ts';
import { channelRules } from './channels.ts';
import { ambiguousNames, assistantNames, taggedNames } from './source-names.ts';
import { builtInRulesVersion } from './version.ts';

/** Of the tables as they are at this version. Whoever changes them dates the version, and puts both here. */
const released = { version: '2026-11-21', digest: 'fa3129fa20ac850d' };

it('dates the version of the rules when a table changes', () => {
  const tables = {
    knownHosts,
    clickIds,
    channelRules,
    inAppBrowsers,
    taggedNames,
    ambiguousNames,
    assistantNames,
  };
  const text = JSON.stringify(tables, (_key, value: unknown): unknown => {
    if (value instanceof Set) return [...(value as ReadonlySet<unknown>)];
    return value instanceof RegExp ? String(value) : value;
  });
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  expect({ version: builtInRulesVersion, digest }).toEqual(released);
});
