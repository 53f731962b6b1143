import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { saveLinks } from '../links/save-links.ts';
import type { OnExisting, SavedLink, SaveLinkRefusal } from '../links/save-links.ts';
import { emptyLink } from '../links/link.ts';
import type { WriteOptions } from '../store/database.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { addressesOf, toLinkInput } from './foreign-link.ts';
import type { ForeignAddress } from './foreign-link.ts';
import { inSteps } from './in-steps.ts';
import { linkSources, readForeignLink } from './link-format.ts';
import type { ForeignLink, LinkSource } from './link-format.ts';
import { readRecord } from './link-record.ts';
import { readLinkRows } from './read-link-rows.ts';

export interface ImportLinksInput {
  /** Whose export it is. @default 'csv' */
  readonly from?: LinkSource | undefined;
  /** The whole file. */
  readonly content: string;
  /** Where the links go to. @default the domains in the file */
  readonly domain?: string | undefined;
  /** What happens to links that are here already. @default 'skip' */
  readonly onExisting?: Exclude<OnExisting, 'refuse'> | undefined;
  /** Says what would happen, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

export interface ImportLinksOptions extends WriteOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedLink {
  /** The line of CSV, or the number of the entry. */
  readonly row: number;
  readonly outcome: SavedLink['outcome'];
  readonly domain: string | undefined;
  readonly key: string | undefined;
  readonly url: string | undefined;
  readonly linkId?: string | undefined;
  /** Why it is refused, by field and rule. */
  readonly refusal?: SaveLinkRefusal | undefined;
  /** Why it is skipped, and what there is no place for here. */
  readonly notes: readonly string[];
}

export interface ImportLinksReport {
  readonly dryRun: boolean;
  readonly counts: Readonly<Record<SavedLink['outcome'], number>>;
  readonly links: readonly ImportedLink[];
  /** Columns with values that nothing was made of. */
  readonly ignoredColumns: readonly string[];
  /** Whether it was stopped before the end; the same call goes on where it was. */
  readonly stopped: boolean;
}

const linksAtOnce = 500;

/**
 * Takes in the links of another product. Each row is judged by itself; what is here already is left alone, unless an
 * update is asked for, so that the same file can be imported again.
 */
export async function importLinks(
  context: Context,
  workspace: Workspace,
  input: ImportLinksInput,
  options: ImportLinksOptions = {},
): Promise<Result<ImportLinksReport, ValidationRefusal>> {
  const { from = 'csv', content, onExisting = 'skip', dryRun = false } = input;
  if (!linkSources.includes(from))
    return refuseField('from', `must be one of ${linkSources.join(', ')}`);
  const domain = input.domain === undefined ? undefined : normaliseHost(input.domain);
  if (input.domain !== undefined && domain === undefined)
    return refuseField('domain', 'must be a host name, with a port where it is not the usual one');
  const rows = await readLinkRows(content);
  if (!rows.ok) return rows;

  const ignored = new Set<string>();
  const planned: Planned[] = [];
  const refuseRepeated = createRepeatGuard();
  for await (const { row, values } of inSteps(rows.value, linksAtOnce)) {
    const record = readRecord(values);
    const link = readForeignLink[from](record);
    for (const column of record.unread()) ignored.add(column);
    for (const address of addressesOf(from, link, domain)) {
      refuseRepeated(address);
      planned.push({ row, link, address });
    }
  }

  const links: ImportedLink[] = [];
  let stopped = false;
  for (let start = 0; start < planned.length && !stopped; start += linksAtOnce) {
    const part = planned.slice(start, start + linksAtOnce);
    const open = part.filter(({ address }) => address.decided === undefined);
    const inputs = open.map(({ link, address }) => toLinkInput(from, link, address));
    const saved = await saveLinks(context, workspace, inputs, { ...options, onExisting, dryRun });
    if (!saved.ok) return saved;
    const results = saved.value.values();
    for (const { row, link, address } of part)
      links.push(describe(row, link, address, address.decided ?? results.next().value!));
    options.onProgress?.(Math.min(start + linksAtOnce, planned.length), planned.length);
    stopped = options.signal?.aborted === true && start + linksAtOnce < planned.length;
  }
  const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0 };
  for (const { outcome } of links) counts[outcome] += 1;
  return ok({ dryRun, counts, links, ignoredColumns: [...ignored].sort(), stopped });
}

interface Planned {
  readonly row: number;
  readonly link: ForeignLink;
  readonly address: ForeignAddress;
}

/** Asked before anything is written: so a dry run and a run that writes in parts say the same. */
function createRepeatGuard(): (address: ForeignAddress) => void {
  const seen = new Set<string>();
  return (address) => {
    const { domain, key, decided } = address;
    if (decided !== undefined || domain === undefined || key === undefined) return;
    const name = `${domain}/${key}`;
    if (seen.has(name)) {
      const refusal = refuse('link_key_taken', 'The same link is given twice.', {
        key: ['is given twice'],
      });
      address.decided = { outcome: 'refused', refusal };
    }
    seen.add(name);
  };
}

type Decided = NonNullable<ForeignAddress['decided']>;

function describe(
  row: number,
  link: ForeignLink,
  address: ForeignAddress,
  result: SavedLink | Decided,
): ImportedLink {
  const isSaved = result.outcome !== 'refused' && 'link' in result;
  const lost = (link.lost ?? []).map((what) => `${what}: not kept`);
  const limits = 'routing' in emptyLink ? [] : unkept(link);
  const why = 'why' in result ? [result.why] : [];
  const isThere = isSaved && result.outcome === 'skipped' ? ['is here already'] : [];
  return {
    row,
    outcome: result.outcome,
    domain: isSaved ? result.link.domain : address.domain,
    key: isSaved && result.link.key !== '' ? result.link.key : address.key,
    url: link.fields.url,
    linkId: isSaved && result.outcome !== 'created' ? result.link.id : undefined,
    refusal: result.outcome === 'refused' ? result.refusal : undefined,
    notes: [...why, ...isThere, ...(result.outcome === 'refused' ? [] : [...lost, ...limits])],
  };
}

/** Where links have no such settings. */
function unkept({ startAt, clicksMax, expiredUrl }: Parameters<typeof describe>[1]): string[] {
  return [
    ...(startAt === undefined ? [] : ['the time from which it works: not kept']),
    ...(clicksMax === undefined ? [] : ['the limit of its clicks: not kept']),
    ...(expiredUrl === undefined ? [] : ['where it leads when it has expired: not kept']),
  ];
}
