import { useState } from 'react';

import type { Partner, PartnerCoupon } from '@headwater/client/api';
import { Button, Group, Stack, TextInput } from '@mantine/core';
import { IconTicket } from '@tabler/icons-react';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { formatDay } from '../format/time.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { ask } from '../ui/ask.tsx';
import { columnsOf } from '../ui/column.ts';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';

const stale = ['listPartnerCoupons', 'getPartnerOverview'] as const;

/** Codes that name the partner at the till. */
export function PartnerCoupons({ partner }: { readonly partner: Partner }) {
  const coupons = useRead('listPartnerCoupons', { id: partner.id });
  const may = useMay();
  return (
    <Stack gap="sm">
      {may.write && partner.status !== 'archived' && <AddCoupon partner={partner} />}
      <Loaded
        query={coupons}
        height={160}
        empty={
          <EmptyState icon={IconTicket} title={t.partners.noCoupons}>
            {t.partners.noCouponsHint}
          </EmptyState>
        }
      >
        {(rows) => <CouponsTable coupons={rows} mayEnd={may.write} />}
      </Loaded>
    </Stack>
  );
}

function AddCoupon({ partner }: { readonly partner: Partner }) {
  const add = useWrite('addPartnerCoupon', stale);
  const [code, setCode] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(
          { id: partner.id, body: { code } },
          {
            onSuccess: () => setCode(''),
            onError: (fault) => fieldErrors(fault)['code'] === undefined && notifyFault(fault),
          },
        );
      }}
    >
      <Group align="flex-start" gap="xs" p="md" pb={0}>
        <TextInput
          label={t.partners.coupon}
          description={t.partners.couponHint}
          placeholder="ADA10"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.trim())}
          error={fieldErrors(add.error)['code']}
          flex="1 1 220px"
          maw={420}
        />
        <Button type="submit" disabled={code === ''} loading={add.isPending} mt={44}>
          {t.partners.addCoupon}
        </Button>
      </Group>
    </form>
  );
}

const column = columnsOf<PartnerCoupon>();

function CouponsTable(props: {
  readonly coupons: readonly PartnerCoupon[];
  readonly mayEnd: boolean;
}) {
  const { timezone } = useWorkspace();
  const end = useWrite('archivePartnerCoupon', stale);
  const askToEnd = ({ id, partner_id, code }: PartnerCoupon) =>
    ask({
      title: t.partners.endCouponTitle(code),
      hint: t.partners.endCouponHint,
      confirm: t.partners.endCoupon,
      onConfirm: () => end.mutate({ id: partner_id, coupon_id: id }, { onError: notifyFault }),
    });
  return (
    <DataTable
      label={t.partners.tabs.coupons}
      rows={props.coupons}
      rowKey={({ id }) => id}
      minWidth={420}
      columns={[
        column(t.codes.code, ({ code }) => <code>{code}</code>),
        column(t.partners.since, ({ inserted_at }) => formatDay(inserted_at, timezone)),
        ...(props.mayEnd
          ? [
              column(
                t.actions.more,
                (coupon: PartnerCoupon) => (
                  <Button
                    size="compact-xs"
                    variant="light"
                    color="red"
                    aria-label={t.partners.endCouponTitle(coupon.code)}
                    onClick={() => askToEnd(coupon)}
                  >
                    {t.partners.endCoupon}
                  </Button>
                ),
                { align: 'right' },
              ),
            ]
          : []),
      ]}
    />
  );
}
