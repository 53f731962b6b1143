import type { Statement, Transaction } from '../store/connection.ts';
import { quote } from '../store/migrate.ts';

/** What of a touch says whose it may be. */
interface AskedTouch {
  readonly linkId: string | null;
  readonly partner?: { readonly ofLink?: true; readonly id?: string } | undefined;
  readonly source: { readonly partnerKey?: string };
}

export type TouchPartnerStore = ReturnType<typeof createTouchPartnerStore>;

/**
 * Whose arrivals touches are: the partner of their referral link, or the one whom `via` or `ref` names, where they are
 * active in the workspace. Read in the transaction that writes the touches.
 */
export function createTouchPartnerStore(schemaName: string) {
  const schema = quote(schemaName);
  const find: Statement = {
    name: `${schemaName}.find_touch_partners`,
    text: `
select 'link' as by, l.id::text as value, p.id as partner_id from ${schema}.link l
join ${schema}.partner p on p.workspace_id = $1 and p.id = l.partner_id and p.status = 'active'
where l.workspace_id = $1 and l.id = any($2::uuid[]) and l.link_type = 'referral'
union all
select 'key', lower(p.key), p.id from ${schema}.partner p
where p.workspace_id = $1 and lower(p.key) = any($3::text[]) and p.status = 'active'
union all
select 'id', p.id::text, p.id from ${schema}.partner p
where p.workspace_id = $1 and p.id = any($4::uuid[]) and p.status = 'active'`,
  };

  return {
    /** The touches with their partners; asks nobody where none of them could have one. */
    async withPartners<Touch extends AskedTouch>(
      tx: Transaction,
      workspaceId: string,
      touches: readonly Touch[],
    ): Promise<ReadonlyArray<Touch & { readonly partnerId?: string | undefined }>> {
      const asked = touches.filter(mayHavePartner);
      if (asked.length === 0) return touches;
      const distinct = (values: ReadonlyArray<string | null | undefined>): string[] => [
        ...new Set(values.filter((value) => value != null)),
      ];
      const rows = await tx.run<{ by: string; value: string; partner_id: string }>(find, [
        workspaceId,
        distinct(asked.map((touch) => (touch.partner?.ofLink === true ? touch.linkId : null))),
        distinct(asked.map((touch) => touch.source.partnerKey?.toLowerCase())),
        distinct(asked.map((touch) => touch.partner?.id)),
      ]);
      const found = new Map(rows.map((row) => [`${row.by} ${row.value}`, row.partner_id]));
      return touches.map((touch) => {
        const { partner, linkId, source } = touch;
        const id =
          (partner?.id === undefined ? undefined : found.get(`id ${partner.id}`)) ??
          (partner?.ofLink === true ? found.get(`link ${linkId}`) : undefined) ??
          (source.partnerKey === undefined
            ? undefined
            : found.get(`key ${source.partnerKey.toLowerCase()}`));
        return id === undefined ? touch : { ...touch, partnerId: id };
      });
    },
  };
}

function mayHavePartner({ partner, source }: AskedTouch): boolean {
  return partner !== undefined || source.partnerKey !== undefined;
}
