import type { Context } from '../context.ts';
import type { Result } from '../kernel/result.ts';
import type { Tx } from '../store/database.ts';
import { createWorkspaceDirectory } from '../workspaces/workspace-directory.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { archiveLink } from './archive-link.ts';
import { createLink } from './create-link.ts';
import type { CreatedLink, CreateLinkRefusal, LinkInput } from './create-link.ts';
import { getLink } from './get-link.ts';
import type { FieldErrors, LinkChanges } from './link.ts';
import { updateLink } from './update-link.ts';

/** Makes the address that something is handed on by of one that a link leads to; `undefined`: it stays as it is. */
export type Address = (base: string) => string | undefined;

/** Makes the short link of something that is handed on by address: an invitation, a code. All of its destinations carry it. */
export async function mintLink(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  { input, address }: { readonly input: LinkInput; readonly address: Address },
): Promise<Result<CreatedLink, CreateLinkRefusal>> {
  const readdressed = { ...input, ...readdress(input, address) };
  const minted = await createLink(onTransaction(context, tx), workspace, readdressed, { tx });
  if (minted.ok || minted.errors === undefined) return minted;
  // What it is minted with has fields of its own.
  const errors = Object.entries(minted.errors).map(([field, messages]) => [
    `link.${field}`,
    messages,
  ]);
  return { ...minted, errors: Object.fromEntries(errors) as FieldErrors };
}

/** Makes the link lead where its destinations are now, by another address. */
export async function readdressLink(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  { linkId, address }: { readonly linkId: string | null; readonly address: Address },
): Promise<void> {
  if (linkId === null) return;
  const link = await getLink(onTransaction(context, tx), workspace, linkId);
  // Whoever has archived it wants none.
  if (link?.archivedAt !== null) return;
  await updateLink(context, workspace, linkId, readdress(link, address), { tx });
}

/** Ends the link with what it was minted for. */
export async function endMintedLink(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  linkId: string | null,
): Promise<void> {
  if (linkId !== null) await archiveLink(context, workspace, linkId, { tx });
}

/** The embedded database has one connection, and the transaction has it: everything is asked there. */
function onTransaction(context: Context, tx: Tx): Context {
  const database = { ...context.database, db: tx };
  const { workspaces } = context;
  const first = async (): Promise<Workspace> =>
    workspaces.remembered() ?? createWorkspaceDirectory({ ...context, database }).first();
  return { ...context, database, workspaces: { ...workspaces, first } };
}

function readdress(
  { url, iosUrl, androidUrl, geoTargeting }: LinkChanges,
  address: Address,
): LinkChanges & { readonly url: string } {
  const change = (base: string | null | undefined): string | null | undefined =>
    typeof base === 'string' ? (address(base) ?? base) : base;
  return {
    // What is no text is for the rules of links to refuse.
    url: change(url) as string,
    iosUrl: change(iosUrl),
    androidUrl: change(androidUrl),
    ...(typeof geoTargeting === 'object' &&
      geoTargeting !== null && {
        geoTargeting: Object.fromEntries(
          Object.entries(geoTargeting).map(([country, base]) => [country, change(base) as string]),
        ),
      }),
  };
}
