import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';
import type { Link } from '../links/link.ts';
import { classifySource } from '../sources/classify.ts';

const ownHosts = new Set(['shop.test']);
const affiliates = {
  name: 'affiliates',
  when: [{ field: 'utm_medium', is: ['newsletter'] }],
  set: { channel: 'Affiliates' },
} as const;

let context: TestContext;
let people: People;
let link: Link;
beforeAll(async () => {
  context = await openTestContext('pglite', { ownHosts: [...ownHosts] });
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
  link = orThrow(
    await people.hw.links.create({
      domain: `go-${people.workspace.id.slice(-12)}.test`,
      key: 'spring',
      url: 'https://shop.test/',
      utmSource: 'acme',
      utmMedium: 'newsletter',
    }),
  );
});

async function click(who: string, at: number): Promise<string> {
  const url = `https://${link.domain}/spring`;
  const source = classifySource({ url, ownHosts, link, landing: false });
  const more = { url, linkId: link.id, arrival: { source } };
  return (await people.see(who, at, { type: 'link_click', more })).eventId;
}

async function land(who: string, at: number, clickId: string): Promise<void> {
  const url = `https://shop.test/?hw_click=${clickId}`;
  const source = classifySource({ url, ownHosts, landing: true });
  await people.see(who, at, { type: 'pageview', more: { url, arrival: { source, clickId } } });
}

async function touches() {
  return context.database.run<{ kind: string; rule: string; channel: string }>(
    {
      name: '',
      text: 'select kind, rule, channel from headwater.touch where workspace_id = $1 order by occurred_at, id',
    },
    [people.workspace.id],
  );
}

const reclassify = async (dryRun = false) =>
  orThrow(await people.hw.sources.reclassify({ workspaceId: people.workspace.id, dryRun }));

describe('a click on a link and the landing of somebody it was handed on to', () => {
  beforeEach(async () => {
    const clickId = await click('device:1', 0);
    await land('device:1', 1, clickId);
    await land('device:friend', 120, clickId);
    await people.see('device:friend', 130, {
      type: 'sale',
      more: { amountMinor: '1000', currency: 'USD' },
    });
  });

  it('are classified alike by the rules of now, stay what they are, and credit follows', async () => {
    const [before, landing] = await touches();
    expect(before).toMatchObject({ kind: 'click', channel: 'Unassigned' });
    expect(landing).toEqual({ kind: 'campaign', rule: 'own_link', channel: 'Unassigned' });

    const { id: workspaceId } = people.workspace;
    orThrow(
      await people.hw.workspaces.update(
        { settings: { sourceRules: [affiliates] } },
        { workspaceId },
      ),
    );
    expect(await reclassify(true)).toEqual({ touches: 2, changed: 2, left: 0 });
    expect(await reclassify()).toEqual({ touches: 2, changed: 2, left: 0 });
    expect(await touches()).toEqual([
      {
        kind: 'click',
        rule: expect.stringContaining('workspace.affiliates'),
        channel: 'Affiliates',
      },
      { kind: 'campaign', rule: 'own_link', channel: 'Affiliates' },
    ]);
    const { rows } = orThrow(
      await people.hw.attribution.report(
        { from: new Date(noon - 1), to: new Date(noon + 86_400_000) },
        { workspaceId },
      ),
    );
    expect(rows.map(({ value }) => value)).toEqual(['Affiliates']);
    expect(await reclassify()).toMatchObject({ changed: 0 });
    await assertSound(context, people.workspace);
  });

  it('have the tags that the link has now', async () => {
    const { id: workspaceId } = people.workspace;
    orThrow(await people.hw.links.update(link.id, { utmMedium: 'email' }, { workspaceId }));
    expect(await reclassify()).toEqual({ touches: 2, changed: 2, left: 0 });
    expect((await touches()).map(({ channel }) => channel)).toEqual(['Email', 'Email']);
    await assertSound(context, people.workspace);
  });
});
