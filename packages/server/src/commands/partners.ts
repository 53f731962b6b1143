import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { formatMoney } from 'headwater';
import type { CommissionStatus, CreateProgramInput } from 'headwater';
import {
  exportStream,
  payoutShape,
  programParams,
  toBatchResponse,
  toCommissionResponse,
  toOverviewResponse,
  toPartnerResponse,
  toPayoutResponse,
  toProgramInput,
  toProgramResponse,
  toSimulationResponse,
} from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export interface PartnerArguments {
  readonly key: string;
  readonly name: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly program?: string;
  readonly group?: string;
}

export interface SimulationArguments {
  readonly id: string;
  /** A draft of the programme; as it is without one. */
  readonly file?: string | undefined;
  readonly from: Date;
  readonly to: Date;
}

export interface CommissionArguments {
  readonly partner?: string;
  readonly status?: string;
  readonly flagged?: boolean;
  readonly limit: number;
}

type Engine = Parameters<Parameters<typeof withMigratedEngine>[2]>[0];

export async function listPartners(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { limit, search }: { readonly limit: number; readonly search?: string },
): Promise<void> {
  const page = await withMigratedEngine(config, log, (hw) => hw.partners.list({ limit, search }));
  if (!page.ok) throw refused(page);
  const { partners } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(partners.map(toPartnerResponse)));
  else if (partners.length === 0) terminal.print('There are no partners.');
  else
    terminal.print(
      formatTable(
        ['id', 'key', 'name', 'status', 'group'],
        partners.map(({ id, key, name, status, group }) => [id, key, name, status, group ?? '']),
      ),
    );
}

export async function createPartner(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { key, name, externalId, email, program, group }: PartnerArguments,
): Promise<void> {
  const made = await withMigratedEngine(config, log, (hw) =>
    hw.partners.create({ key, name, externalId, email, programId: program, group }),
  );
  if (!made.ok) throw refused(made);
  terminal.print(
    terminal.json ? JSON.stringify(toPartnerResponse(made.value)) : `Done: ${made.value.id}.`,
  );
}

export async function archivePartner(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const archived = await withMigratedEngine(config, log, (hw) => hw.partners.archive(id));
  if (!archived.ok) throw refused(archived);
  terminal.print(
    terminal.json ? JSON.stringify(toPartnerResponse(archived.value)) : `Done: ${id}.`,
  );
}

/** What a partner sees: links, clicks, referrals and earnings. */
export async function showPartner(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const overview = await withMigratedEngine(config, log, async (hw) => {
    await hw.partners.commissions.settle();
    const partner = await partnerOf(hw, id);
    return hw.partners.overview(partner);
  });
  if (terminal.json) {
    terminal.print(JSON.stringify(toOverviewResponse(overview)));
    return;
  }
  const { partner, clicks, leads, customers, balances, links } = overview;
  terminal.print(
    `${partner.name} (${partner.key}): ${clicks} clicks, ${leads} leads, ${customers} customers`,
  );
  for (const { unit, heldMinor, availableMinor, paidMinor } of balances)
    terminal.print(
      `${unit}: ${money(heldMinor, unit)} held, ${money(availableMinor, unit)} available, ${money(paidMinor, unit)} paid`,
    );
  if (links.length > 0)
    terminal.print(
      formatTable(
        ['link', 'clicks', 'leads', 'sales'],
        links.map((link) => [link.shortUrl, `${link.clicks}`, `${link.leads}`, `${link.sales}`]),
        [1, 2, 3],
      ),
    );
}

/** A token for the partner's page, with its path. */
export async function makeToken(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
  hours: number,
): Promise<void> {
  const made = await withMigratedEngine(config, log, (hw) =>
    hw.partners.createToken(id, { expiresIn: { hours } }),
  );
  if (!made.ok) throw refused(made);
  const { token, expiresAt } = made.value;
  terminal.print(
    terminal.json ? JSON.stringify({ token, expires_at: expiresAt.toISOString() }) : token,
  );
}

export async function listPrograms(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const programs = await withMigratedEngine(config, log, (hw) => hw.partners.programs.list());
  if (terminal.json) terminal.print(JSON.stringify(programs.map(toProgramResponse)));
  else if (programs.length === 0) terminal.print('There are no programmes.');
  else
    terminal.print(
      formatTable(
        ['id', 'version', 'name', 'window', 'rules'],
        programs.map(({ id, version, name, windowDays, rules }) => [
          id,
          `${version}`,
          name,
          `${windowDays} d`,
          rules.map((rule) => rule.name).join(', '),
        ]),
        [1],
      ),
    );
}

/** Makes a programme of a JSON file, or the next version of one: the body that the API takes. */
export async function applyProgram(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { file, id }: { readonly file: string; readonly id?: string },
): Promise<void> {
  const input = await readProgram(file);
  const made = await withMigratedEngine(config, log, (hw) =>
    id === undefined ? hw.partners.programs.create(input) : hw.partners.programs.update(id, input),
  );
  if (!made.ok) throw refused(made);
  const { value } = made;
  terminal.print(
    terminal.json
      ? JSON.stringify(toProgramResponse(value))
      : `Done: ${value.id}, version ${value.version}.`,
  );
}

