import { useState } from 'react';

import type { Partner, PartnerOverview } from '@headwater/client/api';
import { Button, Group, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconLink } from '@tabler/icons-react';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead, useWrite } from '../api/use-api.ts';
import { formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { columnsOf } from '../ui/column.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { notifyDone } from '../ui/notify.ts';
import { TextLink } from '../ui/text-link.tsx';

type PartnersLink = PartnerOverview['links'][number];

/** The links that a partner earns on. */
export function PartnerLinks({ partner }: { readonly partner: Partner }) {
  const overview = useRead('getPartnerOverview', { id: partner.id });
  const may = useMay();
  const [isCreating, setCreating] = useState(false);
  const create = may.write && partner.status === 'active' && (
    <Button size="xs" onClick={() => setCreating(true)}>
      {t.links.create}
    </Button>
  );
  return (
    <>
      <Loaded
        query={overview}
        height={240}
        isEmpty={({ links }) => links.length === 0}
        empty={
          <EmptyState icon={IconLink} title={t.partners.noLinks} action={create}>
            {t.partners.noLinksHint(partner.key)}
          </EmptyState>
        }
      >
        {({ links }) => (
          <>
            <Group p="md" justify="space-between">
              <Text size="sm" c="dimmed">
                {t.partners.linksHint(partner.key)}
              </Text>
              {create}
            </Group>
            <LinksTable links={links} />
          </>
        )}
      </Loaded>
      {isCreating && <NewLink partner={partner} onClose={() => setCreating(false)} />}
    </>
  );
}

const column = columnsOf<PartnersLink>();

function LinksTable({ links }: { readonly links: readonly PartnersLink[] }) {
  return (
    <DataTable
      label={t.nav.links}
      rows={links}
      rowKey={({ id }) => id}
      minWidth={620}
      columns={[
        column(t.links.link, ({ id, short_url, url }) => (
          <Group gap={4} wrap="nowrap">
            <div>
              <TextLink to="/links/$id" params={{ id }} size="sm" fw={600}>
                {short_url.replace(/^https?:\/\//, '')}
              </TextLink>
              <Text size="xs" c="dimmed" truncate maw={320}>
                {url}
              </Text>
            </div>
            <CopyButton value={short_url} label={t.links.copyOf(short_url)} />
          </Group>
        )),
        column(t.links.clicks, ({ clicks }) => formatNumber(clicks), { align: 'right' }),
        column(t.metrics.leads, ({ leads }) => formatNumber(leads), { align: 'right' }),
        column(t.metrics.sales, ({ sales }) => formatNumber(sales), { align: 'right' }),
      ]}
    />
  );
}

function NewLink(props: { readonly partner: Partner; readonly onClose: () => void }) {
  const { partner, onClose } = props;
  const create = useWrite('createLink', ['getPartnerOverview', 'listLinks']);
  const form = useForm({ initialValues: { url: '', key: partner.key } });
  const refused = fieldErrors(create.error);
  return (
    <FormDialog
      title={t.links.create}
      isOpen
      onClose={onClose}
      submit={t.links.create}
      isBusy={create.isPending}
      fault={create.error}
      onSubmit={form.onSubmit(({ url, key }) =>
        create.mutate(
          {
            body: {
              url,
              link_type: 'referral',
              partner_id: partner.id,
              ...(key !== '' && { key }),
            },
          },
          {
            onSuccess: ({ short_url }) => {
              notifyDone(t.links.createDone(short_url));
              onClose();
            },
          },
        ),
      )}
    >
      <TextInput
        label={t.links.destination}
        type="url"
        required
        placeholder="https://shop.example/"
        data-autofocus
        {...form.getInputProps('url')}
        error={refused['url']}
      />
      <TextInput
        label={t.links.key}
        description={t.codes.codeHint}
        {...form.getInputProps('key')}
        error={refused['key']}
      />
    </FormDialog>
  );
}
