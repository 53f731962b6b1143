import { useState } from 'react';

import type { Partner } from '@headwater/client/api';
import { Button, Group, ScrollArea, SimpleGrid, Tabs, Text } from '@mantine/core';
import { useParams, useSearch } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { useSearchChange } from '../app/use-search-change.ts';
import { formatAmount, formatNumber } from '../format/number.ts';
import { t } from '../messages/messages.ts';
import { StatCard } from '../overview/stat-card.tsx';
import { useMay } from '../session/use-may.ts';
import { Loaded } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { TextLink } from '../ui/text-link.tsx';
import { PartnerBadge } from './partner-badge.tsx';
import { PartnerCommissions, PartnerPayouts } from './partner-earnings.tsx';
import { PartnerCoupons } from './partner-coupons.tsx';
import { PartnerForm } from './partner-form.tsx';
import { PartnerLinks } from './partner-links.tsx';
import { PartnerOwnPage } from './partner-own-page.tsx';
import { partnerTabs } from './partners-search.ts';
import type { PartnerSearch } from './partners-search.ts';
import { usePartnerChange } from './use-partner-change.ts';
import { useProgramNames } from './use-program-names.ts';

const contents = {
  links: PartnerLinks,
  commissions: PartnerCommissions,
  payouts: PartnerPayouts,
  coupons: PartnerCoupons,
  page: PartnerOwnPage,
} as const;

/** One partner: what they bring, what they earn, and what they see of it themselves. */
export function PartnerView() {
  const { id = '' } = useParams({ strict: false });
  const search: PartnerSearch = useSearch({ strict: false });
  const change = useSearchChange<PartnerSearch>();
  const partner = useRead('getPartner', { id }, { keepsPrevious: false });
  return (
    <Loaded query={partner} height={600}>
      {(data) => (
        <Page
          title={data.name}
          description={<Facts partner={data} />}
          actions={<PartnerActions partner={data} />}
        >
          <Numbers id={id} />
          <Panel flush>
            <Tabs
              value={search.tab ?? 'links'}
              onChange={(next) =>
                change({
                  tab: next === 'links' ? undefined : partnerTabs.find((name) => name === next),
                  page: undefined,
                })
              }
              keepMounted={false}
            >
              <ScrollArea type="never">
                <Tabs.List style={{ flexWrap: 'nowrap' }}>
                  {partnerTabs.map((name) => (
                    <Tabs.Tab key={name} value={name} style={{ whiteSpace: 'nowrap' }}>
                      {t.partners.tabs[name]}
                    </Tabs.Tab>
                  ))}
                </Tabs.List>
              </ScrollArea>
              {partnerTabs.map((name) => {
                const Contents = contents[name];
                return (
                  <Tabs.Panel key={name} value={name}>
                    <Contents partner={data} />
                  </Tabs.Panel>
                );
              })}
            </Tabs>
          </Panel>
        </Page>
      )}
    </Loaded>
  );
}

function Facts({ partner }: { readonly partner: Partner }) {
  const programs = useProgramNames();
  const { status, key, email, program_id, group } = partner;
  return (
    <Group gap={8}>
      <PartnerBadge status={status} />
      <Text size="sm" component="span">
        {[`?via=${key}`, email, group].filter((part) => part !== null).join(' · ')}
      </Text>
      {program_id !== null && (
        <TextLink to="/programs/$id" params={{ id: program_id }} size="sm">
          {programs.get(program_id) ?? t.partners.program}
        </TextLink>
      )}
      {program_id === null && t.partners.earnsNothing}
    </Group>
  );
}

function PartnerActions({ partner }: { readonly partner: Partner }) {
  const may = useMay();
  const change = usePartnerChange();
  const [isEditing, setEditing] = useState(false);
  if (!may.write || partner.status === 'archived') return null;
  const isActive = partner.status === 'active';
  return (
    <>
      <Button size="xs" onClick={() => setEditing(true)}>
        {t.actions.edit}
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => (isActive ? change.suspend(partner) : change.activate(partner))}
      >
        {isActive ? t.partners.suspend : t.partners.activate}
      </Button>
      <Button size="xs" color="red" variant="light" onClick={() => change.archive(partner)}>
        {t.partners.archive}
      </Button>
      {isEditing && <PartnerForm partner={partner} onClose={() => setEditing(false)} />}
    </>
  );
}

/** What came of the links, and what there is of each currency. */
function Numbers({ id }: { readonly id: string }) {
  const overview = useRead('getPartnerOverview', { id });
  return (
    <Loaded query={overview} height={90}>
      {({ clicks, leads, customers, balances }) => (
        <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
          <StatCard label={t.links.clicks} value={formatNumber(clicks)} />
          <StatCard label={t.metrics.leads} value={formatNumber(leads)} />
          <StatCard label={t.partners.customers} value={formatNumber(customers)} />
          {balances.map(({ unit, available, held, paid }) => (
            <StatCard
              key={unit}
              label={t.partners.availableIn(unit)}
              value={formatAmount(available, unit)}
              details={t.ledger.heldAndPaid(formatAmount(held, unit), formatAmount(paid, unit))}
            />
          ))}
        </SimpleGrid>
      )}
    </Loaded>
  );
}
