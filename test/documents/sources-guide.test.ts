/** The rules that docs/sources.md shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import type { SourceRule } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

it('takes the rules of docs/sources.md, and classifies by them', async () => {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'sources.md'), 'utf8');
  const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(guide) ?? [];
  const { settings } = JSON.parse(example) as { settings: { source_rules: SourceRule[] } };
  await using hw = await createTestHeadwater({ links: { domains: ['go.example'] } });
  orThrow(await hw.workspaces.update({ settings: { sourceRules: settings.source_rules } }));

  const explain = async (query: string, referrer?: string) => {
    const url = `https://shop.example/${query}`;
    return orThrow(await hw.sources.explain({ url, referrer })).source;
  };
  expect(await explain('podcast/12')).toMatchObject({ source: 'podcast', channel: 'Audio' });
  expect(await explain('?utm_source=acme&utm_medium=Newsletter')).toMatchObject({
    source: 'acme',
    channel: 'Email',
    rule: 'workspace.newsletter',
  });
  expect(await explain('?partner=7', 'https://eu.reseller.example/')).toMatchObject({
    source: 'resellers',
    channel: 'Affiliates',
  });
  expect(await explain('?partner=7')).toMatchObject({ rule: 'direct' });
  const refused = await hw.workspaces.update({
    settings: { sourceRules: [{ name: 'x', when: [], set: { source: 'x' } }] },
  });
  expect(refused).toMatchObject({
    code: 'validation_failed',
    errors: { 'settings.sourceRules[0].when': [expect.stringContaining('(rule "x")')] },
  });
});
