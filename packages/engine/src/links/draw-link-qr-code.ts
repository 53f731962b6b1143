import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLink } from './link-store.ts';
import { drawQrCode, qrText } from './qr-code.ts';
import type { QrCode } from './qr-code.ts';
import { logoSizeDefault, logoSizeRange } from './qr-code-logo.ts';
import { readLogo } from './qr-logo.ts';
import { readQrOptions } from './qr-options.ts';
import type { QrOptions } from './qr-options.ts';
import { linkNotFound } from './update-link.ts';

export type DrawLinkQrCodeRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'link_not_found' });

/** What is left out has its default. */
export type QrInput = {
  readonly [Option in keyof QrOptions]?: QrOptions[Option] | undefined;
} & {
  /** A PNG that stands in the middle; error correction is then the highest. Nothing is ever fetched. */
  readonly logo?: Uint8Array | undefined;
  /** Percent of the side of the code: 10 to 25. @default 20 */
  readonly logoSize?: number | undefined;
};

/** The QR code of a link, whether the link is served now or not: it may be printed before its domain is proven. */
export async function drawLinkQrCode(
  context: Context,
  workspace: Workspace,
  id: string,
  input: QrInput = {},
): Promise<Result<QrCode, DrawLinkQrCodeRefusal>> {
  const options = readQrOptions(input);
  if (!options.ok) return options;
  const logo = readLogoOf(input);
  if (logo !== undefined && 'code' in logo) return logo;
  const link = isUuid(id) ? await findLink(context.database.db, workspace.id, id) : undefined;
  if (link === undefined) return linkNotFound();
  return ok(await drawQrCode(qrText(link, context.options.links?.scheme), options.value, logo));
}

function readLogoOf({ logo, logoSize = logoSizeDefault }: QrInput) {
  const { min, max } = logoSizeRange;
  if (!Number.isInteger(logoSize) || logoSize < min || logoSize > max)
    return refuseField('logoSize', `must be ${min} to ${max}`);
  if (logo === undefined) return undefined;
  const picture = readLogo(logo);
  return typeof picture === 'string' ? refuseField('logo', picture) : { picture, size: logoSize };
}