/** What partners would have earned in a period by a draft, beside what they have. Nothing is written. */
export async function simulateProgram(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, file, from, to }: SimulationArguments,
): Promise<void> {
  const draft = file === undefined ? {} : await readProgram(file);
  const simulated = await withMigratedEngine(config, log, async (hw) => {
    await hw.partners.commissions.settle();
    return hw.partners.programs.simulate(id, { ...draft, from, to });
  });
  if (!simulated.ok) throw refused(simulated);
  const rows = simulated.value;
  if (terminal.json) terminal.print(JSON.stringify(toSimulationResponse(rows)));
  else if (rows.length === 0) terminal.print('Nobody would have earned anything.');
  else
    terminal.print(
      formatTable(
        ['partner', 'currency', 'commissions', 'by the draft', 'as it is'],
        rows.map(({ partnerId, unit, commissions, simulatedMinor, actualMinor }) => [
          partnerId,
          unit,
          `${commissions}`,
          money(simulatedMinor, unit),
          money(actualMinor, unit),
        ]),
        [2, 3, 4],
      ),
    );
}

export async function listCommissions(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { partner, status, flagged, limit }: CommissionArguments,
): Promise<void> {
  const page = await withMigratedEngine(config, log, async (hw) => {
    await hw.partners.commissions.settle();
    return hw.partners.commissions.list({
      partnerId: partner,
      // The use case refuses what is no status, with their names.
      status: status as CommissionStatus | undefined,
      flagged,
      limit,
    });
  });
  if (!page.ok) throw refused(page);
  const { commissions } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(commissions.map(toCommissionResponse)));
  else if (commissions.length === 0) terminal.print('There are no commissions.');
  else
    terminal.print(
      formatTable(
        ['id', 'partner', 'for', 'status', 'granted', 'left', 'suspicious'],
        commissions.map((one) => [
          one.id,
          one.partnerId,
          one.trigger,
          one.status,
          `${money(one.grantedMinor, one.unit)} ${one.unit}`,
          `${money(one.netMinor, one.unit)} ${one.unit}`,
          one.flags.map(({ kind }) => kind).join(', '),
        ]),
        [4, 5],
      ),
    );
}

export async function decideCommission(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  {
    id,
    decision,
    note,
  }: {
    readonly id: string;
    readonly decision: 'approved' | 'rejected';
    readonly note?: string | undefined;
  },
): Promise<void> {
  const decided = await withMigratedEngine(config, log, (hw) =>
    hw.partners.commissions.decide(id, { decision, note }),
  );
  if (!decided.ok) throw refused(decided);
  terminal.print(
    terminal.json ? JSON.stringify(toCommissionResponse(decided.value)) : `Done: ${id}.`,
  );
}

/** Takes what partners have available, to be paid. */
export async function makePayouts(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { unit, minimum }: { readonly unit?: string; readonly minimum?: number },
): Promise<void> {
  const made = await withMigratedEngine(config, log, async (hw) => {
    await hw.partners.commissions.settle();
    return hw.partners.payouts.make({
      unit,
      minimumMinor: minimum === undefined ? undefined : BigInt(minimum),
    });
  });
  if (!made.ok) throw refused(made);
  const { id, payouts } = made.value;
  terminal.print(
    terminal.json
      ? JSON.stringify(toBatchResponse(made.value))
      : `Done: ${id}, ${payouts.length} payouts.`,
  );
}

/** The payouts of a batch as lines of a file, on the standard output. */
export async function exportPayouts(
  config: ServerConfig,
  log: Log,
  { batch, format }: { readonly batch: string; readonly format: string },
): Promise<void> {
  if (format !== 'csv' && format !== 'ndjson')
    throw new CommandFailure('--format: csv or ndjson', exitCodes.misused);
  await withMigratedEngine(config, log, async (hw) => {
    const pages = await hw.partners.payouts.export(batch);
    if (pages === undefined) throw new CommandFailure('There is no such batch.', exitCodes.failed);
    for await (const chunk of exportStream(format, payoutShape, pages))
      if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  });
}

export async function markPayout(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  {
    id,
    status,
    reference,
  }: {
    readonly id: string;
    readonly status: 'paid' | 'failed';
    readonly reference?: string | undefined;
  },
): Promise<void> {
  const marked = await withMigratedEngine(config, log, (hw) =>
    hw.partners.payouts.mark(id, { status, reference }),
  );
  if (!marked.ok) throw refused(marked);
  terminal.print(
    terminal.json ? JSON.stringify(toPayoutResponse(marked.value)) : `Done: ${id} is ${status}.`,
  );
}

async function partnerOf(hw: Engine, id: string) {
  const partner = (await hw.partners.get(id)) ?? (await hw.partners.getByKey(id));
  if (partner === undefined)
    throw new CommandFailure('There is no such partner.', exitCodes.failed);
  return partner;
}

async function readProgram(file: string): Promise<CreateProgramInput> {
  let body: unknown;
  try {
    body = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandFailure(`${file}: ${(error as Error).message}`, exitCodes.misused);
  }
  const read = programParams.safeParse(body);
  if (read.success) return toProgramInput(read.data);
  const [issue] = read.error.issues;
  throw new CommandFailure(
    `${file}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    exitCodes.misused,
  );
}

function money(amountMinor: bigint, currency: string): string {
  return formatMoney({ amountMinor, currency });
}
