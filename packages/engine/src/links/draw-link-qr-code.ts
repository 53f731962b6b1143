import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink } from './link-store.ts';
import { drawQrCode, qrText } from './qr-code.ts';
import type { QrCode } from './qr-code.ts';
import { readQrOptions } from './qr-options.ts';
import type { QrOptions } from './qr-options.ts';
import { linkNotFound } from './update-link.ts';

export type DrawLinkQrCodeRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'link_not_found' });

/** What is left out has its default. */
export type QrInput = { readonly [Option in keyof QrOptions]?: QrOptions[Option] | undefined };

/** The QR code of a link, whether the link is served now or not: it may be printed before its domain is proven. */
export async function drawLinkQrCode(
  context: Context,
  workspace: Workspace,
  id: string,
  input: QrInput = {},
): Promise<Result<QrCode, DrawLinkQrCodeRefusal>> {
  const options = readQrOptions(input);
  if (!options.ok) return options;
  const link = isUuid(id) ? await findLink(context.database.db, workspace.id, id) : undefined;
  if (link === undefined) return linkNotFound();
  return ok(await drawQrCode(qrText(link, context.options.links?.scheme), options.value));
}
