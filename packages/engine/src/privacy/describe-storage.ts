import type { Tables } from '../store/tables.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { privacyRules } from './privacy-rules.ts';
import type { PrivacyRules } from './privacy-rules.ts';
import { tableRules } from './table-rule.ts';
import type { TableRule } from './table-rule.ts';

/** What is stored of people under a workspace's settings. */
export interface PrivacyStatement {
  readonly rules: PrivacyRules;
  readonly tables: ReadonlyArray<{
    readonly name: keyof Tables;
    readonly holds: TableRule['holds'];
    readonly says: string;
    /** Only of tables that hold people. */
    readonly whenForgotten?: 'erased' | 'blanked';
  }>;
  /** In sentences, for people. */
  readonly sentences: readonly string[];
}

export function privacyStatement(workspace: Workspace): PrivacyStatement {
  const rules = privacyRules(workspace.settings);
  const names = Object.keys(tableRules) as Array<keyof Tables>;
  return {
    rules,
    tables: names.map((name) => {
      const rule: TableRule = tableRules[name];
      return {
        name,
        holds: rule.holds,
        says: rule.says,
        ...(rule.holds === 'people' && { whenForgotten: rule.whenForgotten }),
      };
    }),
    sentences: sentencesOf(rules),
  };
}

function sentencesOf(rules: PrivacyRules): string[] {
  const { retention } = rules;
  const kept = (days: number | undefined): string =>
    days === undefined ? 'without a limit' : `for ${days} days`;
  return [
    rules.cookie === undefined
      ? 'No cookie recognises browsers.'
      : `Browsers are recognised by a first-party cookie with a random value, of which only a keyed hash is stored; it lives for ${rules.cookie.days} days from the ${rules.cookie.renewed ? 'last' : 'first'} visit.`,
    rules.networks
      ? 'Of an address only the network is stored (IPv4 without its last byte, IPv6 without its last 80 bits).'
      : 'No part of an address is stored.',
    rules.people
      ? 'External ids, emails and phones that the product passes on are stored encrypted, and recognised by a keyed hash.'
      : 'External ids, emails, phones and names are not stored, and visitors are never joined to people.',
    rules.clickIds
      ? `Ids of advertising clicks are stored ${kept(retention.clickIds)}.`
      : 'Ids of advertising clicks are not stored, and are cut out of addresses.',
    ...(rules.fingerprints ? [] : ['Fingerprints of devices are not stored.']),
    `Events are stored ${kept(retention.events)}, those of machines ${kept(retention.machineEvents)}.`,
    `Visits are stored ${kept(retention.visits)}, arrivals and conversions ${kept(retention.attribution)}, what joined visitors ${kept(retention.evidence)}.`,
    'Of who asks to be forgotten stay blank rows and keyed hashes, which keep them from being recorded again, and totals.',
  ];
}
